"""Fulfils `gateway.ports.FileDesk` for people and `gateway.ports.FileDoor` for the LAN.

Grants are kept on disk too: a charge point that was told to update tonight finds its file although
the box restarted in between.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from gateway.errors import FileRefused, NoRoomForFile, NotGranted, ProtocolViolation, StorageFailed
from gateway.files.grants import Grant, Grants, expiry, fetches
from gateway.files.kinds import FIRMWARE, FTP, UPLOAD
from gateway.files.names import name_fault, upload_name
from gateway.files.note import Note, read_note, write_note
from gateway.files.orders import Order, order_fault, read_order, with_location
from gateway.files.ranges import Span
from gateway.files.stock import FileKey, Kept, Stock
from gateway.files.urls import choose_protocol, url_of
from gateway.ports import Chance, Clock, FileOffer, FileShelf, FileTicket, RecordDesk, StoredFile
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import FileListener

log = logging.getLogger(__name__)

CLEANED_EVERY_S: Final = 86400.0
PROTOCOLS_KEY: Final = "SupportedFileTransferProtocols"
USER_LENGTH: Final = 8
NO_FILES: Final = "This box serves no files: the site file has no [files]."
UNUSABLE: Final = "PropertyConstraintViolation"


class FileService:
    """Everything on the box, and who may have it.

    Args:
        listener: None: the box serves no files.
        reached_at: The address of this box at which a charge point reached it.
        comes_from: The address of a charge point, to tell where others use its grants.
    """

    def __init__(
        self,
        listener: FileListener | None,
        shelf: FileShelf,
        clock: Clock,
        chance: Chance,
        records: RecordDesk,
        reached_at: Callable[[str], str | None],
        comes_from: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._listener = listener
        self._shelf = shelf
        self._clock = clock
        self._chance = chance
        self._records = records
        self._reached_at = reached_at
        self._comes_from = comes_from
        self._http_port = listener.port if listener is not None else 0
        self._ftp_port = listener.ftp_port if listener is not None else None
        limits = listener or FileListener()
        self._stock = Stock(limits.max_file_bytes, limits.quota_bytes)
        self._grants = Grants()
        self._tasks = TaskKeeper()
        self._noting = asyncio.Lock()

    def listening(self, http_port: int, ftp_port: int | None) -> None:
        """The servers listen there; matters where the site file says 0."""
        self._http_port, self._ftp_port = http_port, ftp_port

    async def load(self) -> None:
        """Take up what is on the disk. Raises StorageFailed."""
        if self._listener is None:
            return
        note = read_note(await self._shelf.note())
        if note is None:
            log.warning("files.note_unreadable")
            note = Note()
        self._grants = Grants(note.grants)
        for file in await self._shelf.load():
            key = FileKey(file.kind, file.name)
            sender = note.senders.get(file.name) if file.kind == UPLOAD else None
            self._stock.put([Kept(key, file.size_bytes, file.stored_at, sender)])

    async def run(self) -> None:
        """Clean up, once a day, for ever."""
        while True:
            await self._clean()
            await asyncio.sleep(CLEANED_EVERY_S)

    async def close(self) -> None:
        """Write what is not written yet."""
        if self._listener is not None:
            await self._write_note()
        await self._tasks.cancel()

    async def resolve(self, identity: str, action: str, payload: bytes) -> bytes:
        """``payload`` with a location on this box turned into a URL for this charge point.

        Raises:
            ProtocolViolation: There is no such file, or no way to it.
        """
        order = read_order(action, payload)
        if order is None:
            return payload
        url = self._grant(identity, order)
        await self._write_note()
        return with_location(action, payload, url)

    async def store_firmware(self, name: str, chunks: AsyncIterator[bytes]) -> StoredFile:
        """Keep a firmware file. One under the same name goes when the new one is whole.

        Raises:
            FileRefused: One of its kinds.
            StorageFailed: The disk failed.
        """
        if self._listener is None:
            raise FileRefused(NO_FILES)
        if fault := name_fault(name):
            raise FileRefused(fault)
        key = FileKey(FIRMWARE, name)
        stored = await self._receive(chunks, None, lambda: key, key)
        log.info("firmware.stored", extra=facts(name=name, size_bytes=stored.size_bytes))
        return stored

    def files(self) -> Sequence[StoredFile]:
        """Newest first."""
        return [_shown(file) for file in self._stock.newest_first()]

    def path(self, kind: str, name: str) -> Path | None:
        """Where it is; None when there is none."""
        is_here = self._stock.find(FileKey(kind, name)) is not None
        return self._shelf.path(kind, name) if is_here else None

    async def remove(self, kind: str, name: str) -> bool:
        """Delete it, and the grants to fetch it. Raises StorageFailed."""
        if self._stock.find(FileKey(kind, name)) is None:
            return False
        await self._shelf.remove(kind, name)
        self._stock.drop(FileKey(kind, name))
        if kind == FIRMWARE:
            self._grants.close_firmware(name)
        await self._write_note()
        log.info("file.removed", extra=facts(kind=kind, name=name))
        return True

    def admit(self, protocol: str, token: str, address: str, user: str = "") -> FileTicket | None:
        """Whose secret this is; a foreign address is told in the log, once."""
        grant = self._grants.find(token, self._clock.now().utc)
        if grant is None or grant.protocol != protocol or grant.user != user:
            return None
        expected = self._comes_from(grant.identity)
        if expected not in (None, address) and self._grants.is_news(token, address):
            told = facts(charge_point=grant.identity, its_address=expected, address=address)
            log.warning("file.asked_from_elsewhere", extra=told)
        return FileTicket(grant.token, grant.kind, grant.name)

    def offer(self, ticket: FileTicket) -> FileOffer | None:
        """The firmware file to send."""
        grant = self._grants.find(ticket.token, self._clock.now().utc)
        file = self._stock.find(FileKey(FIRMWARE, ticket.name))
        if grant is None or grant.kind != FIRMWARE or file is None:
            return None
        path = self._shelf.path(FIRMWARE, ticket.name)
        return FileOffer(grant.token, path, ticket.name, file.size_bytes, file.version)

    def sent(self, offer: FileOffer, begin: int, end: int) -> None:
        """Sent whole, it counts, and the grant may end."""
        grant = self._grants.find(offer.token, self._clock.now().utc)
        version, size, span = offer.version, offer.size_bytes, Span(begin, end)
        if grant is None or not self._grants.sent(offer.token, version, size, span):
            return
        left = grant.fetches_left - 1
        told = facts(charge_point=grant.identity, name=offer.name, fetches_left=left)
        log.info("firmware.fetched", extra=told)
        self._tasks.start(self._write_note(), "files.note")

    async def take(
        self,
        ticket: FileTicket,
        name: Callable[[], str],
        chunks: AsyncIterator[bytes],
        declared_bytes: int | None = None,
    ) -> StoredFile:
        """Keep what a charge point leaves; the first whole file ends the grant."""
        grant = self._upload_grant(ticket.token)

        def place() -> FileKey:
            self._upload_grant(ticket.token)
            self._grants.close(ticket.token)
            at = self._clock.now().utc
            taken = self._stock.taken_names()
            return FileKey(UPLOAD, upload_name(grant.identity, at, name(), taken))

        try:
            stored = await self._receive(chunks, declared_bytes, place, None, grant.identity)
        except (NoRoomForFile, StorageFailed):
            self._grants.give(grant)
            raise
        await self._write_note()
        told = facts(charge_point=grant.identity, name=stored.name, size_bytes=stored.size_bytes)
        log.info("upload.stored", extra=told)
        return stored

    def _upload_grant(self, token: str) -> Grant:
        grant = self._grants.find(token, self._clock.now().utc)
        if grant is None or grant.kind != UPLOAD:
            raise NotGranted("No file is expected here.")
        return grant

    async def _receive(
        self,
        chunks: AsyncIterator[bytes],
        declared_bytes: int | None,
        place: Callable[[], FileKey],
        replaced: FileKey | None,
        identity: str | None = None,
    ) -> StoredFile:
        """Write ``chunks`` to where ``place`` says once they are complete."""
        declared = declared_bytes or 0
        self._stock.check(declared, declared, replaced)
        incoming = await self._shelf.begin()
        size, name = 0, ""
        try:
            async for chunk in chunks:
                size += len(chunk)
                self._stock.arrive(len(chunk))
                self._stock.check(size, replaced=replaced)
                await incoming.write(chunk)
            if size == 0:
                raise FileRefused("The file is empty.")
            key = place()
            name = key.name
            self._stock.reserve(name)
            at = self._clock.now().utc
            await incoming.keep(key.kind, name, at)
            kept = Kept(key, size, at, identity)
            self._stock.put([kept])
            return _shown(kept)
        finally:
            self._stock.settle(size, name)
            await incoming.discard()

    def _grant(self, identity: str, order: Order) -> str:
        """Open a grant for ``order``; returns its URL. Raises ProtocolViolation."""
        if self._listener is None:
            raise ProtocolViolation(UNUSABLE, NO_FILES)
        has_ftp = self._ftp_port is not None
        host = self._listener.public_host or self._reached_at(identity)
        has_file = self._stock.find(FileKey(FIRMWARE, order.name)) is not None
        fault = order_fault(order, has_file=has_file, has_ftp=has_ftp, has_host=host is not None)
        if host is None or fault:
            raise ProtocolViolation(UNUSABLE, fault)
        supported = self._records.configuration(identity).words(PROTOCOLS_KEY)
        protocol = order.protocol or choose_protocol(supported, has_ftp=has_ftp)
        grant = Grant(
            token=self._chance.secret(),
            identity=identity,
            kind=order.kind,
            protocol=protocol,
            expires_at=expiry(self._clock.now().utc, order.begins_at),
            name=order.name,
            user=self._chance.secret()[:USER_LENGTH] if protocol == FTP else "",
            fetches_left=fetches(order.retries),
        )
        self._grants.give(grant)
        told = facts(charge_point=identity, kind=order.kind, name=order.name, protocol=protocol)
        log.info("file.granted", extra=told)
        return url_of(grant, host, self._http_port, self._ftp_port)

    async def _clean(self) -> None:
        """Remove uploads that are too old and grants whose time is over."""
        if self._listener is None:
            return
        now = self._clock.now().utc
        self._grants.expire(now)
        oldest = now - timedelta(days=self._listener.keep_days)
        for file in self._stock.uploads_before(oldest):
            try:
                await self.remove(*file.key)
            except StorageFailed as exc:
                log.warning("file.not_removed", extra=facts(name=file.key.name, reason=str(exc)))
        await self._write_note()

    async def _write_note(self) -> None:
        """A note that cannot be written is told of and does no harm before the next restart."""
        async with self._noting:
            note = write_note(Note(self._grants.all(), self._stock.senders()))
            try:
                await self._shelf.keep_note(note)
            except (NoRoomForFile, StorageFailed) as exc:
                log.warning("files.note_not_written", extra=facts(reason=str(exc)))


def _shown(file: Kept) -> StoredFile:
    return StoredFile(file.key.kind, file.key.name, file.size_bytes, file.stored_at, file.identity)
