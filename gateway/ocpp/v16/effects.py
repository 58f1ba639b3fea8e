"""The words between a conversation and its shell: who we are, what goes in, what must be done."""

import enum
from dataclasses import dataclass
from typing import TypeAlias

from gateway.ocpp.calls import CallOutcome


class Role(enum.Enum):
    """Which side of the conversation we are."""

    CENTRAL_SYSTEM = "central system"
    CHARGE_POINT = "charge point"


@dataclass(frozen=True, slots=True)
class Request:
    """A CALL of the peer, checked, to be answered exactly once by `reply` or `refuse`."""

    unique_id: str
    action: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Transmit:
    """Send ``text``."""

    text: str


@dataclass(frozen=True, slots=True)
class Handle:
    """Find the answer to ``request``."""

    request: Request


@dataclass(frozen=True, slots=True)
class Conclude:
    """Our CALL ``unique_id`` ended like this."""

    unique_id: str
    outcome: CallOutcome


@dataclass(frozen=True, slots=True)
class Note:
    """Worth a line in the log. May quote the peer."""

    text: str


Effect: TypeAlias = Transmit | Handle | Conclude | Note


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """A CALL that we want to make.

    Args:
        timeout_s: How long the peer may take to answer, from the moment of transmission.
        merge_key: A call that is still queued under the same key is superseded by this one, which
            takes its place in the queue.
    """

    unique_id: str
    action: str
    payload: bytes
    timeout_s: float
    merge_key: str | None = None
