"""Files for charge points, and from them, as files in one folder: `gateway.ports.FileShelf`.

The one rule: a file is written under a name that nobody asks for, made durable, and only then
renamed. Everything that touches the disk runs on a thread.
"""

import asyncio
import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from gateway.errors import NoRoomForFile, StorageFailed
from gateway.files.kinds import FIRMWARE, UPLOAD
from gateway.ports import StoredFile

T = TypeVar("T")

FOLDERS: Final = {FIRMWARE: "firmware", UPLOAD: "uploads"}
INCOMING: Final = "incoming"
NOTE: Final = "note.json"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class DiskShelf:
    """Fulfils `gateway.ports.FileShelf`.

    Args:
        folder: Made where it is missing; readable for nobody else.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    async def load(self) -> Sequence[StoredFile]:
        """Everything in the folders, and nothing left of what was under way."""
        return await _on_disk(self._load)

    async def begin(self) -> "DiskFile":
        """A new file beside the others."""
        part = self._next_part()
        return DiskFile(self, part, await _on_disk(lambda: part.open("xb")))

    async def remove(self, kind: str, name: str) -> bool:
        """Delete the file."""
        return await _on_disk(lambda: _remove(self.path(kind, name)))

    def path(self, kind: str, name: str) -> Path:
        """Where it is, or would be."""
        return self._folder / FOLDERS[kind] / name

    async def note(self) -> bytes | None:
        """The note as last kept."""
        return await _on_disk(lambda: _read(self._folder / NOTE))

    async def keep_note(self, note: bytes) -> None:
        """Replace the note."""
        part = self._next_part()
        await _on_disk(lambda: _replace(self._folder / NOTE, part, note))

    def _next_part(self) -> Path:
        self._count += 1
        return self._folder / INCOMING / f"{self._count}.part"

    def _load(self) -> list[StoredFile]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(self._folder / INCOMING, ignore_errors=True)
        for name in (INCOMING, *FOLDERS.values()):
            (self._folder / name).mkdir(mode=0o700, exist_ok=True)
        return [
            _stored(kind, path)
            for kind, name in FOLDERS.items()
            for path in (self._folder / name).iterdir()
            if path.is_file() and not path.is_symlink()
        ]


class DiskFile:
    """Fulfils `gateway.ports.IncomingFile`. Made by `DiskShelf.begin`."""

    def __init__(self, shelf: DiskShelf, part: Path, file: BinaryIO) -> None:
        self._shelf = shelf
        self._part = part
        self._file = file

    async def write(self, chunk: bytes) -> None:
        """Append ``chunk``."""
        await _on_disk(lambda: self._file.write(chunk))

    async def keep(self, kind: str, name: str, at: datetime) -> None:
        """Flush it to the device, then rename it, then make the name durable."""
        await _on_disk(lambda: self._keep(self._shelf.path(kind, name), at))

    async def discard(self) -> None:
        """Close and delete it; a disk that fails now does no further harm."""
        with suppress(StorageFailed, NoRoomForFile):
            await _on_disk(self._discard)

    def _keep(self, path: Path, at: datetime) -> None:
        with self._file:
            self._file.flush()
            at_ns = (at - EPOCH) // timedelta(microseconds=1) * 1000
            os.utime(self._file.fileno(), ns=(at_ns, at_ns))
            os.fsync(self._file.fileno())
        self._part.replace(path)
        _sync_folder(path.parent)

    def _discard(self) -> None:
        try:
            self._file.close()  # flushes what is left, for which there may be no room
        finally:
            self._part.unlink(missing_ok=True)


async def _on_disk(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(_translated, work)


def _translated(work: Callable[[], T]) -> T:
    with _disk_errors():
        return work()


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in NO_ROOM:
            raise NoRoomForFile("The disk is full.") from exc
        raise StorageFailed(f"The disk failed: {exc.strerror or exc}.") from exc


def _stored(kind: str, path: Path) -> StoredFile:
    found = path.stat()
    stored_at = EPOCH + timedelta(microseconds=found.st_mtime_ns // 1000)
    return StoredFile(kind, path.name, found.st_size, stored_at)


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    _sync_folder(path.parent)
    return True


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _replace(path: Path, part: Path, content: bytes) -> None:
    with open(part, "wb", opener=_private) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync_folder(path.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, stat.S_IRUSR | stat.S_IWUSR)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
