"""Composition root: every service, built from its ports.

`Gateway` is the product without sockets and files, as simulations run it; `gateway.process` puts it
on this machine.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from gateway.answers.service import AnswerService
from gateway.authorization.service import TagService
from gateway.caps.service import CapService
from gateway.charge_points.service import ChargePointService
from gateway.commands.service import CommandService
from gateway.energy.service import EnergyService
from gateway.local_lists.service import LocalListService
from gateway.metering.service import MeteringService
from gateway.ports import Chance, Clock, Database, Dialler, Meter
from gateway.provisioning.service import ProvisioningService
from gateway.records.service import RecordService
from gateway.runtime.bus import Bus
from gateway.runtime.supervisor import keep
from gateway.site.depot import Site
from gateway.storage.charge_points import SqliteChargePoints
from gateway.storage.charging_profiles import SqliteProfiles
from gateway.storage.documents import SqliteDocuments
from gateway.storage.outbox import SqliteOutbox
from gateway.storage.tag_cache import SqliteTagCache
from gateway.storage.tags import SqliteTags
from gateway.storage.transactions import SqliteTransactions
from gateway.transactions.service import TransactionService
from gateway.upstream.service import UpstreamService

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
        answers = AnswerService(self.bus, clock, self.tags, self._transactions, self._upstream)
        self.charge_points = ChargePointService(
            site, self.bus, clock, chance, answers, self._transactions, self._boots, documents
        )
        self.provisioning = ProvisioningService(site, self.bus, self.charge_points, self.records)
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
        self.provisioning.know(self._known_boots)
        await self.charge_points.load()
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
        await self.provisioning.close()
        await self.local_lists.close()
        await self.charge_points.close()
        await self._upstream.close()
        await self.tags.close()
        await self._caps.close()
        await self.records.close()
