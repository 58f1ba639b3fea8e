"""How a CALL that we sent may end. Every ending is a value; none is an exception."""

from dataclasses import dataclass
from typing import TypeAlias


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


CallOutcome: TypeAlias = Answered | Refused | TimedOut | Offline | Superseded
