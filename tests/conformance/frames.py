"""What the tester looks at in every frame that we send: the text itself, before anybody decodes it.

The one rule: this file trusts no code of the gateway; shapes and order come from the schema files
of the `ocpp` package.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

CALL: Final = 2
CALLRESULT: Final = 3
LONGEST_ID: Final = 36


class Trace:
    """Every frame of one connection, in the order of the wire, each with who sent it.

    ``calls`` are the CALLs of the gateway so far: action and payload.
    """

    def __init__(self) -> None:
        self._frames: list[tuple[bool, str | bytes]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def sent(self, text: str) -> None:
        """The charge point sent this."""
        self._frames.append((False, text))

    def heard(self, text: str | bytes) -> None:
        """The gateway sent this."""
        self._frames.append((True, text))
        frame = json.loads(text)
        if frame[0] == CALL:
            self.calls.append((frame[2], frame[3]))

    def judge(self, ids: set[str]) -> None:
        """Raise AssertionError for the first thing that is wrong with what the gateway sent.

        Args:
            ids: Those of its CALLs to this charge point until now; grows.
        """
        asked: dict[str, str] = {}
        for is_ours, text in self._frames:
            assert isinstance(text, str), "OCPP-J frames are text"
            frame = json.loads(text)
            if not is_ours:
                if frame[0] == CALL:
                    asked[frame[1]] = frame[2]
            elif frame[0] == CALL:
                _judge_call(frame, text, ids)
            else:
                _judge_answer(frame, text, asked)
        assert not asked, f"no answer to {asked}"


def _judge_call(frame: list[Any], text: str, ids: set[str]) -> None:
    assert len(frame) == 4, text
    _, unique_id, action, payload = frame
    assert isinstance(unique_id, str), text
    assert 0 < len(unique_id) <= LONGEST_ID, text
    assert unique_id not in ids, f"an id for the second time: {text}"
    ids.add(unique_id)
    _check(payload, action, text)


def _judge_answer(frame: list[Any], text: str, asked: dict[str, str]) -> None:
    assert frame[0] == CALLRESULT, f"not a CALLRESULT: {text}"
    assert len(frame) == 3, text
    action = asked.pop(frame[1], None)
    assert action is not None, f"an answer to nothing: {text}"
    _check(frame[2], action + "Response", text)


def _check(payload: object, schema: str, text: str) -> None:
    assert isinstance(payload, dict), text
    assert "null" not in _kinds(payload), f"an unset field is there: {text}"
    for names, allowed in _objects(payload, _schema(schema)):
        assert names == [name for name in allowed if name in names], f"wrong order: {text}"


def _kinds(value: object) -> set[str]:
    if value is None:
        return {"null"}
    if isinstance(value, dict):
        return set().union(*map(_kinds, value.values()))
    if isinstance(value, list):
        return set().union(*map(_kinds, value))
    return {type(value).__name__}


def _objects(value: object, schema: dict[str, Any]) -> Iterator[tuple[list[str], list[str]]]:
    """The names in each object of ``value``, and those of its schema, in their order."""
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, schema.get("items", {}))
    elif isinstance(value, dict):
        allowed = schema.get("properties", {})
        yield list(value), list(allowed)
        for name, member in value.items():
            yield from _objects(member, allowed.get(name, {}))


@cache
def _schema(name: str) -> dict[str, Any]:
    text = (files("ocpp.v16") / "schemas" / f"{name}.json").read_text("utf-8-sig")
    found: dict[str, Any] = json.loads(text)
    return found
