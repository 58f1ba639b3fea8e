"""CALLs that name a file on the box: ``box:NAME`` to fetch from it, ``box:`` to leave on it.

The one rule: a location that does not begin with ``box`` is nobody's business here, and nothing
but the location's own value is ever exchanged.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from gateway.files.kinds import FIRMWARE, FTP, UPLOAD
from gateway.ocpp.members import with_member
from gateway.ocpp.v16.wire import read_time


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a CALL keeps what matters here; ``within`` is the object that holds it."""

    kind: str
    within: str | None
    location: str
    begins_at: str | None = None


_PLACES: Final = {
    "UpdateFirmware": _Place(FIRMWARE, None, "location", "retrieveDate"),
    "SignedUpdateFirmware": _Place(FIRMWARE, "firmware", "location", "retrieveDateTime"),
    "GetDiagnostics": _Place(UPLOAD, None, "location"),
    "GetLog": _Place(UPLOAD, "log", "remoteLocation"),
}
_ON_THE_BOX: Final = re.compile(r"box(?:\+(http|ftp))?:(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Order:
    """What a CALL wants of the box.

    Args:
        kind: ``firmware`` or ``upload``.
        protocol: ``http`` or ``ftp`` where the location says which; None leaves it to us.
        name: What follows ``box:``.
        retries: As in the CALL; None without one.
        begins_at: When the charge point may begin at the earliest, where the CALL says so.
    """

    kind: str
    protocol: str | None
    name: str
    retries: int | None
    begins_at: datetime | None


def read_order(action: str, payload: bytes) -> Order | None:
    """What the CALL wants of the box; None when it has nothing to do with the box."""
    place = _PLACES.get(action)
    holder = None if place is None else _holder(place, payload)
    if place is None or holder is None:
        return None
    top, inner = holder
    location = inner.get(place.location)
    named = _ON_THE_BOX.fullmatch(location) if isinstance(location, str) else None
    if named is None:
        return None
    retries = top.get("retries")
    begins_at = inner.get(place.begins_at) if place.begins_at is not None else None
    return Order(
        place.kind,
        named[1].lower() if named[1] else None,
        named[2],
        retries if isinstance(retries, int) and not isinstance(retries, bool) else None,
        read_time(begins_at) if isinstance(begins_at, str) else None,
    )


def order_fault(order: Order, *, has_file: bool, has_ftp: bool, has_host: bool) -> str:
    """Why the box cannot serve ``order``, in a sentence; empty when it can.

    Args:
        has_file: A firmware file of this name is on the box.
        has_ftp: FTP is on.
        has_host: An address under which the charge point reaches the box is known.
    """
    if order.protocol == FTP and not has_ftp:
        return "FTP is off: the site file has no files.ftp_port."
    if order.kind == UPLOAD and order.name:
        return "An upload gets its name from the box: write box: and nothing more."
    if order.kind == FIRMWARE and not has_file:
        return "There is no firmware file of this name on the box."
    if not has_host:
        return (
            "The address under which this charge point reaches the box is not known: it is not "
            "connected, and the site file has no files.public_host."
        )
    return ""


def with_location(action: str, payload: bytes, url: str) -> bytes:
    """``payload``, whose order was read, with ``url`` for its location."""
    place = _PLACES[action]
    if place.within is None:
        return with_member(payload, place.location, url)
    inner = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])[place.within]
    return with_member(
        payload, place.within, msgspec.Raw(with_member(bytes(inner), place.location, url))
    )


def _holder(place: _Place, payload: bytes) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The payload, and the object in it that has the location; None where it is no such payload."""
    try:
        top = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    inner = top.get(place.within) if isinstance(top, dict) and place.within is not None else top
    if not isinstance(top, dict) or not isinstance(inner, dict):
        return None
    return top, inner
