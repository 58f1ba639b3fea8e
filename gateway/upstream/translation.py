"""Exchanging ids between the two legs, member by member: every other byte travels as it came."""

from typing import Final

import msgspec

from gateway.upstream.backlog import StoredMessage

UNKNOWN_TRANSACTION_ID: Final = -1
"""What a charge point sends for a transaction whose id it never learned (OCPP 1.6 errata 3.18)."""
WITH_TRANSACTION_ID: Final = frozenset({"MeterValues", "StopTransaction"})


def with_member(payload: bytes, name: str, value: object) -> bytes:
    """``payload``, a JSON object, with its member ``name`` set to ``value``."""
    members = _members(payload)
    members[name] = msgspec.Raw(msgspec.json.encode(value))
    return msgspec.json.encode(members)


def without_member(payload: bytes, name: str) -> bytes:
    """``payload``, a JSON object, without its member ``name``."""
    members = _members(payload)
    members.pop(name, None)
    return msgspec.json.encode(members)


def to_cloud(stored: StoredMessage) -> bytes:
    """The payload as the cloud must see it: its own transaction id in place of ours.

    An id that we never gave is shown as -1, as is a transaction whose start the cloud never took:
    sent as it came, it could name another transaction of the cloud's.
    """
    message = stored.message
    if message.action not in WITH_TRANSACTION_ID:
        return message.payload
    if message.local_transaction_id is None and "transactionId" not in _members(message.payload):
        return message.payload
    cloud_id = stored.cloud_transaction_id
    shown = UNKNOWN_TRANSACTION_ID if cloud_id is None else cloud_id
    return with_member(message.payload, "transactionId", shown)


def _members(payload: bytes) -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
