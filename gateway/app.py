"""Composition root: builds every service from its ports, and the process around them.

The only file that knows all rooms. `Gateway` is the product without sockets, as simulations run it;
`run` puts it on this machine.
"""

import asyncio
import logging
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

from drivers.modbus import meter_for
from gateway.authorization.service import TagService
from gateway.caps.service import CapService
from gateway.charge_points.admission import admit
from gateway.charge_points.service import ChargePointService
from gateway.commands.service import CommandService
from gateway.energy.service import EnergyService
from gateway.errors import StartFailed
from gateway.events import Balanced
from gateway.local_lists.service import LocalListService
from gateway.metering.service import MeteringService
from gateway.net import systemd
from gateway.net.client import WebSocketDialler
from gateway.net.server import OcppServer
from gateway.ports import Chance, Clock, Database, Dialler, Meter
from gateway.provisioning.service import ProvisioningService
from gateway.records.service import RecordService
from gateway.runtime.bus import Bus
from gateway.runtime.clock import SystemChance, SystemClock
from gateway.runtime.log import facts
from gateway.runtime.supervisor import keep
from gateway.site.depot import Site
from gateway.storage.charge_points import SqliteChargePoints
from gateway.storage.charging_profiles import SqliteProfiles
from gateway.storage.database import open_database
from gateway.storage.documents import SqliteDocuments
from gateway.storage.outbox import SqliteOutbox
from gateway.storage.tag_cache import SqliteTagCache
from gateway.storage.tags import SqliteTags
from gateway.storage.transactions import SqliteTransactions
from gateway.transactions.service import TransactionService
from gateway.upstream.service import UpstreamService
from gateway.web.calls import CallDesk
from gateway.web.server import WebServer
from gateway.web.tags import TagPages
from gateway.web.view import DepotView

log = logging.getLogger(__name__)

DATABASE_NAME: Final = "gateway.db"


class Gateway:
    """Every service of one depot, over ports: no sockets, no files, no clock of its own."""

    def __init__(
        self,
        site: Site,
        clock: Clock,
        chance: Chance,
        database: Database,
        dialler: Dialler,
        meters: Mapping[str, Meter],
    ) -> None:
        self.site = site
        self.bus = Bus()
        documents = SqliteDocuments(database)
        self.records = RecordService(site, self.bus, clock, documents)
        self._boots = SqliteChargePoints(database)
        ledger = SqliteTransactions(database)
        self._upstream = UpstreamService(
            site, self.bus, clock, chance, dialler, SqliteOutbox(database)
        )
        self.tags = TagService(
            site.authorization,
            SqliteTagCache(database),
            SqliteTags(database),
            documents,
            self._upstream,
            clock,
            self.bus,
        )
        self._transactions = TransactionService(
            site, self.bus, clock, chance, ledger, self.tags, self._upstream
        )
        self.charge_points = ChargePointService(
            site,
            self.bus,
            clock,
            chance,
            self.tags,
            self._transactions,
            self._upstream,
            self._boots,
        )
        self._provisioning = ProvisioningService(site, self.bus, self.charge_points)
        self._caps = CapService(site, self.bus, clock, SqliteProfiles(database))
        self._commands = CommandService(self.bus, self.charge_points, ledger, self._caps, self.tags)
        self.local_lists = LocalListService(
            site, self.bus, clock, self.tags, self.records, self.charge_points
        )
        self._metering = MeteringService(meters, site, self.bus, clock)
        self._energy = EnergyService(site, self.bus, clock, self.charge_points, self._caps)

    async def load(self) -> None:
        """Take up what the database remembers. Call once, before anything connects."""
        await self.records.load()
        self._known_boots = await self._boots.boots()
        self._provisioning.know(set(self._known_boots))
        await self.tags.load()
        await self._caps.load()
        await self._transactions.load()

    async def run(self) -> None:
        """Meter, balance and report, for ever. Ends by cancellation."""
        async with asyncio.TaskGroup() as group:
            if self.site.meters:
                group.create_task(keep("metering", self._metering.run))
            group.create_task(keep("energy", self._energy.run))
            group.create_task(self._upstream.run(self._commands, self._known_boots))

    async def close(self) -> None:
        """Close every connection and stop what runs in the background."""
        await self._provisioning.close()
        await self.local_lists.close()
        await self.charge_points.close()
        await self._upstream.close()
        await self.tags.close()
        await self._caps.close()
        await self.records.close()


def run(site: Site) -> int:
    """Run the gateway on this machine until SIGTERM or SIGINT; returns the exit code.

    Raises:
        StartFailed: A port is taken, or the state directory or its database cannot be used.
    """
    asyncio.run(_serve(site))
    return 0


async def _serve(site: Site) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        database = await open_database(_state_dir(site) / DATABASE_NAME)
        stack.push_async_callback(database.close)
        meters = {name: meter_for(meter) for name, meter in site.meters.items()}
        for meter in meters.values():
            stack.push_async_callback(meter.close)
        clock = SystemClock()
        gateway = Gateway(site, clock, SystemChance(), database, WebSocketDialler(), meters)
        await gateway.load()
        stack.push_async_callback(gateway.close)
        gateway.bus.subscribe(Balanced, lambda _: systemd.watchdog())
        closing = asyncio.Event()
        calls = CallDesk(site.charge_points, gateway.charge_points, closing)
        tags = TagPages(site, gateway.tags, gateway.local_lists)
        web = WebServer(site.web, DepotView(site, gateway.bus, clock), [calls, tags], closing)
        await web.start()
        stack.push_async_callback(web.close)
        server = OcppServer(site.ocpp, partial(admit, site), gateway.charge_points.serve)
        await server.start()
        stack.push_async_callback(server.close)
        log.info("gateway.started", extra=facts(ocpp_port=server.port, web_port=web.port))
        systemd.ready()
        await _until(stop, gateway, web)
        systemd.stopping()
        log.info("gateway.stopping")


async def _until(stop: asyncio.Event, gateway: Gateway, web: WebServer) -> None:
    """Run until ``stop``; a service that ends by itself is an error that ends the process."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(gateway.run()), group.create_task(web.serve())]
        await stop.wait()
        for task in tasks:
            task.cancel()


def _state_dir(site: Site) -> Path:
    try:
        site.state_dir.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise StartFailed(f"the state directory {site.state_dir} cannot be used: {exc}") from exc
    return site.state_dir
