"""Between the wire and structs: tolerant reading, exact writing, instants.

The one rule: an optional field that cannot be used counts as absent; a required one that cannot be
used is a `ProtocolViolation` that says which.
"""

import re
import types
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import UNSET

from gateway.errors import ProtocolViolation

S = TypeVar("S", bound=msgspec.Struct)

_encoder: Final = msgspec.json.Encoder()
_UNREADABLE: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_ZONE_TWICE: Final = re.compile(r"([+-]\d\d:?\d\d)Z$")


def encode(message: msgspec.Struct) -> bytes:
    """The JSON object, without the fields that are unset, in the order of the struct."""
    return _encoder.encode(message)


def read(kind: type[S], payload: bytes) -> S:
    """The payload as ``kind``. Numbers in strings and strings in numbers are understood.

    Raises:
        ProtocolViolation: A required field is missing or unusable.
    """
    try:
        return msgspec.json.decode(payload, type=kind, strict=False)
    except msgspec.ValidationError:
        return _read_piecemeal(kind, payload)
    except _UNREADABLE as exc:
        raise ProtocolViolation("FormationViolation", f"not JSON: {exc}") from exc


def wire_time(at: datetime) -> str:
    """``at`` in UTC with milliseconds and Z (OCPP 1.6 §3.15). ``at`` is timezone-aware."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def read_time(text: str) -> datetime | None:
    """The instant in UTC; None when nobody can tell.

    Understands every ISO 8601 form that charge points send: fractions of any length, offsets,
    an offset followed by Z. Without a zone the time is taken as UTC.
    """
    tidy = _ZONE_TWICE.sub(r"\1", text.strip().upper())
    try:
        at = datetime.fromisoformat(tidy)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read_piecemeal(kind: type[S], payload: bytes) -> S:
    try:
        members = msgspec.json.decode(payload)
    except _UNREADABLE as exc:
        raise ProtocolViolation("FormationViolation", f"not JSON: {exc}") from exc
    if not isinstance(members, dict):
        raise ProtocolViolation("FormationViolation", "the payload is not an object")
    return _struct(kind, members)


def _struct(kind: type[S], members: dict[str, Any]) -> S:
    fields = {}
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        if name in members:
            value = _value(field.type, members[name])
            if value is not UNSET:
                fields[field.name] = value
                continue
        if field.required:
            raise _unusable(name, members)
    return kind(**fields)


def _unusable(name: str, members: dict[str, Any]) -> ProtocolViolation:
    if name not in members:
        return ProtocolViolation("ProtocolError", f"{name} is missing")
    if isinstance(members[name], int) and not isinstance(members[name], bool):
        return ProtocolViolation("PropertyConstraintViolation", f"{name} is out of range")
    return ProtocolViolation("TypeConstraintViolation", f"{name} is of a wrong type")


def _value(kind: Any, found: Any) -> Any:
    """``found`` as ``kind``, or UNSET when it cannot be used."""
    try:
        return msgspec.convert(found, kind, strict=False)
    except msgspec.ValidationError:
        usable = (_mended(option, found) for option in _options(kind))
        return next((value for value in usable if value is not UNSET), UNSET)


def _mended(kind: Any, found: Any) -> Any:
    if isinstance(found, dict):
        return _nested(kind, found)
    if isinstance(found, list) and get_origin(kind) is tuple:
        items = (_value(get_args(kind)[0], item) for item in found)
        return tuple(item for item in items if item is not UNSET)
    if kind is str and isinstance(found, int | float) and not isinstance(found, bool):
        return str(found)
    if kind is int and isinstance(found, float) and found.is_integer():
        return int(found)
    return UNSET


def _nested(kind: Any, found: dict[str, Any]) -> Any:
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return UNSET
    try:
        return _struct(kind, found)
    except ProtocolViolation:
        return UNSET


def _options(kind: Any) -> tuple[Any, ...]:
    """The types that a field's annotation allows; bounded ones are left to `msgspec.convert`."""
    if get_origin(kind) in (Union, types.UnionType):
        return get_args(kind)
    return () if get_origin(kind) is Annotated else (kind,)
