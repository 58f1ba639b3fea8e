"""The gateway on this machine: database, meters, sockets and signals around a `Gateway`."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

from drivers.modbus import meter_for
from gateway.app import Gateway
from gateway.charge_points.admission import admit
from gateway.errors import StartFailed
from gateway.events import Balanced
from gateway.files.service import FileService
from gateway.net import systemd
from gateway.net.client import WebSocketDialler
from gateway.net.ftp import FtpServer
from gateway.net.server import OcppServer
from gateway.runtime.clock import SystemChance, SystemClock
from gateway.runtime.log import facts
from gateway.runtime.supervisor import keep
from gateway.site.depot import FileListener, Site
from gateway.storage.database import open_database
from gateway.storage.file_shelf import DiskShelf
from gateway.web.calls import CallDesk
from gateway.web.file_server import FileServer
from gateway.web.firmware import FirmwarePages
from gateway.web.records import RecordPages
from gateway.web.server import Resource, WebServer
from gateway.web.tags import TagPages
from gateway.web.view import DepotView

log = logging.getLogger(__name__)

DATABASE_NAME: Final = "gateway.db"
FILES_NAME: Final = "files"

Work = Callable[[], Awaitable[None]]


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
        clock, chance = SystemClock(), SystemChance()
        gateway = Gateway(site, clock, chance, database, WebSocketDialler(), meters)
        await gateway.load()
        stack.push_async_callback(gateway.close)
        gateway.bus.subscribe(Balanced, lambda _: systemd.watchdog())
        files = FileService(
            site.files,
            DiskShelf(site.state_dir / FILES_NAME),
            clock,
            chance,
            gateway.records,
            gateway.charge_points.local_host,
        )
        await files.load()
        stack.push_async_callback(files.close)
        work: list[Work] = [gateway.run]
        if site.files is not None:
            work += await _open_files(site.files, files, stack)
        web = _web(site, gateway, files, DepotView(site, gateway.bus, clock))
        await web.start()
        stack.push_async_callback(web.close)
        server = OcppServer(site.ocpp, partial(admit, site), gateway.charge_points.serve)
        await server.start()
        stack.push_async_callback(server.close)
        log.info("gateway.started", extra=facts(ocpp_port=server.port, web_port=web.port))
        systemd.ready()
        await _until(stop, [*work, web.serve])
        systemd.stopping()
        log.info("gateway.stopping")


def _web(site: Site, gateway: Gateway, files: FileService, view: DepotView) -> WebServer:
    """The page and the API."""
    closing = asyncio.Event()
    charge_points = gateway.charge_points
    resources: list[Resource] = [
        CallDesk(site.charge_points, charge_points, files, closing),
        RecordPages(site.charge_points, gateway.records, charge_points, gateway.provisioning),
        TagPages(site, gateway.tags, gateway.local_lists),
        FirmwarePages(files),
    ]
    return WebServer(site.web, view, resources, closing)


async def _open_files(
    listener: FileListener, files: FileService, stack: AsyncExitStack
) -> list[Work]:
    """Listen for charge points that fetch firmware and leave diagnostics; gives what must run."""
    http, ftp = FileServer(listener, files), FtpServer(listener, files)
    await http.start()
    stack.push_async_callback(http.close)
    await ftp.start()
    stack.push_async_callback(ftp.close)
    files.listening(http.port, ftp.port)
    log.info("files.listening", extra=facts(http_port=http.port, ftp_port=ftp.port))
    return [partial(keep, "files", files.run), http.serve]


async def _until(stop: asyncio.Event, work: list[Work]) -> None:
    """Run until ``stop``; a service that ends by itself is an error that ends the process."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_coroutine(one)) for one in work]
        await stop.wait()
        for task in tasks:
            task.cancel()


async def _coroutine(work: Work) -> None:
    await work()


def _state_dir(site: Site) -> Path:
    try:
        site.state_dir.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise StartFailed(f"the state directory {site.state_dir} cannot be used: {exc}") from exc
    return site.state_dir
