"""How values look in SQLite columns: one form for each kind, and no value that cannot be stored.

Instants of ours are whole microseconds since 1970 in UTC. Integers that a peer chose may have any
size: those beyond 64 bits are kept as decimal text, in columns of type ANY.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, overload

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST_US: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST_US: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


def to_us(at: datetime) -> int:
    """Microseconds since 1970. ``at`` must be timezone-aware.

    A peer may name an instant whose UTC form lies outside of the years 1 to 9999, such as the last
    hour of 9999 west of Greenwich; it becomes the nearest one that can be read back.
    """
    return min(max((at - _EPOCH) // _MICROSECOND, _FIRST_US), _LAST_US)


def from_us(at_us: int) -> datetime:
    """The instant, in UTC, that `to_us` wrote."""
    return _EPOCH + timedelta(microseconds=at_us)


@overload
def wide(value: int) -> int | str: ...
@overload
def wide(value: int | None) -> int | str | None: ...
def wide(value: int | None) -> int | str | None:
    """``value`` for a column of type ANY; read it back with ``int()``."""
    if value is None or -(2**63) <= value < 2**63:
        return value
    return str(value)
