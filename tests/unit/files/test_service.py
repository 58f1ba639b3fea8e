"""The service over a real disk: orders, grants, restarts, clean-up, and a disk that fails."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest

from gateway.errors import (
    FileRefused,
    NoRoomForFile,
    NotGranted,
    ProtocolViolation,
    StorageFailed,
)
from gateway.files.service import FileService
from gateway.ports import FileTicket, StoredFile
from gateway.runtime.clock import SystemChance
from gateway.site.depot import FileListener
from gateway.storage.file_shelf import DiskFile, DiskShelf
from tests.simulation.instruments import SimChance, SimClock
from tests.simulation.loop import simulate
from tests.unit.files.box import (
    LISTENER,
    Addresses,
    FakeRecords,
    SetClock,
    location_in,
    order,
    pieces,
)


class IllFile(DiskFile):
    """A file on such a disk."""

    def __init__(self, shelf: "IllShelf", part: Path, file: BinaryIO) -> None:
        super().__init__(shelf, part, file)
        self._ill = shelf

    async def keep(self, kind: str, name: str, at: datetime) -> None:
        """Or fail."""
        if self._ill.error is not None:
            raise self._ill.error
        await super().keep(kind, name, at)


class IllShelf(DiskShelf):
    """A disk that can be filled, or broken."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.error: Exception | None = None
        self.count = 0

    async def begin(self) -> DiskFile:
        """A file that cannot be kept while the disk is ill."""
        self.count += 1
        part = self.folder / "incoming" / f"ill{self.count}.part"
        return IllFile(self, part, await asyncio.to_thread(part.open, "xb"))

    async def keep_note(self, note: bytes) -> None:
        """Or fail."""
        if self.error is not None:
            raise self.error
        await super().keep_note(note)

    async def remove(self, kind: str, name: str) -> bool:
        """Or fail."""
        if self.error is not None:
            raise self.error
        return await super().remove(kind, name)


class Desk:
    """The service and what it stands on; `again` is the box after a restart."""

    def __init__(self, folder: Path, listener: FileListener | None = LISTENER) -> None:
        self.folder, self.listener = folder, listener
        self.clock, self.records, self.addresses = SetClock(), FakeRecords(), Addresses()
        self.shelf = IllShelf(folder)
        self.service = self.made()

    def made(self) -> FileService:
        service = FileService(
            self.listener,
            self.shelf,
            self.clock,
            SystemChance(),
            self.records,
            self.addresses.ours.get,
            self.addresses.theirs.get,
        )
        service.listening(9080, 2121 if self.listener and self.listener.ftp_port == 0 else None)
        return service

    async def again(self) -> None:
        await self.service.close()
        self.shelf = IllShelf(self.folder)
        self.service = self.made()
        await self.service.load()

    async def hears(self, action: str, location: str, **more: object) -> str:
        payload = order(action, location, **more)
        return location_in(await self.service.resolve("CP-01", action, payload))

    async def ticket(self, location: str = "box:") -> FileTicket:
        url = await self.hears("GetDiagnostics", location)
        found = self.service.admit("http", url.rpartition("/")[2], "127.0.0.1")
        assert found is not None
        return found

    async def leave(self, name: str = "a.log", content: bytes = b"x") -> str:
        stored = await self.service.take(await self.ticket(), lambda: name, pieces(content))
        return stored.name


async def clean(desk: Desk) -> None:
    """One round of the daily clean-up."""
    await desk.service._clean()


def play(
    folder: Path,
    scene: Callable[[Desk], Awaitable[None]],
    listener: FileListener | None = LISTENER,
) -> None:
    async def run() -> None:
        desk = Desk(folder / "files", listener)
        await desk.service.load()
        await scene(desk)
        desk.shelf.error = None
        await desk.service.close()

    asyncio.run(asyncio.wait_for(run(), 20))


def test_a_location_on_the_box_becomes_a_url(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.service.store_firmware("fw.bin", pieces(b"x"))
        fetch = await desk.hears("UpdateFirmware", "box:fw.bin")
        assert re.fullmatch(r"http://127\.0\.0\.1:9080/f/[0-9a-f]{32}/fw\.bin", fetch)
        leave = await desk.hears("GetDiagnostics", "box:")
        assert re.fullmatch(r"http://127\.0\.0\.1:9080/u/[0-9a-f]{32}", leave)
        forced = await desk.hears("GetDiagnostics", "box+ftp:")
        assert re.fullmatch(r"ftp://[0-9a-f]{8}:[0-9a-f]{32}@127\.0\.0\.1:2121/u", forced)

    play(tmp_path, scene)


def test_other_locations_and_actions_pass_unchanged(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        for action in ("UpdateFirmware", "GetDiagnostics", "DataTransfer"):
            payload = b'{ "location":"ftp://x/y" ,"vendor":"\\u00e9" }'
            assert await desk.service.resolve("CP-01", action, payload) is payload

    play(tmp_path, scene)


def test_a_charge_point_that_knows_only_ftp_gets_ftp(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.records.protocols = "FTP, FTPS"
        assert (await desk.hears("GetDiagnostics", "box:")).startswith("ftp://")
        assert (await desk.hears("GetDiagnostics", "box+http:")).startswith("http://")
        desk.records.protocols = "FTP,HTTP"
        assert (await desk.hears("GetDiagnostics", "box:")).startswith("http://")

    play(tmp_path, scene)


def test_the_public_host_goes_before_the_address_that_was_reached(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        assert (await desk.hears("GetDiagnostics", "box:")).startswith("http://box.local:9080/u/")

    play(tmp_path, scene, replace(LISTENER, public_host="box.local"))


def test_what_cannot_be_served_is_a_sentence(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        for action, location, said in (
            ("UpdateFirmware", "box:none.bin", "no firmware file"),
            ("GetDiagnostics", "box+ftp:", "FTP is off"),
            ("GetDiagnostics", "box:name", "nothing more"),
        ):
            with pytest.raises(ProtocolViolation, match=said):
                await desk.hears(action, location)
        desk.addresses.ours.clear()
        with pytest.raises(ProtocolViolation, match="public_host"):
            await desk.hears("GetDiagnostics", "box:")

    play(tmp_path, scene, replace(LISTENER, ftp_port=None))


def test_a_box_without_files_touches_no_disk(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        with pytest.raises(ProtocolViolation, match=r"no \[files\]"):
            await desk.hears("GetDiagnostics", "box:")
        with pytest.raises(FileRefused, match=r"no \[files\]"):
            await desk.service.store_firmware("fw.bin", pieces(b"x"))
        assert not desk.service.files()
        assert desk.service.path("firmware", "fw.bin") is None
        assert not await desk.service.remove("firmware", "fw.bin")

    play(tmp_path, scene, None)
    assert not (tmp_path / "files").exists()


def test_a_firmware_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    async def scene(desk: Desk) -> None:
        await desk.service.store_firmware("fw.bin", pieces(b"first"))
        with pytest.raises(ConnectionResetError):
            await desk.service.store_firmware("fw.bin", broken())
        path = desk.service.path("firmware", "fw.bin")
        assert path is not None
        assert path.read_bytes() == b"first"
        await desk.service.store_firmware("fw.bin", pieces(b"second"))
        assert path.read_bytes() == b"second"
        assert len(desk.service.files()) == 1
        assert not list((desk.folder / "incoming").iterdir())

    play(tmp_path, scene)


@pytest.mark.parametrize("name", ["../x", "", "a b", "x" * 200])
def test_a_firmware_name_that_is_not_plain_is_refused(tmp_path: Path, name: str) -> None:
    async def scene(desk: Desk) -> None:
        with pytest.raises(FileRefused):
            await desk.service.store_firmware(name, pieces(b"x"))

    play(tmp_path, scene)


def test_files_and_grants_outlive_a_restart(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.service.store_firmware("fw.bin", pieces(b"x"))
        name = await desk.leave()
        ticket = await desk.ticket()
        before = desk.service.files()
        await desk.again()
        assert desk.service.files() == before
        assert {file.name: file.identity for file in before} == {"fw.bin": None, name: "CP-01"}
        assert desk.service.admit("http", ticket.token, "127.0.0.1") == ticket
        await desk.service.take(ticket, lambda: "b.log", pieces(b"y"))
        await desk.again()
        assert desk.service.admit("http", ticket.token, "127.0.0.1") is None

    play(tmp_path, scene)


def test_a_fetch_that_used_the_grant_up_is_remembered(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.service.store_firmware("fw.bin", pieces(b"x"))
        token = (await desk.hears("UpdateFirmware", "box:fw.bin")).split("/")[4]
        ticket = desk.service.admit("http", token, "127.0.0.1")
        assert ticket is not None
        offer = desk.service.offer(ticket)
        assert offer is not None
        desk.service.sent(offer, 0, 1)
        assert desk.service.offer(ticket) is None
        await desk.again()
        assert desk.service.offer(ticket) is None

    play(tmp_path, scene)


def test_a_note_that_cannot_be_read_costs_the_grants_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(desk: Desk) -> None:
        await desk.leave()
        await desk.service.close()
        (desk.folder / "note.json").write_bytes(b"{")
        desk.service = desk.made()
        await desk.service.load()
        assert [file.identity for file in desk.service.files()] == [None]

    play(tmp_path, scene)
    assert "files.note_unreadable" in caplog.messages


@pytest.mark.parametrize("error", [NoRoomForFile("full"), StorageFailed("ill")])
def test_an_upload_that_the_disk_refuses_may_be_tried_again(
    tmp_path: Path, error: Exception
) -> None:
    async def scene(desk: Desk) -> None:
        ticket = await desk.ticket()
        desk.shelf.error = error
        with pytest.raises(type(error)):
            await desk.service.take(ticket, lambda: "a", pieces(b"x"))
        assert not desk.service.files()
        desk.shelf.error = None
        await desk.service.take(ticket, lambda: "a", pieces(b"x"))
        assert len(desk.service.files()) == 1

    play(tmp_path, scene)


def test_an_order_is_given_though_the_note_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(desk: Desk) -> None:
        desk.shelf.error = StorageFailed("ill")
        assert await desk.ticket()

    play(tmp_path, scene)
    assert "files.note_not_written" in caplog.messages


def test_of_two_uploads_at_once_the_first_whole_one_is_kept(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        ticket = await desk.ticket()
        go = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b"slow"
            await go.wait()

        waiting = asyncio.create_task(desk.service.take(ticket, lambda: "s", slow()))
        await asyncio.sleep(0)
        kept = await desk.service.take(ticket, lambda: "q", pieces(b"quick"))
        go.set()
        with pytest.raises(NotGranted):
            await waiting
        assert [file.name for file in desk.service.files()] == [kept.name]
        assert not list((desk.folder / "incoming").iterdir())

    play(tmp_path, scene)


def test_uploads_of_the_same_second_and_name_stay_apart(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        names = await asyncio.gather(*(desk.leave(content=bytes([n + 1])) for n in range(5)))
        assert len(set(names)) == 5
        contents = {(desk.folder / "uploads" / name).read_bytes() for name in names}
        assert contents == {bytes([n + 1]) for n in range(5)}

    play(tmp_path, scene)


def test_old_uploads_go_and_firmware_stays(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.service.store_firmware("fw.bin", pieces(b"x"))
        await desk.leave("old.log")
        desk.clock.pass_by(timedelta(days=15))
        young = await desk.leave("young.log")
        token = (await desk.ticket()).token
        desk.clock.pass_by(timedelta(days=16))
        await clean(desk)
        assert {file.name for file in desk.service.files()} == {"fw.bin", young}
        assert token.encode() not in (desk.folder / "note.json").read_bytes()

    play(tmp_path, scene)


class MemoryShelf:
    """Files without a disk, for weeks that pass in no time."""

    def __init__(self, *files: StoredFile) -> None:
        self.kept = {file.name: file for file in files}

    async def load(self) -> Sequence[StoredFile]:
        """All."""
        return list(self.kept.values())

    async def begin(self) -> DiskFile:
        """Nothing is written here."""
        raise NotImplementedError

    async def remove(self, kind: str, name: str) -> bool:
        """Forget it."""
        return self.kept.pop(name, None) is not None

    def path(self, kind: str, name: str) -> Path:
        """Nowhere."""
        return Path(name)

    async def note(self) -> bytes | None:
        """None."""
        return None

    async def keep_note(self, note: bytes) -> None:
        """Not needed here."""


def test_the_box_cleans_up_every_day() -> None:
    async def scene() -> None:
        clock = SimClock()
        shelf = MemoryShelf(StoredFile("upload", "a.log", 1, clock.now().utc, None))
        service = FileService(LISTENER, shelf, clock, SimChance("x"), FakeRecords(), lambda _: None)
        await service.load()
        cleaning = asyncio.create_task(service.run())
        await asyncio.sleep(30 * 86400)
        assert shelf.kept
        await asyncio.sleep(2 * 86400)
        assert not shelf.kept
        cleaning.cancel()
        await service.close()

    simulate(scene)


def test_a_file_that_cannot_be_removed_stays_listed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(desk: Desk) -> None:
        await desk.leave()
        desk.clock.pass_by(timedelta(days=31))
        desk.shelf.error = StorageFailed("ill")
        await clean(desk)
        assert len(desk.service.files()) == 1

    play(tmp_path, scene)
    assert "file.not_removed" in caplog.messages


def test_an_address_that_is_not_the_charge_points_is_let_in_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(desk: Desk) -> None:
        desk.addresses.theirs["CP-01"] = "127.0.0.1"
        token = (await desk.ticket()).token
        for _ in range(3):
            assert desk.service.admit("http", token, "10.0.0.9") is not None

    play(tmp_path, scene)
    assert caplog.messages.count("file.asked_from_elsewhere") == 1


def test_no_secret_reaches_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gateway")
    tokens: list[str] = []

    async def scene(desk: Desk) -> None:
        desk.addresses.theirs["CP-01"] = "10.0.0.1"
        ticket = await desk.ticket()
        tokens.append(ticket.token)
        await desk.service.take(ticket, lambda: "a", pieces(b"x"))

    play(tmp_path, scene)
    assert "upload.stored" in caplog.messages
    told = msgspec.json.encode([getattr(record, "facts", {}) for record in caplog.records])
    assert tokens[0].encode() not in told
