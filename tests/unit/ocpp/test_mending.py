"""Almost JSON, as it was seen in the field."""

import json

import pytest

from gateway.ocpp.mending import mended


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"sampledValue":[,{"value":"1"}]}', '{"sampledValue":[{"value":"1"}]}'),
        ('{"transactionId":,"a":1}', '{"transactionId":null,"a":1}'),
        ('{"transactionId": }', '{"transactionId": null}'),
        ("[1,,2]", "[1,2]"),
        ("[1,2 , ]", "[1,2  ]"),
        ('{"a":1,}', '{"a":1}'),
        ('{"a":"[,",}', '{"a":"[,"}'),
    ],
)
def test_it_is_mended(text: str, expected: str) -> None:
    assert mended(text) == expected
    json.loads(expected)


@pytest.mark.parametrize("text", ["", "hello", '{"a":"[,,]:,"}', '[2,"1","Heartbeat",{}]', '{"a'])
def test_what_has_no_such_slip_is_left_alone(text: str) -> None:
    assert mended(text) is None


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, '{"a":"' + '\\"' * 500_000 + "\\"])
def test_a_string_that_nobody_closed_is_walked_once(text: str) -> None:
    """Walked anew from each quote, it would take hours."""
    assert mended(text) is None
