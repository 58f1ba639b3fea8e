"""Messages that wait for the cloud: in order per charge point, at least once, with the same id."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be stored for the cloud.

    Args:
        unique_id: Its OCPP-J id towards the cloud. A retry carries the same one, so that the cloud
            can tell a retry from a second event (OCPP-J 1.6 errata 3.7).
        payload: JSON as the charge point sent it, transactionId still ours.
        local_transaction_id: The transaction that it starts, meters or stops.
    """

    identity: str
    action: str
    unique_id: str
    payload: bytes
    recorded_at: datetime
    local_transaction_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in the outbox.

    Args:
        seq: Its place in the order; ascending over the whole outbox.
        attempts: How often the cloud answered it with an error.
        cloud_transaction_id: The cloud's id of its transaction, once the start was delivered.
    """

    seq: int
    message: Outgoing
    attempts: int
    cloud_transaction_id: int | None
