"""Who makes a CALL of ours, and how it may end. Every ending is a value; none is an exception."""

import enum
from dataclasses import dataclass
from typing import TypeAlias


class Caller(enum.Enum):
    """Who wanted a CALL to a charge point."""

    GATEWAY = "gateway"
    OPERATOR = "operator"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class Answered:
    """CALLRESULT. ``payload`` is the peer's JSON object, byte for byte."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """CALLERROR, in the peer's own words."""

    code: str
    description: str
    details: bytes = b"{}"


@dataclass(frozen=True, slots=True)
class TimedOut:
    """No answer in time. A late one is dropped."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Offline:
    """There was no connection, or it ended before the answer."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """Never sent: a newer CALL with the same merge key took its place in the queue."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Never sent: OCPP does not allow it to this charge point now. ``reason`` is a sentence."""

    reason: str


CallOutcome: TypeAlias = Answered | Refused | TimedOut | Offline | Superseded | Withheld
