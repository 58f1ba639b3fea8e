"""Holds what really happened against what the cloud has on record."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.demo.cloud_records import CloudRecords, Start
from gateway.demo.outlet import TrueTransaction


@dataclass(frozen=True, slots=True)
class Verdict:
    """Exactly-once as the cloud sees transactions.

    Args:
        started: How many transactions really began.
        in_cloud: How many transactions the cloud has, doubles among them.
        lost: A sentence for each true transaction that the cloud lacks, or has without its stop or
            without some of its meter values.
        doubled: A sentence for each event that the cloud has twice.
        out_of_order: A sentence for each message that stands in a wrong place.
    """

    started: int
    in_cloud: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    out_of_order: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Nothing is missing (any more)."""
        return not self.lost

    @property
    def exactly_once(self) -> bool:
        """Everything is there, once, in order."""
        return not (self.lost or self.doubled or self.out_of_order)


def judge(truth: Sequence[TrueTransaction], records: CloudRecords) -> Verdict:
    """Compare; a transaction of the cloud that never was counts as doubled."""
    starts = {start_of(transaction) for transaction in truth}
    invented = [
        f"{transaction} never was"
        for transaction in records.transactions.values()
        if transaction.start not in starts
    ]
    return Verdict(
        started=len(truth),
        in_cloud=len(records.transactions),
        lost=tuple(lack for transaction in truth if (lack := _lack(transaction, records))),
        doubled=(*records.doubled, *invented),
        out_of_order=tuple(records.out_of_order),
    )


def start_of(transaction: TrueTransaction) -> Start:
    """The start as the cloud must hear of it."""
    return Start(
        transaction.identity,
        transaction.connector_id,
        transaction.id_tag,
        transaction.started_at,
        transaction.meter_start_wh,
    )


def _lack(transaction: TrueTransaction, records: CloudRecords) -> str:
    """What the cloud misses of a transaction; empty when nothing."""
    name = f"{transaction.identity}/{transaction.connector_id} of {transaction.started_at}"
    known = records.of(start_of(transaction))
    if known is None:
        return f"{name}: the cloud never heard of it"
    if (known.stopped_at, known.meter_stop_wh) != (
        transaction.stopped_at,
        transaction.meter_stop_wh,
    ):
        return f"{name}: the cloud does not have its stop"
    missing = len(set(transaction.metered) - set(known.metered))
    return f"{name}: the cloud misses {missing} of its meter values" if missing else ""
