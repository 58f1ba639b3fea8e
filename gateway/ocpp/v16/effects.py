"""The words between a conversation and its shell: who we are, what goes in, what must be done.

The one rule: plain values. Structs, because one of each is made for every message.
"""

import enum
from typing import TypeAlias

import msgspec

from gateway.ocpp.calls import CallOutcome


class Role(enum.Enum):
    """Which side of the conversation we are."""

    CENTRAL_SYSTEM = "central system"
    CHARGE_POINT = "charge point"


class Request(msgspec.Struct, frozen=True):
    """A CALL of the peer, checked, to be answered exactly once by `reply` or `refuse`."""

    unique_id: str
    action: str
    payload: bytes


class Transmit(msgspec.Struct, frozen=True):
    """Send ``text``."""

    text: str


class Handle(msgspec.Struct, frozen=True):
    """Find the answer to ``request``."""

    request: Request


class Conclude(msgspec.Struct, frozen=True):
    """Our CALL ``unique_id`` ended like this."""

    unique_id: str
    outcome: CallOutcome


class Note(msgspec.Struct, frozen=True):
    """Worth a line in the log. May quote the peer."""

    text: str


class Deviation(msgspec.Struct, frozen=True):
    """The peer departed from OCPP 1.6.

    Args:
        action: Of the CALL, or of the CALL of ours that it answered; empty for what is no message.
        place: Where in the payload, array indices as ``*``; empty for the whole.
        rule: The schema keyword that was broken; ``json`` for a text that is not JSON.
        detail: A sentence; may quote the peer.
        refused: It gets a CALLERROR for it.
    """

    action: str
    place: str
    rule: str
    detail: str
    refused: bool


Effect: TypeAlias = Transmit | Handle | Conclude | Note | Deviation


class OutgoingCall(msgspec.Struct, frozen=True):
    """A CALL that we want to make.

    Args:
        timeout_s: How long the peer may take to answer, from the moment of transmission.
        merge_key: A call that is still queued under the same key is superseded by this one, which
            takes its place in the queue.
        urgent: Goes before all that is not, and does not wait long for a peer that is silent.
    """

    unique_id: str
    action: str
    payload: bytes
    timeout_s: float
    merge_key: str | None = None
    urgent: bool = False
