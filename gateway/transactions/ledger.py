"""The words of the ledger: what a transaction is, and when two messages mean the same one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.ocpp.v16.messages import read_time
from gateway.site.depot import ConnectorKey

MAX_TRANSACTION_ID: Final = 2**31 - 1
"""Local ids are 1 to this, drawn by chance: unguessable, and an int32 for every charge point."""


UNKNOWN_TRANSACTION_ID: Final = -1
"""What a charge point sends for a transaction whose id it never learned (OCPP 1.6 errata 3.18)."""


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


def may_have_ended(stop: StopRequest, transaction: Transaction) -> bool:
    """True when a stop without an id can be the end of ``transaction``, which is open.

    Same charge point, same idTag, and neither meter nor clock run backwards. A stop without an
    idTag fits nothing: it could end a transaction that goes on at another connector.
    """
    began_at, ended_at = read_time(transaction.started_at), read_time(stop.timestamp)
    return (
        transaction.stopped_at is None
        and transaction.key.identity == stop.identity
        and stop.id_tag is not None
        and stop.id_tag.casefold() == transaction.id_tag.casefold()
        and transaction.meter_start_wh <= stop.meter_stop_wh
        and (began_at is None or ended_at is None or began_at <= ended_at)
    )


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
