"""The fields of a request, flattened from its schema, as options of a command.

The one rule: pure; the schema says which fields there are, and nothing here knows an action.
"""

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from gateway.ocpp.schema_files import Schema, resolved

Place: TypeAlias = tuple[str, ...]
"""Property names from the payload's root to a field."""

PERIODS: Final = "chargingSchedulePeriod"
SHORT_OPTIONS: Final = {PERIODS: "period"}
"""Options with a name of their own."""

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Kind(enum.Enum):
    """How the value of a field is written on the command line."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "number"
    DATE = "when"
    TEXTS = "texts"
    PERIODS = "start:limit[:phases]"
    OBJECT = "object"
    ARRAY = "array"


@dataclass(frozen=True, slots=True)
class Field:
    """One option.

    Args:
        required: Its object must have it.
        choices: What the schema allows; empty when it does not list values.
        most: Longest text, in characters; None without a bound.
    """

    place: Place
    kind: Kind
    required: bool
    choices: tuple[str, ...] = ()
    most: int | None = None

    @property
    def name(self) -> str:
        """Its name in OCPP."""
        return self.place[-1]

    @property
    def option(self) -> str:
        """Its option, such as ``--connector-id``."""
        return "--" + SHORT_OPTIONS.get(self.name, kebab(self.name))

    @property
    def parameter(self) -> str:
        """A Python name for it."""
        return self.option[2:].replace("-", "_")


def kebab(name: str) -> str:
    """``GetConfiguration`` as ``get-configuration``."""
    return _HUMP.sub("-", name).lower()


def fields_of(schema: Schema) -> tuple[Field, ...]:
    """Every field of a request, in schema order; an object comes before its members."""
    return tuple(_fields(schema, schema, ()))


def _fields(schema: Schema, node: Schema, above: Place) -> Iterator[Field]:
    for name, described in node.get("properties", {}).items():
        place = (*above, name)
        described = resolved(schema, described)
        kind = _kind(schema, name, described)
        yield Field(
            place,
            kind,
            name in node.get("required", ()),
            tuple(described.get("enum", ())),
            described.get("maxLength"),
        )
        if kind is Kind.OBJECT:
            yield from _fields(schema, described, place)


def _kind(schema: Schema, name: str, described: Schema) -> Kind:
    match described.get("type"):
        case "integer":
            return Kind.INTEGER
        case "number":
            return Kind.DECIMAL
        case "object":
            return Kind.OBJECT
        case "array" if name == PERIODS:
            return Kind.PERIODS
        case "array":
            items = resolved(schema, described["items"])
            return Kind.TEXTS if items.get("type") == "string" else Kind.ARRAY
        case _:
            return Kind.DATE if described.get("format") == "date-time" else Kind.TEXT
