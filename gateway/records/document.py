"""What every record is: a plain value that is replaced whole, and goes to disk as one JSON object.

The one rule: a fold gives a new record or the same one; nothing is ever changed in place.
"""

from datetime import datetime
from typing import NamedTuple

import msgspec

from gateway.ocpp.calls import Caller
from gateway.ocpp.v16.messages import wire_time


class Exchange(NamedTuple):
    """A CALL of ours and its CALLRESULT, as JSON objects; ``at`` is when the answer came."""

    request: bytes
    answer: bytes
    caller: Caller
    at: datetime


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A record. Every field has a default: the record of a charge point that is new."""


def stamp(at: datetime) -> str:
    """``at`` as records write instants: UTC, milliseconds, Z."""
    return wire_time(at)
