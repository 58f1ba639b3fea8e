"""Firmware for charge points and diagnostics from them."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file on this box. ``kind`` is ``firmware`` or ``upload``."""

    kind: str
    name: str
    size_bytes: int
    stored_at: datetime
    identity: str | None = None


class FileDesk(Protocol):
    """Files for charge points, and from them."""

    async def resolve(self, identity: str, action: str, payload: bytes) -> bytes:
        """``payload`` with a location on this box (``box:NAME``, ``box:``) turned into a URL that
        works once, for this charge point. Every other location, and action, stays as it is.

        Raises:
            ProtocolViolation: There is no such file, or the box serves no files.
        """
        ...

    async def store_firmware(self, name: str, chunks: AsyncIterator[bytes]) -> StoredFile:
        """Keep a firmware file under ``name``. Raises FileRefused."""
        ...

    def files(self) -> Sequence[StoredFile]:
        """Everything on the box, newest first."""
        ...

    def path(self, kind: str, name: str) -> Path | None:
        """Where the file is; None when there is none."""
        ...

    async def remove(self, kind: str, name: str) -> bool:
        """Delete a file; False when there was none."""
        ...


@dataclass(frozen=True, slots=True)
class FileTicket:
    """Somebody holds the secret of an open grant. ``name`` is the firmware file; empty for an
    upload."""

    token: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A firmware file to be sent. ``version`` changes whenever the file does."""

    token: str
    path: Path
    name: str
    size_bytes: int
    version: str


class FileDoor(Protocol):
    """Who may fetch or leave a file, as the servers on the LAN see it."""

    def admit(self, protocol: str, token: str, address: str, user: str = "") -> FileTicket | None:
        """Whose secret this is; None when nothing is granted for it.

        Args:
            protocol: ``http`` or ``ftp``.
            address: Where it comes from, for the log.
            user: The FTP user name.
        """
        ...

    def offer(self, ticket: FileTicket) -> FileOffer | None:
        """The file to send; None when the grant ended or the file is gone."""
        ...

    def sent(self, offer: FileOffer, begin: int, end: int) -> None:
        """Bytes from ``begin`` up to ``end`` were sent; sent whole, the grant ends."""
        ...

    async def take(
        self,
        ticket: FileTicket,
        name: Callable[[], str],
        chunks: AsyncIterator[bytes],
        declared_bytes: int | None = None,
    ) -> StoredFile:
        """Keep what a charge point leaves; then the grant ends. An exception of ``chunks`` keeps
        nothing, and the grant stays open.

        Args:
            name: What the charge point calls it; asked when everything came.
            declared_bytes: Its size, where that is known beforehand.

        Raises:
            FileRefused: One of its kinds; nothing was kept.
            StorageFailed: The disk failed; nothing was kept.
        """
        ...


class IncomingFile(Protocol):
    """A file that is being written; nobody sees it before `keep`."""

    async def write(self, chunk: bytes) -> None:
        """Append ``chunk``. Raises NoRoomForFile when the disk is full, StorageFailed."""
        ...

    async def keep(self, kind: str, name: str, at: datetime) -> None:
        """Put it in its place, durable, whole, instead of what was there; it is as old as ``at``
        says. Raises as `write`."""
        ...

    async def discard(self) -> None:
        """Forget it; does nothing after `keep`."""
        ...


class FileShelf(Protocol):
    """Files on disk, and one note about them."""

    async def load(self) -> Sequence[StoredFile]:
        """Everything that is there. Removes what was being written when the power failed.

        Raises:
            StorageFailed: The folder cannot be used.
        """
        ...

    async def begin(self) -> IncomingFile:
        """Start to write a file. Raises NoRoomForFile when the disk is full, StorageFailed."""
        ...

    async def remove(self, kind: str, name: str) -> bool:
        """Delete a file; False when there was none. Raises StorageFailed."""
        ...

    def path(self, kind: str, name: str) -> Path:
        """Where such a file is."""
        ...

    async def note(self) -> bytes | None:
        """The note as last kept."""
        ...

    async def keep_note(self, note: bytes) -> None:
        """Keep ``note``, durable, in place of the last. Raises as `IncomingFile.write`."""
        ...
