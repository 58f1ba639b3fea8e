"""The OCPP 1.6 schema files of the `ocpp` package, as they are.

The one rule: reading one loads no validator, and of that package only its empty root, so that a
quick command stays quick.
"""

from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeAlias

import msgspec

Schema: TypeAlias = dict[str, Any]
"""A schema, or the part of one that describes a value; nobody changes it."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@cache
def read_schema(action: str, ending: str = "") -> Schema:
    """The schema of a payload of ``action``.

    Args:
        ending: Empty for the request, ``Response`` for the answer.

    Raises:
        KeyError: OCPP 1.6 has no such action.
    """
    file = files("ocpp") / "v16" / "schemas" / f"{action}{ending}.json"
    if not action.isalpha() or not file.is_file():
        raise KeyError(action)
    schema: Schema = msgspec.json.decode(file.read_bytes().removeprefix(_BYTE_ORDER_MARK))
    return schema


def resolved(schema: Schema, node: Schema) -> Schema:
    """``node`` of ``schema``, or the definition that it refers to."""
    while "$ref" in node:
        node = schema["definitions"][node["$ref"].rsplit("/", 1)[-1]]
    return node
