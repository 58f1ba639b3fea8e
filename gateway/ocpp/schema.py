"""Validators of OCPP 1.6 payloads, from the schema files of the `ocpp` package.

The one rule: what is found is told with the CALLERROR code in its 1.6 spelling; whether it is
forgiven is decided elsewhere.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Final, TypeAlias

import jsonschema_rs
import msgspec

from gateway.ocpp.schema_files import read_schema

Path: TypeAlias = tuple[str | int, ...]

NULL: Final = "null"
"""Keyword of a `Violation` for null in place of a property that may be absent."""

CODES: Final = {
    "type": "TypeConstraintViolation",
    NULL: "TypeConstraintViolation",
    "required": "ProtocolError",
    "enum": "PropertyConstraintViolation",
    "maxLength": "PropertyConstraintViolation",
    "format": "PropertyConstraintViolation",
    "multipleOf": "PropertyConstraintViolation",
    "minimum": "PropertyConstraintViolation",
    "minItems": "OccurenceConstraintViolation",
    "maxItems": "OccurenceConstraintViolation",
    "additionalProperties": "FormationViolation",
}
"""CALLERROR code by schema keyword (OCPP-J 1.6 §4.2.3; ProtocolError: payload is incomplete)."""

MOST_FOUND: Final = 1000
"""In one payload: 64 kB have room for thirty thousand, and would hold up everybody else."""

_MAX_DETAIL: Final = 160
_decode: Final = msgspec.json.Decoder().decode


class Direction(enum.Enum):
    """Which of an action's two payloads."""

    REQUEST = ""
    RESPONSE = "Response"


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a payload departs from its schema.

    Args:
        code: CALLERROR code.
        path: From the payload's root: property names and array indices; ends with the property
            that is missing.
        keyword: The schema keyword that was broken, or `NULL`; ``json`` for unreadable bytes.
        detail: A sentence; may quote the peer.
        value: What was found at ``path``.
        optional: True at a property that may be absent.
    """

    code: str
    path: Path
    keyword: str
    detail: str
    value: object = None
    optional: bool = False


def violations(
    action: str, direction: Direction, payload: bytes, *, formats: bool = False
) -> list[Violation]:
    """What in ``payload`` the schema of ``action`` does not allow, up to `MOST_FOUND`; empty when
    valid.

    Wrong types come first, the rest as the schema has it. The first gives the code of a CALLERROR.

    Args:
        formats: Also whether each date-time is one of RFC 3339.

    Raises:
        KeyError: OCPP 1.6 has no such action.
    """
    validator = _validator(action, direction, formats)
    try:
        instance = _decode(payload)
        if validator.is_valid(instance):
            return []
        return list(_found(validator, action, direction, instance))
    except (msgspec.DecodeError, RecursionError, ValueError) as exc:
        return [Violation("FormationViolation", (), "json", f"not JSON: {exc}")]


def _found(
    validator: jsonschema_rs.Validator, action: str, direction: Direction, instance: object
) -> Iterator[Violation]:
    """One violation a place: where the type is wrong, nothing else there tells more."""
    told: set[Path] = set()
    for error in islice(sorted(validator.iter_errors(instance), key=_type_first), MOST_FOUND):
        path = tuple(error.instance_path)
        keyword = error.kind.name
        if path in told:
            continue
        if keyword == "type":
            told.add(path)
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
            path = (*path, error.kind.property)
        optional = _may_be_absent(
            read_schema(action, direction.value), tuple(error.evaluation_path)
        )
        if error.instance is None and optional:
            keyword = NULL
        code = CODES.get(keyword, "FormationViolation")
        sentence = _sentence(path, error.message)
        yield Violation(code, path, keyword, sentence, error.instance, optional)


def _type_first(error: jsonschema_rs.ValidationError) -> bool:
    return error.kind.name != "type"


def _sentence(path: Path, message: str) -> str:
    place = ".".join(map(str, path))
    text = f"{place}: {message}" if place else message
    return text if len(text) <= _MAX_DETAIL else text[:_MAX_DETAIL] + "..."


def _may_be_absent(schema: dict[str, Any], evaluation_path: Path) -> bool:
    """True when the failed keyword belongs to a property that its object does not require."""
    node: Any = schema
    absent_allowed = False
    steps = iter(evaluation_path[:-1])
    for step in steps:
        if step == "$ref":
            node = schema["definitions"][node["$ref"].rsplit("/", 1)[-1]]
            continue
        if step == "properties":
            name = next(steps)
            absent_allowed = name not in node.get("required", ())
            node = node["properties"][name]
            continue
        absent_allowed = False
        node = node[step]
    return absent_allowed


@cache
def _validator(action: str, direction: Direction, formats: bool) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        read_schema(action, direction.value), validate_formats=formats
    )
