"""The payload of a request, put together from options.

The one rule: pure; what nobody gave is absent, unless the operation fills in a field that its
schema requires, and that is told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec

from gateway.cli.exits import UsageFault
from gateway.cli.fields import Field, Kind, Place
from gateway.ocpp.schema_order import in_schema_order

Given: TypeAlias = Mapping[Place, Any]
"""JSON values, or msgspec.Raw, by place."""

Fill: TypeAlias = Callable[[Given], Any]
"""The value for a required field that nobody gave, from what was given."""

_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Built:
    """A payload in schema order.

    Args:
        filled: What was filled in: field and JSON.
    """

    payload: bytes
    filled: tuple[tuple[str, str], ...]


def build(
    action: str,
    fields: Sequence[Field],
    given: Given,
    fills: Mapping[str, Fill],
    instead: Mapping[Place, str],
) -> Built:
    """The payload of ``action``.

    Args:
        fills: By name of a required field.
        instead: Other options that set a field.

    Raises:
        UsageFault: A required field is neither given nor filled in; names its option.
    """
    tree: dict[str, Any] = {}
    filled: list[tuple[str, str]] = []
    missing: list[str] = []
    for field in fields:
        parent = _object_at(tree, field.place[:-1])
        if parent is None:
            continue
        value = _value(field, given, parent)
        if value is _MISSING and field.required and field.name in fills:
            value = fills[field.name](given)
            filled.append((field.name, _json(value).decode()))
        if value is not _MISSING:
            parent[field.name] = value
        elif field.required:
            other = instead.get(field.place)
            missing.append(f"{field.option} or {other}" if other else field.option)
    if missing:
        raise UsageFault(f"{action} needs {', '.join(missing)}")
    return Built(in_schema_order(action, _json(tree)), tuple(filled))


def _value(field: Field, given: Given, parent: Mapping[str, Any]) -> Any:
    """What stands at ``field``: given, within a JSON object that was given, or begun for a member
    of it."""
    found = given.get(field.place, parent.get(field.name, _MISSING))
    if field.kind is Kind.OBJECT:
        if found is not _MISSING:
            return _members(found)
        depth = len(field.place)
        begun = any(len(place) > depth and place[:depth] == field.place for place in given)
        return {} if begun or field.required else _MISSING
    return found


def _members(value: Any) -> Any:
    """An object of JSON with its members in reach; anything else stays as it is."""
    try:
        return msgspec.json.decode(_json(value), type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return value


def _object_at(tree: dict[str, Any], place: Place) -> dict[str, Any] | None:
    node: Any = tree
    for name in place:
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else None


def _json(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError as exc:
        raise UsageFault("a text is not UTF-8") from exc
