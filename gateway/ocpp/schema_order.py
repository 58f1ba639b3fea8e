"""Payloads with their keys in the order of the OCPP 1.6 schema, for charge points that want it so.

The one rule: names and order only; every value keeps the bytes in which it was written.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from gateway.ocpp.schema_files import Schema, read_schema, resolved


def in_schema_order(action: str, payload: bytes) -> bytes:
    """The request ``payload`` of ``action`` with the keys of every object in schema order.

    Keys that the schema does not know come last, in their own order. An optional field that is null
    is left out: in OCPP 1.6, what is not set is absent. What is not JSON, or not of the type that
    the schema says, stays as it is, for the validator to judge.

    Raises:
        KeyError: OCPP 1.6 has no such action.
    """
    schema = read_schema(action)
    return _ordered(schema, schema, payload)


def _ordered(schema: Schema, node: Schema, value: bytes) -> bytes:
    node = resolved(schema, node)
    try:
        if node.get("type") == "object":
            return _object(schema, node, msgspec.json.decode(value, type=dict[str, msgspec.Raw]))
        if node.get("type") == "array":
            items = msgspec.json.decode(value, type=list[msgspec.Raw])
            ordered = [_ordered(schema, node["items"], bytes(item)) for item in items]
            return b"[" + b",".join(ordered) + b"]"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return value
    return value


def _object(schema: Schema, node: Schema, members: dict[str, Any]) -> bytes:
    properties = node.get("properties", {})
    required = node.get("required", ())
    known = [name for name in properties if name in members]
    others = [name for name in members if name not in properties]

    def written() -> Iterator[bytes]:
        for name in known:
            value = bytes(members[name])
            if value != b"null" or name in required:
                value = _ordered(schema, properties[name], value)
                yield msgspec.json.encode(name) + b":" + value
        for name in others:
            yield msgspec.json.encode(name) + b":" + bytes(members[name])

    return b"{" + b",".join(written()) + b"}"
