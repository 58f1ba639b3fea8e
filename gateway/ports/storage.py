"""What is kept on disk."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.authorization.decide import CachedTag
from gateway.site.depot import Tag
from gateway.transactions.ledger import Begun, Ended, StartRequest, StopRequest, Transaction
from gateway.upstream.backlog import Outgoing, StoredMessage

T = TypeVar("T")


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
