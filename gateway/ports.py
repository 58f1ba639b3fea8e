"""What the services need from the world, and from each other, as Protocols that adapters fulfil.

A service knows these names and no adapter; an adapter knows these names and no service.
"""

import enum
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from gateway.authorization.decide import CachedTag, TagDecision
from gateway.metering.sample import Reading
from gateway.ocpp.calls import Caller, CallOutcome
from gateway.ocpp.v16.conversation import Request
from gateway.ocpp.v16.messages import IdTagInfo
from gateway.provisioning.compare import Comparison
from gateway.records.configuration import Configuration
from gateway.records.local_list import LocalList
from gateway.site.depot import BootPolicy, ConnectorKey, Tag
from gateway.transactions.ledger import Begun, Ended, StartRequest, StopRequest, Transaction
from gateway.upstream.backlog import Outgoing, StoredMessage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks. Deadlines use ``monotonic_s``; wire fields use ``utc``."""

    utc: datetime
    monotonic_s: float


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> Moment:
        """This instant. ``utc`` is timezone-aware."""
        ...


class Chance(Protocol):
    """The only source of chance."""

    def unique_id(self) -> str:
        """An OCPP-J message id, never given before; at most 36 characters."""
        ...

    def transaction_id(self) -> int:
        """A candidate for a local transaction id: unguessable, 1 to 2**31 - 1."""
        ...

    def secret(self) -> str:
        """32 characters, hexadecimal digits or the like, that nobody can guess: 128 random bits."""
        ...

    def fraction(self) -> float:
        """A number from 0.0 up to, not including, 1.0; for jitter."""
        ...


class Channel(Protocol):
    """An open link that carries whole text messages, in order."""

    async def send(self, text: str) -> None:
        """Hand ``text`` to the link. Raises ChannelClosed when it is gone."""
        ...

    async def receive(self) -> str:
        """The next message. Raises ChannelClosed when the link is gone."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the link; safe to call twice."""
        ...


class Dialler(Protocol):
    """Opens links to the cloud."""

    async def dial(self, url: str, identity: str, password: bytes | None) -> Channel:
        """Connect as ``identity`` to ``url/<identity>``. Raises UpstreamOffline."""
        ...


class Meter(Protocol):
    """One meter on the wall."""

    async def read(self) -> Reading:
        """Read it once. Raises MeterSilent. Never returns values of another request."""
        ...

    async def close(self) -> None:
        """Let go of the line."""
        ...


class Database(Protocol):
    """One writer. ``work`` runs whole inside one transaction, or not at all."""

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` and return its result once that is durable.

        An exception of ``work`` undoes only its own writes. Cancelling the waiter tears nothing.
        Raises StorageFailed when the device fails.
        """
        ...


class TransactionStore(Protocol):
    """The ledger on disk. Each write takes the cloud's message into the same commit."""

    async def begin(
        self, start: StartRequest, local_transaction_id: int, report: Outgoing | None, now: datetime
    ) -> Begun:
        """Record a start and the message that reports it, or find the start it retries.

        ``report.local_transaction_id`` is filled in by the store. Should the candidate id be taken,
        the next free one is used.
        """
        ...

    async def end(self, stop: StopRequest, report: Outgoing | None) -> Ended:
        """Record a stop and the message that reports it; a retry adds nothing."""
        ...

    async def find(self, local_transaction_id: int) -> Transaction | None:
        """The transaction with our id."""
        ...

    async def find_by_cloud_id(
        self, identity: str, cloud_transaction_id: int
    ) -> Transaction | None:
        """The newest transaction of ``identity`` that the cloud calls ``cloud_transaction_id``."""
        ...

    async def open_transactions(self) -> Sequence[Transaction]:
        """Every transaction without a stop, oldest first."""
        ...


class Outbox(Protocol):
    """Messages that wait for the cloud, on disk."""

    async def append(self, message: Outgoing) -> None:
        """Store ``message`` behind all others of its identity."""
        ...

    async def head(self, identity: str, limit: int) -> Sequence[StoredMessage]:
        """The oldest ``limit`` messages of ``identity``, in order."""
        ...

    async def delivered(self, seq: int, cloud_transaction_id: int | None) -> None:
        """The cloud answered: forget the message; keep the id that it gave a StartTransaction."""
        ...

    async def refused(self, seq: int, reason: str, *, give_up: bool) -> None:
        """The cloud answered with an error: count it; ``give_up`` sets it aside for a person."""
        ...

    async def waiting(self) -> Mapping[str, int]:
        """How many messages wait, by identity; identities without any are absent."""
        ...


class TagCache(Protocol):
    """What the cloud said of idTags, on disk."""

    async def load(self) -> Sequence[CachedTag]:
        """Everything remembered."""
        ...

    async def remember(self, tag: CachedTag) -> None:
        """Keep ``tag`` in place of what was known of it."""
        ...

    async def clear(self) -> None:
        """Forget all."""
        ...


class ChargePointStore(Protocol):
    """What outlives a restart about each charge point."""

    async def boots(self) -> Mapping[str, bytes]:
        """The last BootNotification.req of each identity, as it was sent."""
        ...

    async def remember_boot(self, identity: str, payload: bytes) -> None:
        """Keep ``payload`` as the last BootNotification.req of ``identity``."""
        ...


@dataclass(frozen=True, slots=True)
class CloudProfile:
    """A charging profile that the cloud set; ``payload`` is its csChargingProfiles object."""

    identity: str
    connector_id: int
    payload: bytes


class ProfileStore(Protocol):
    """The cloud's charging profiles, on disk."""

    async def load(self) -> Sequence[CloudProfile]:
        """All of them."""
        ...

    async def replace(self, identity: str, profiles: Sequence[CloudProfile]) -> None:
        """Make ``profiles`` all that is kept for ``identity``."""
        ...


class TagStore(Protocol):
    """The tags that people keep on this box, on disk."""

    async def load(self) -> Sequence[Tag]:
        """All of them."""
        ...

    async def change(self, put: Sequence[Tag], remove: Sequence[str]) -> None:
        """Add or replace ``put`` and forget the idTags ``remove``, all in one commit."""
        ...


class DocumentStore(Protocol):
    """Small documents about charge points, on disk; ``kind`` names what a document is."""

    async def load(self, kind: str) -> Mapping[str, bytes]:
        """Every document of ``kind``, by identity."""
        ...

    async def keep(self, identity: str, kind: str, document: bytes) -> None:
        """Keep ``document`` in place of what was kept."""
        ...


class TagDesk(Protocol):
    """Decides tags."""

    def decide_now(self, identity: str, id_tag: str) -> TagDecision | None:
        """What is known on site without asking anybody; None when the cloud must be asked."""
        ...

    async def decide(self, identity: str, id_tag: str, request: bytes | None = None) -> TagDecision:
        """Ask every layer in turn; answers within the cloud's deadline.

        Args:
            request: The Authorize.req as it came, which is then what the cloud sees.
        """
        ...


class TagRegister(Protocol):
    """The tags that people keep on site."""

    def tags(self) -> Sequence[Tag]:
        """Those of the site file, then those kept on this box that the site file does not name."""
        ...

    async def change_tags(self, put: Sequence[Tag], remove: Sequence[str]) -> None:
        """Add or replace, and forget, tags kept on this box. Those of the site file stay in force.

        Raises:
            StorageFailed: Nothing was changed.
        """
        ...

    def local_list(self, identity: str) -> Mapping[str, IdTagInfo]:
        """What the local authorization list of this charge point is to say, by idTag: the tags kept
        on site that are valid there, and the list that the cloud sent it."""
        ...


class CloudLists(Protocol):
    """Keeps the local authorization lists that the cloud sends, one for each charge point.

    The charge point never sees them as they are: it gets one list, under our own versions.
    """

    async def send_local_list(self, identity: str, payload: bytes) -> bytes:
        """SendLocalList.req of the cloud to its conf."""
        ...

    def local_list_version(self, identity: str) -> bytes:
        """GetLocalListVersion.conf: the version that the cloud gave last; 0 without one."""
        ...


@dataclass(frozen=True, slots=True)
class ListSync:
    """What became of an attempt to bring a charge point's local list up to date.

    Args:
        outcome: ``up-to-date``, ``not-supported``, ``offline``, ``refused`` or ``no-answer``.
        version: The version that it holds now; None when unknown.
        sent: SendLocalList.req that were sent.
        left_out: idTags that found no room in it.
    """

    outcome: str
    version: int | None
    sent: int
    left_out: tuple[str, ...] = ()


class LocalListDesk(Protocol):
    """Brings local authorization lists up to date."""

    async def sync(self, identity: str, *, full: bool = False, caller: Caller) -> ListSync:
        """Send what is missing, or everything anew when ``full``."""
        ...


class RecordDesk(Protocol):
    """What is known of each charge point from what was said on the line."""

    def configuration(self, identity: str) -> Configuration:
        """As last read or written; empty before."""
        ...

    def local_list(self, identity: str) -> LocalList:
        """The list that it holds."""
        ...

    def document(self, identity: str, kind: str) -> bytes | None:
        """The record called ``kind`` as a JSON object; None when there is no such kind."""
        ...


class DesiredDesk(Protocol):
    """What the site wants of charge points."""

    def comparison(self, identity: str) -> Sequence[Comparison]:
        """Desired configuration beside what is known of it, key by key."""
        ...


class AcceptanceDesk(Protocol):
    """Who may take part (OCPP 1.6 §4.2)."""

    def registration(self, identity: str) -> str | None:
        """The status that its last BootNotification got; None before the first."""
        ...

    def boot_policy(self, identity: str) -> BootPolicy:
        """What it hears on its next BootNotification: what a person decided, else the site file."""
        ...

    async def decide_boot(self, identity: str, policy: BootPolicy | None) -> None:
        """A person decides; None goes back to the site file. A charge point that is connected is
        asked to boot anew, where OCPP allows it."""
        ...


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


class AnswerDesk(Protocol):
    """Finds answers for charge points."""

    def answer(self, identity: str, request: Request) -> bytes | Coroutine[Any, Any, bytes]:
        """The payload of the CALLRESULT to a CALL other than BootNotification, now or later.

        Raises:
            ProtocolViolation: The CALLERROR to answer with.
        """
        ...


class TransactionDesk(Protocol):
    """Answers the transaction messages of charge points; payloads are OCPP 1.6 JSON objects."""

    def running(self, key: ConnectorKey) -> Transaction | None:
        """The transaction that charges at ``key`` now, by our own id."""
        ...

    async def begin(self, identity: str, payload: bytes) -> bytes:
        """StartTransaction.req to StartTransaction.conf; durable before it returns."""
        ...

    async def end(self, identity: str, payload: bytes) -> bytes:
        """StopTransaction.req to StopTransaction.conf; durable before it returns."""
        ...

    def meter(self, identity: str, payload: bytes) -> bytes | Coroutine[Any, Any, bytes]:
        """MeterValues.req to MeterValues.conf: at once, or as soon as it is durable for the
        cloud."""
        ...


class ChargePointDesk(Protocol):
    """Calls charge points, for operators, the cloud and the balancing."""

    def is_online(self, identity: str) -> bool:
        """True while the charge point is connected."""
        ...

    async def call(
        self,
        identity: str,
        action: str,
        payload: bytes,
        timeout_s: float | None = None,
        *,
        caller: Caller = Caller.GATEWAY,
    ) -> CallOutcome:
        """Send one CALL and wait for its end; CallEnded is published before this returns.

        Raises:
            ProtocolViolation: OCPP 1.6 does not allow this payload.
        """
        ...


class LimitOutcome(enum.Enum):
    """What became of a limit that was sent to a charge point."""

    CONFIRMED = "accepted"
    REFUSED = "refused"
    SILENT = "no answer"
    OFFLINE = "offline"
    SUPERSEDED = "replaced before it was sent"


class Actuator(Protocol):
    """Puts limits into charge points."""

    async def apply_limit(
        self,
        key: ConnectorKey,
        limit_da: int,
        failsafe_da: int,
        lease_s: float,
        *,
        urgent: bool,
    ) -> LimitOutcome:
        """Limit the running transaction of ``key`` to ``limit_da`` per conductor, falling to
        ``failsafe_da`` by itself after ``lease_s``. An urgent limit goes before everything else.
        """
        ...


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit from outside. ``source`` completes the sentence "limited by ..."."""

    limit_da: int
    source: str


class CapSource(Protocol):
    """Limits that others set."""

    def connector_cap(self, key: ConnectorKey, now: datetime) -> Cap | None:
        """The highest current per conductor that ``key`` may have now; None without a limit."""
        ...

    def charge_point_cap(self, identity: str, now: datetime) -> Cap | None:
        """The highest sum over the charge point's connectors, per conductor."""
        ...


class CloudLimits(Protocol):
    """Keeps the charging profiles that the cloud sets, as limits from outside.

    Payloads are the OCPP 1.6 requests and answers of one charge point, transaction ids ours.
    """

    async def set_profile(self, identity: str, payload: bytes) -> bytes:
        """SetChargingProfile.req to its conf."""
        ...

    def expect_profile(self, identity: str, connector_id: int | None, profile: bytes) -> None:
        """``profile`` came with a RemoteStartTransaction: it counts from the next start on
        ``connector_id``, or on any connector when that is None."""
        ...

    async def clear_profile(self, identity: str, payload: bytes) -> bytes:
        """ClearChargingProfile.req to its conf."""
        ...

    def composite_schedule(self, identity: str, payload: bytes) -> bytes:
        """GetCompositeSchedule.req to its conf: the cloud's profiles under the site's limit."""
        ...


class CommandDesk(Protocol):
    """Carries out what the cloud commands."""

    async def carry_out(self, identity: str, request: Request) -> bytes:
        """The answer to the cloud's CALL. Raises ProtocolViolation for an answer by CALLERROR."""
        ...


class CloudDesk(Protocol):
    """The cloud, as the rest of the gateway sees it."""

    def mirrors(self, identity: str) -> bool:
        """True when this charge point has an upstream."""
        ...

    def report(
        self, identity: str, action: str, payload: bytes, local_transaction_id: int | None = None
    ) -> Outgoing | None:
        """The message that tells the cloud of a charge point's CALL; None without an upstream.

        Whoever commits it publishes MessageStored afterwards.
        """
        ...

    async def store(
        self, identity: str, action: str, payload: bytes, local_transaction_id: int | None = None
    ) -> None:
        """Put a charge point's CALL into the outbox, if it has an upstream."""
        ...

    async def ask(
        self, identity: str, action: str, payload: bytes, timeout_s: float
    ) -> CallOutcome:
        """Send one CALL as ``identity`` and wait for its end; Offline without a connection."""
        ...
