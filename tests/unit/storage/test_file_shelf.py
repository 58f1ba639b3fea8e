"""Files on a real disk: whole, durable, private, or a plain error."""

import asyncio
import os
import stat
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from gateway.errors import NoRoomForFile, StorageFailed
from gateway.ports import StoredFile
from gateway.storage.file_shelf import DiskFile, DiskShelf

T = TypeVar("T")

AT = datetime(2026, 3, 2, 6, 0, 0, 123456, tzinfo=UTC)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


async def shelf_at(folder: Path) -> DiskShelf:
    shelf = DiskShelf(folder)
    await shelf.load()
    return shelf


async def store(shelf: DiskShelf, kind: str, name: str, content: bytes) -> None:
    file = await shelf.begin()
    await file.write(content)
    await file.keep(kind, name, AT)
    await file.discard()


def test_a_file_is_found_again_as_it_was_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = await shelf_at(tmp_path / "a" / "files")
        await store(shelf, "firmware", "fw.bin", b"12345")
        await store(shelf, "upload", "a.log", b"x")
        found = await DiskShelf(tmp_path / "a" / "files").load()
        assert sorted(found, key=lambda file: file.name) == [
            StoredFile("upload", "a.log", 1, AT),
            StoredFile("firmware", "fw.bin", 5, AT),
        ]
        assert shelf.path("firmware", "fw.bin").read_bytes() == b"12345"

    run(scene())


def test_nobody_else_on_the_machine_may_look(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = await shelf_at(tmp_path / "files")
        await shelf.keep_note(b"secret")

    run(scene())
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "files" / "note.json").stat().st_mode) == 0o600


def test_what_was_under_way_when_the_power_failed_is_gone(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = await shelf_at(tmp_path)
        file = await shelf.begin()
        await file.write(b"x" * 100_000)
        assert list((tmp_path / "incoming").iterdir())
        assert not await DiskShelf(tmp_path).load()
        assert not list((tmp_path / "incoming").iterdir())
        await file.discard()

    run(scene())


def test_a_file_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = await shelf_at(tmp_path)
        file = await shelf.begin()
        await file.write(b"x")
        await file.discard()
        await file.discard()
        assert not list((tmp_path / "incoming").iterdir())

    run(scene())


def test_a_link_in_the_folder_is_not_a_file(tmp_path: Path) -> None:
    async def scene() -> None:
        await shelf_at(tmp_path)
        (tmp_path / "firmware" / "passwd").symlink_to("/etc/passwd")
        (tmp_path / "firmware" / "folder").mkdir()
        assert not await DiskShelf(tmp_path).load()

    run(scene())


def test_a_file_is_removed_once(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = await shelf_at(tmp_path)
        await store(shelf, "upload", "a.log", b"x")
        assert await shelf.remove("upload", "a.log")
        assert not await shelf.remove("upload", "a.log")

    run(scene())


def test_a_note_is_replaced_whole(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = await shelf_at(tmp_path)
        assert await shelf.note() is None
        await shelf.keep_note(b"a longer first note")
        await shelf.keep_note(b"second")
        assert await shelf.note() == b"second"
        assert not list((tmp_path / "incoming").iterdir())

    run(scene())


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = await shelf_at(tmp_path)
        part = tmp_path / "incoming" / "x.part"
        part.touch()
        full = await asyncio.to_thread(Path("/dev/full").open, "wb")
        file = DiskFile(shelf, part, full)
        await file.write(b"x")
        with pytest.raises(NoRoomForFile, match="The disk is full"):
            await file.keep("firmware", "fw.bin", AT)
        await file.discard()
        assert not list((tmp_path / "incoming").iterdir())
        assert not list((tmp_path / "firmware").iterdir())

    run(scene())


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"")

    async def scene() -> None:
        shelf = DiskShelf(tmp_path / "files")
        with pytest.raises(StorageFailed, match="The disk failed"):
            await shelf.load()
        with pytest.raises(StorageFailed):
            await shelf.begin()
        with pytest.raises(StorageFailed):
            await shelf.note()

    run(scene())


def test_a_cancelled_writer_harms_nobody(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = await shelf_at(tmp_path)
        file = await shelf.begin()
        writing = asyncio.create_task(file.write(os.urandom(1_000_000)))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await file.discard()
        assert not list((tmp_path / "incoming").iterdir())

    run(scene())
