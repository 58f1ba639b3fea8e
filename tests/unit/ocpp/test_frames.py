"""Frames: what is read, what is refused, and whom the refusal answers."""

import pytest

from gateway.errors import ProtocolViolation
from gateway.ocpp.frames import BrokenAnswer, Call, CallError, CallResult, Foreign, parse, to_text


def _refused(text: str) -> ProtocolViolation:
    with pytest.raises(ProtocolViolation) as caught:
        parse(text)
    return caught.value


def test_a_call_keeps_its_payload_byte_for_byte() -> None:
    payload = '{ "b":1.50,"a" : "\\u00e9é" }'
    assert parse(f' [2, "7", "Heartbeat", {payload} ]\n') == Call(
        "7", "Heartbeat", payload.encode()
    )


def test_null_stands_for_an_empty_payload() -> None:
    assert parse('[2,"7","Heartbeat",null]') == Call("7", "Heartbeat", b"{}")
    assert parse('[3,"7",null]') == CallResult("7", b"{}")


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('[4,"7","X","y",{"z":1}]', CallError("7", "X", "y", b'{"z":1}')),
        ('[4,"7"]', CallError("7", "GenericError")),
        ('[4,"7",null,null,null]', CallError("7", "GenericError")),
        ('[4,"7","",3,[]]', CallError("7", "GenericError")),
        ('[4,"7","X","y",{"z":1e999}]', CallError("7", "X", "y")),
    ],
)
def test_an_incomplete_callerror_is_understood(text: str, frame: CallError) -> None:
    assert parse(text) == frame


@pytest.mark.parametrize(
    "text",
    [
        '[2,"7","A",{"a":NaN}]',
        '[2,"7","A",{"a":-Infinity}]',
        '[2,"7","A",{"a":"\\ud800"}]',
        '[2,"7","A",{"a":1}',
        '[2,"7","A",{"a":}]',
        '[2,"7","A"]',
        '[2,"7","A",{},{}]',
        '[2,"7","A",[]]',
        '[2,"7",5,{}]',
        '[2,"7","A",' + "[" * 100_000,
        '[2,"7","A",' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "]",
    ],
)
def test_a_malformed_call_with_a_readable_id_is_answered(text: str) -> None:
    refusal = _refused(text)
    assert (refusal.code, refusal.unique_id) == ("FormationViolation", "7")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{}",
        "[]",
        "[2]",
        "\ufeff[2]",
        '[2,7,"A",{}]',
        '[2,"\\ud800","A",{}]',
        '[2,"' + "x" * 256 + '","A",{}]',
        '[2,"' + "x" * 256 + '","A",{',
        "\ud800",
        '"' * 10,
        "[" * 100_000,
    ],
)
def test_without_a_readable_id_nobody_is_answered(text: str) -> None:
    assert _refused(text).unique_id is None


def test_ids_beyond_36_characters_are_given_back_up_to_255() -> None:
    assert parse(f'[2,"{"x" * 255}","Heartbeat",{{}}]') == Call("x" * 255, "Heartbeat", b"{}")


@pytest.mark.parametrize("kind", ["1", "5", '"2"', "2.0", "true", "null", "[]", "9" * 5000])
def test_an_unknown_message_type_is_foreign(kind: str) -> None:
    assert isinstance(parse(f'[{kind},"7","Heartbeat",{{}}]'), Foreign)


@pytest.mark.parametrize("text", ['[3,"7",{"a":NaN}]', '[3,"7",[]]', '[4,"7",{'])
def test_a_broken_answer_still_names_its_call(text: str) -> None:
    frame = parse(text)
    assert isinstance(frame, BrokenAnswer)
    assert frame.unique_id == "7"


def test_quotes_in_strings_are_escaped() -> None:
    frame = CallError('a"b', "GenericError", 'say "no"\n')
    assert parse(to_text(frame)) == frame
