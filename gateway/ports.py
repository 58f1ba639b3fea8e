"""What the services need from the world, and from each other, as Protocols that adapters fulfil.

A service knows these names and no adapter; an adapter knows these names and no service.
"""

import enum
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.authorization.decide import CachedTag, TagDecision
from gateway.metering.sample import Reading
from gateway.ocpp.calls import CallOutcome
from gateway.ocpp.v16.conversation import Request
from gateway.site.depot import ConnectorKey
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


class TagDesk(Protocol):
    """Decides tags."""

    def decide_now(self, id_tag: str) -> TagDecision | None:
        """What is known on site without asking anybody; None when the cloud must be asked."""
        ...

    async def decide(self, identity: str, id_tag: str) -> TagDecision:
        """Ask every layer in turn; answers within the cloud's deadline."""
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

    async def meter(self, identity: str, payload: bytes) -> bytes:
        """MeterValues.req to MeterValues.conf; durable for the cloud before it returns."""
        ...


class ChargePointDesk(Protocol):
    """Calls charge points, for operators, the cloud and the balancing."""

    def is_online(self, identity: str) -> bool:
        """True while the charge point is connected."""
        ...

    async def call(
        self, identity: str, action: str, payload: bytes, timeout_s: float | None = None
    ) -> CallOutcome:
        """Send one CALL and wait for its end. Raises ProtocolViolation for a payload that OCPP 1.6
        does not allow."""
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
