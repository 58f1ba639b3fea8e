"""A box with files on a disk and real servers on loopback, on a thread of its own."""

import asyncio
import contextlib
import gc
import http.client
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from gateway.files.service import FileService
from gateway.net.ftp import FtpServer
from gateway.ports import FileShelf, Moment
from gateway.records.configuration import Configuration, Entry
from gateway.records.local_list import LocalList
from gateway.runtime.clock import SystemChance
from gateway.site.depot import FileListener
from gateway.storage.file_shelf import DiskShelf
from gateway.web.file_server import FileServer
from gateway.web.lan_connection import Patience

T = TypeVar("T")

WAIT_S: Final = 10.0
"""Bound of every wait here; nothing takes that long."""

KB: Final = 1024
LISTENER: Final = FileListener(
    host="127.0.0.1",
    port=0,
    ftp_port=0,
    max_file_bytes=600 * KB,
    quota_bytes=1000 * KB,
    keep_days=30,
)


@dataclass
class SetClock:
    """A clock that moves when it is told to."""

    utc: datetime = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

    def now(self) -> Moment:
        return Moment(self.utc, 1000.0)

    def pass_by(self, span: timedelta) -> None:
        self.utc += span


@dataclass
class FakeRecords:
    """What charge points said of themselves: nothing, or which protocols they know."""

    protocols: str | None = None

    def configuration(self, identity: str) -> Configuration:
        if self.protocols is None:
            return Configuration()
        return Configuration(keys={"SupportedFileTransferProtocols": Entry(value=self.protocols)})

    def local_list(self, identity: str) -> LocalList:
        return LocalList()

    def document(self, identity: str, kind: str) -> bytes | None:
        return None


@dataclass
class Addresses:
    """Where charge points reach us, and where they come from."""

    ours: dict[str, str] = field(default_factory=lambda: {"CP-01": "127.0.0.1"})
    theirs: dict[str, str] = field(default_factory=dict)


async def pieces(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    """``content``, a little at a time."""
    for begin in range(0, len(content), size):
        yield content[begin : begin + size]


def order(action: str = "UpdateFirmware", location: str = "box:fw.bin", **more: Any) -> bytes:
    """A CALL's payload."""
    times = {"retrieveDate": "2026-03-02T06:00:00Z"} if action == "UpdateFirmware" else {}
    return msgspec.json.encode({"location": location, **times, **more})


def location_in(payload: bytes) -> str:
    """What the charge point hears."""
    return str(msgspec.json.decode(payload)["location"])


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, read whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def request(
    url: str,
    method: str = "GET",
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One request on a connection of its own."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=WAIT_S)
    try:
        connection.request(method, parts.path, body, dict(headers or {}))
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


class Box:
    """The service, its servers, and a loop to run them on."""

    def __init__(
        self,
        folder: Path,
        listener: FileListener = LISTENER,
        patience: Patience | None = None,
        clock: SetClock | None = None,
        shelf: FileShelf | None = None,
    ) -> None:
        self.folder = folder
        self.clock = clock or SetClock()
        self.records = FakeRecords()
        self.addresses = Addresses()
        self.service = FileService(
            listener,
            shelf or DiskShelf(folder),
            self.clock,
            SystemChance(),
            self.records,
            self.addresses.ours.get,
            self.addresses.theirs.get,
        )
        self.http = FileServer(listener, self.service, patience)
        self.ftp = FtpServer(listener, self.service)
        self.problems: list[dict[str, Any]] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def open(self) -> None:
        """Start everything."""
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda _, context: self.problems.append(context))
        self._thread.start()
        assert self._ready.wait(WAIT_S)

    def close(self) -> None:
        """End everything; fails when it does not end. Safe to call twice."""
        if not self._thread.is_alive():
            return
        with contextlib.suppress(asyncio.CancelledError):
            self.do(self._stop())
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()
        gc.collect()  # tasks that failed unseen say so now
        assert not self.problems, self.problems

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` on the servers' loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(WAIT_S)

    def store(self, name: str, content: bytes) -> None:
        """Put a firmware file on the box."""
        self.do(self.service.store_firmware(name, pieces(content)))

    def fetch_url(self, location: str = "box:fw.bin", **more: Any) -> str:
        """What CP-01 hears in an UpdateFirmware.req."""
        payload = order("UpdateFirmware", location, **more)
        return location_in(self.do(self.service.resolve("CP-01", "UpdateFirmware", payload)))

    def leave_url(self, location: str = "box:") -> str:
        """What CP-01 hears in a GetDiagnostics.req."""
        payload = order("GetDiagnostics", location)
        return location_in(self.do(self.service.resolve("CP-01", "GetDiagnostics", payload)))

    def uploads(self) -> dict[str, bytes]:
        """What was left on the box."""
        return {path.name: path.read_bytes() for path in (self.folder / "uploads").iterdir()}

    async def until_left(self, count: int) -> None:
        """Wait until so many uploads are on the box."""
        async with asyncio.timeout(WAIT_S):
            while len(self.service.files()) < count:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)

    def leftovers(self) -> list[Path]:
        """What should not be there when nothing is under way."""
        return list((self.folder / "incoming").iterdir())

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        await self.service.load()
        await self.http.start()
        await self.ftp.start()
        self.service.listening(self.http.port, self.ftp.port)
        self._stopped = asyncio.Event()
        self._ready.set()
        await self.http.serve()
        await self._stopped.wait()

    async def _stop(self) -> None:
        await self.http.close()
        await self.ftp.close()
        await self.service.close()
        self._stopped.set()


@contextlib.contextmanager
def box(
    folder: Path,
    patience: Patience | None = None,
    clock: SetClock | None = None,
    shelf: FileShelf | None = None,
    **changes: Any,
) -> Iterator[Box]:
    """A box that runs while the block does."""
    opened = Box(folder, replace(LISTENER, **changes), patience, clock, shelf)
    opened.open()
    try:
        yield opened
    finally:
        opened.close()
