"""Messages: every struct against the schema that it stands for."""

import inspect
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from gateway.ocpp.v16 import messages
from gateway.ocpp.v16.messages import Message

STRUCTS = [
    (name, kind)
    for name, kind in inspect.getmembers(messages, inspect.isclass)
    if issubclass(kind, Message)
    and name.endswith(("Request", "Response"))
    and name != "StatusResponse"
]


def _schema(name: str) -> dict[str, Any]:
    file = files("ocpp.v16") / "schemas" / f"{name.removesuffix('Request')}.json"
    schema: dict[str, Any] = msgspec.json.decode(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    return schema


@pytest.mark.parametrize(("name", "kind"), STRUCTS)
def test_fields_are_the_schemas_properties_in_its_order(name: str, kind: type[Message]) -> None:
    order = list(_schema(name)["properties"])
    if name == "MeterValuesRequest":  # read, never written
        order = sorted(order, key=["connectorId", "transactionId", "meterValue"].index)
    fields = [field.encode_name for field in msgspec.structs.fields(kind)]
    assert fields == [name for name in order if name in fields]


@pytest.mark.parametrize(("name", "kind"), STRUCTS)
def test_what_a_schema_requires_is_a_field_and_what_it_does_not_may_be_absent(
    name: str, kind: type[Message]
) -> None:
    required = set(_schema(name).get("required", ()))
    fields = {field.encode_name: field.required for field in msgspec.structs.fields(kind)}
    assert required <= set(fields)
    assert {name for name, needed in fields.items() if needed} <= required
