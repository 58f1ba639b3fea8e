"""Exchanging ids between the two legs, member by member: every other byte travels as it came."""

from typing import Final

from gateway.ocpp.members import members, with_member
from gateway.transactions.ledger import UNKNOWN_TRANSACTION_ID
from gateway.upstream.backlog import StoredMessage

WITH_TRANSACTION_ID: Final = frozenset({"MeterValues", "StopTransaction"})


def to_cloud(stored: StoredMessage) -> bytes:
    """The payload as the cloud must see it: its own transaction id in place of ours.

    An id that we never gave is shown as -1, as is a transaction whose start the cloud never took:
    sent as it came, it could name another transaction of the cloud's.
    """
    message = stored.message
    if message.action not in WITH_TRANSACTION_ID:
        return message.payload
    if message.local_transaction_id is None and all(
        member.name != "transactionId" for member in members(message.payload)
    ):
        return message.payload
    cloud_id = stored.cloud_transaction_id
    shown = UNKNOWN_TRANSACTION_ID if cloud_id is None else cloud_id
    return with_member(message.payload, "transactionId", shown)
