"""What the cloud has on record of transactions, and every break of exactly-once and order in it.

A judge by rules of its own: a message id seen before is a retry and changes nothing; the same start
under a new id is a double; whatever belongs to a transaction must come after its start, before its
stop, with timestamps that never go back.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

FIRST_TRANSACTION_ID: Final = 900_001
"""Far from anything that a charge point or the gateway would number by itself."""


@dataclass(frozen=True, slots=True)
class Start:
    """What makes a start that start (OCPP 1.6 §6.45): sent again, it is the same one."""

    identity: str
    connector_id: int
    id_tag: str
    started_at: str
    meter_start_wh: int


@dataclass(slots=True)
class CloudTransaction:
    """A transaction as the cloud knows it.

    Args:
        metered: The timestamps of its MeterValues, as they came.
    """

    cloud_transaction_id: int
    start: Start
    metered: list[str] = field(default_factory=list)
    stopped_at: str | None = None
    meter_stop_wh: int | None = None
    reason: str | None = None

    @property
    def latest(self) -> str:
        """The newest timestamp that came with it."""
        return self.stopped_at or (self.metered[-1] if self.metered else self.start.started_at)

    def __str__(self) -> str:
        return (
            f"{self.start.identity}/{self.start.connector_id} cloud id {self.cloud_transaction_id}"
        )


class CloudRecords:
    """The ledger of the cloud; it outlives every connection.

    Attributes:
        transactions: By the cloud's own id.
        doubled: A sentence for each event that came a second time as if it were new.
        out_of_order: A sentence for each message that came where none may stand.
        repeated: How many messages were recognised as retries.
    """

    def __init__(self) -> None:
        self.transactions: dict[int, CloudTransaction] = {}
        self.doubled: list[str] = []
        self.out_of_order: list[str] = []
        self.repeated = 0
        self._by_message: dict[tuple[str, str], int | None] = {}
        self._by_start: dict[Start, int] = {}

    def begin(self, start: Start, unique_id: str) -> int:
        """StartTransaction.req: the cloud's id for it; a retry gets the id of the first."""
        known = self._by_message.get((start.identity, unique_id))
        if known is not None:
            self.repeated += 1
            if self.transactions[known].start != start:
                self.out_of_order.append(f"message id {unique_id} was used for two starts")
            return known
        cloud_id = FIRST_TRANSACTION_ID + len(self.transactions)
        transaction = CloudTransaction(cloud_id, start)
        if start in self._by_start:
            self.doubled.append(f"start of {self.transactions[self._by_start[start]]}")
        else:
            self._check_predecessor(transaction)
            self._by_start[start] = cloud_id
        self._by_message[start.identity, unique_id] = cloud_id
        self.transactions[cloud_id] = transaction
        return cloud_id

    def meter(
        self, identity: str, unique_id: str, cloud_transaction_id: int | None, at: list[str]
    ) -> None:
        """MeterValues.req with samples of the instants ``at``."""
        if self._is_retry(identity, unique_id) or cloud_transaction_id is None:
            return
        transaction = self._find("MeterValues", identity, cloud_transaction_id)
        if transaction is None:
            return
        if transaction.stopped_at is not None:
            self.out_of_order.append(f"MeterValues after the stop of {transaction}")
        for timestamp in at:
            self._check_time("MeterValues", transaction, timestamp)
            transaction.metered.append(timestamp)

    def end(
        self,
        identity: str,
        unique_id: str,
        cloud_transaction_id: int,
        stopped_at: str,
        meter_stop_wh: int,
        reason: str | None,
    ) -> None:
        """StopTransaction.req."""
        if self._is_retry(identity, unique_id):
            return
        transaction = self._find("StopTransaction", identity, cloud_transaction_id)
        if transaction is None:
            return
        if transaction.stopped_at is not None:
            self.doubled.append(f"stop of {transaction}")
            return
        self._check_time("StopTransaction", transaction, stopped_at)
        if meter_stop_wh < transaction.start.meter_start_wh:
            self.out_of_order.append(f"the register of {transaction} went back")
        transaction.stopped_at = stopped_at
        transaction.meter_stop_wh = meter_stop_wh
        transaction.reason = reason

    def of(self, start: Start) -> CloudTransaction | None:
        """The transaction that began by ``start``."""
        cloud_id = self._by_start.get(start)
        return None if cloud_id is None else self.transactions[cloud_id]

    def running(self, identity: str, connector_id: int) -> CloudTransaction | None:
        """The newest transaction of a connector that has no stop yet."""
        for transaction in reversed(self.transactions.values()):
            place = (transaction.start.identity, transaction.start.connector_id)
            if place == (identity, connector_id) and transaction.stopped_at is None:
                return transaction
        return None

    def _is_retry(self, identity: str, unique_id: str) -> bool:
        message = (identity, unique_id)
        if message in self._by_message:
            self.repeated += 1
            return True
        self._by_message[message] = None
        return False

    def _find(self, action: str, identity: str, cloud_id: int) -> CloudTransaction | None:
        transaction = self.transactions.get(cloud_id)
        if transaction is None or transaction.start.identity != identity:
            self.out_of_order.append(
                f"{action} of {identity} for transaction {cloud_id}, which the cloud never gave it"
            )
            return None
        return transaction

    def _check_predecessor(self, transaction: CloudTransaction) -> None:
        """The transaction before it on its connector must have ended."""
        before = self.running(transaction.start.identity, transaction.start.connector_id)
        if before is not None:
            self.out_of_order.append(f"start of {transaction} before the stop of {before}")

    def _check_time(self, action: str, transaction: CloudTransaction, timestamp: str) -> None:
        if datetime.fromisoformat(timestamp) < datetime.fromisoformat(transaction.latest):
            self.out_of_order.append(f"{action} of {transaction} at {timestamp} goes back in time")
