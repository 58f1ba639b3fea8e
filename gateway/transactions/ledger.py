"""The words of the ledger: what a transaction is, and when two messages mean the same one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.site.depot import ConnectorKey

MAX_TRANSACTION_ID: Final = 2**31 - 1
"""Local ids are 1 to this, drawn by chance: unguessable, and an int32 for every charge point."""


@dataclass(frozen=True, slots=True)
class StartRequest:
    """A StartTransaction.req as the ledger sees it (OCPP 1.6 §6.45).

    Two requests with the same connector, idTag, timestamp text and meterStart are the same start,
    retried (OCPP 1.6 §4.8: the charge point repeats what it saw no answer to).
    """

    key: ConnectorKey
    id_tag: str
    timestamp: str
    meter_start_wh: int
    reservation_id: int | None = None


@dataclass(frozen=True, slots=True)
class StopRequest:
    """A StopTransaction.req as the ledger sees it (OCPP 1.6 §6.47).

    Args:
        transaction_id: As the charge point sent it: ours, -1, or one that we never gave.
    """

    identity: str
    transaction_id: int
    id_tag: str | None
    timestamp: str
    meter_stop_wh: int
    reason: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """A row of the ledger."""

    local_transaction_id: int
    key: ConnectorKey
    id_tag: str
    started_at: str
    meter_start_wh: int
    cloud_transaction_id: int | None
    stopped_at: str | None
    meter_stop_wh: int | None
    stop_reason: str | None
    recorded_at: datetime
    """When the gateway recorded the start, by its own clock."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The start is durable. ``fresh`` is False when it was a retry of a start already known."""

    transaction: Transaction
    fresh: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The stop is durable.

    Args:
        transaction: The transaction that it closed; None for an orphan (an id that we never gave).
        fresh: False when the same stop was already known.
    """

    transaction: Transaction | None
    fresh: bool
