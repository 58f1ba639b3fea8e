"""The last CALLs, and how each ended."""

from datetime import timedelta

import pytest

from gateway.events import CallEnded
from gateway.ocpp.calls import (
    Answered,
    Caller,
    CallOutcome,
    Offline,
    Refused,
    Superseded,
    TimedOut,
    Withheld,
)
from gateway.records.calls import KEPT, LONGEST_BYTES, Calls, after_call
from tests.unit.records.exchanges import NOW


def ended(
    outcome: CallOutcome, action: str = "Reset", payload: bytes = b'{"type":"Hard"}'
) -> CallEnded:
    later = NOW + timedelta(seconds=1.5)
    return CallEnded("CP-01", action, payload, outcome, Caller.OPERATOR, NOW, later)


@pytest.mark.parametrize(
    ("outcome", "ending", "status", "detail"),
    [
        (Answered(b'{"status":"Accepted"}'), "answered", "Accepted", ""),
        (Answered(b'{"status":"Rejected"}'), "answered", "Rejected", ""),
        (Answered(b"{}"), "answered", "", ""),
        (Refused("NotSupported", "no"), "call-error", "", "NotSupported: no"),
        (TimedOut(30.0), "time-out", "", "no answer within 30 s"),
        (Offline(), "offline", "", ""),
        (Superseded(), "superseded", "", "a newer CALL took its place"),
        (Withheld("not yet"), "withheld", "", "not yet"),
    ],
)
def test_every_ending_is_told_apart(
    outcome: CallOutcome, ending: str, status: str, detail: str
) -> None:
    (call,) = after_call(Calls(), ended(outcome)).calls
    assert (call.ending, call.status, call.detail) == (ending, status, detail)
    assert (call.action, call.caller, call.took_s) == ("Reset", "operator", 1.5)
    assert call.payload == {"type": "Hard"}


def test_a_password_is_never_kept() -> None:
    change = b'{"key":"AuthorizationKey","value":"736563726574"}'
    answer = b'{"configurationKey":[{"key":"AUTHORIZATIONKEY","value":"736563726574"}]}'
    (call,) = after_call(Calls(), ended(Answered(answer), "ChangeConfiguration", change)).calls
    assert "736563726574" not in str(call)
    assert call.payload == {"key": "AuthorizationKey", "value": "***"}


def test_long_payloads_are_kept_as_their_length() -> None:
    long = b'{"data":"' + b"x" * LONGEST_BYTES + b'"}'
    (call,) = after_call(Calls(), ended(Answered(long), "DataTransfer", long)).calls
    assert call.payload == call.answer == f"{len(long)} bytes"


def test_the_journal_is_bounded() -> None:
    record = Calls()
    for number in range(KEPT + 5):
        record = after_call(record, ended(Offline(), f"Action{number}"))
    assert len(record.calls) == KEPT
    assert record.calls[-1].action == f"Action{KEPT + 4}"
