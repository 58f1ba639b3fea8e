import json
from typing import Any

import pytest

from gateway.cli.client import URN, Reply
from gateway.cli.endings import AGREEING, Ending, ending_of


def ending(body: bytes) -> Ending:
    return ending_of("CP-1", "Reset", Reply(200, body))


def failed(name: str, **members: Any) -> Ending:
    return ending_of("CP-1", "Reset", Reply(500, b"", {"type": URN + name, **members}))


@pytest.mark.parametrize("status", sorted(AGREEING))
def test_a_charge_point_agrees(status: str) -> None:
    found = ending(b'{"status":"%s"}' % status.encode())
    assert (found.code, found.status) == (0, status)
    assert found.sentence == f"CP-1 answered Reset: {status}."


@pytest.mark.parametrize(
    "status", ["Rejected", "NotSupported", "NotImplemented", "UnlockFailed", "Unknown", "Faulted"]
)
def test_a_charge_point_refuses(status: str) -> None:
    found = ending(b'{"status":"%s"}' % status.encode())
    assert (found.code, found.sentence) == (3, f"CP-1 refused Reset: {status}.")


def test_an_answer_without_a_status_is_an_answer() -> None:
    found = ending(b'{"fileName":"a.log"}')
    assert (found.code, found.sentence) == (0, "CP-1 answered Reset.")
    assert found.members == {"fileName": "a.log"}


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("call-error", 4, "CP-1 answered Reset with a CALLERROR: why."),
        ("time-out", 5, "CP-1 did not answer Reset in time: why."),
        ("offline", 6, "CP-1 is offline; no answer to Reset."),
        ("superseded", 7, "Reset was not sent to CP-1: a newer CALL took its place."),
        ("withheld", 7, "Reset was not sent to CP-1, OCPP does not allow it now: why."),
        ("payload-not-allowed", 2, "Reset was not sent to CP-1, it is not allowed: why."),
        ("unknown-charge-point", 2, "The site file has no charge point CP-1."),
        ("storage-failed", 1, "Reset to CP-1 failed: It failed: why."),
    ],
)
def test_failures_are_told_apart(name: str, code: int, sentence: str) -> None:
    found = failed(name, title="It failed.", detail="why.")
    assert (found.outcome, found.code, found.sentence) == (name, code, sentence)


def test_programs_get_one_object() -> None:
    found = json.loads(ending(b'{"status":"Rejected"}').as_json("CP-1", "Reset", [("a", "1")]))
    assert found == {
        "outcome": "answered",
        "charge_point": "CP-1",
        "action": "Reset",
        "agreed": False,
        "status": "Rejected",
        "payload": {"status": "Rejected"},
        "filled": {"a": 1},
    }


def test_programs_see_what_a_callerror_said() -> None:
    found = json.loads(
        failed("call-error", code="X", description="d", details={"a": 1}).as_json("CP-1", "Reset")
    )
    assert found["outcome"] == "call-error"
    assert (found["code"], found["description"], found["details"]) == ("X", "d", {"a": 1})
    assert found["payload"] is None


def test_the_answer_keeps_its_bytes() -> None:
    answer = b'{"limit": 16.0}'
    assert answer in ending(answer).as_json("CP-1", "Reset")
