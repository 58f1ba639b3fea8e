"""The last CALLs to a charge point and how each ended, so that nobody has to remember.

The one rule: the five ways to fail (CALLERROR, refusal, time-out, offline, never sent) stay apart.
"""

from datetime import datetime
from typing import Any, Final, Protocol

import msgspec

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
from gateway.records.configuration import SECRET_KEYS
from gateway.records.document import Document, stamp

KEPT: Final = 50
LONGEST_BYTES: Final = 2000
"""Payloads beyond this are kept as their length only."""


class EndedCall(Protocol):
    """A CALL to a charge point that ended: `gateway.events.CallEnded`."""

    @property
    def action(self) -> str: ...
    @property
    def payload(self) -> bytes: ...
    @property
    def outcome(self) -> CallOutcome: ...
    @property
    def caller(self) -> Caller: ...
    @property
    def called_at(self) -> datetime: ...
    @property
    def ended_at(self) -> datetime: ...


class CallRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One CALL.

    Args:
        ending: ``answered``, ``call-error``, ``time-out``, ``offline``, ``superseded`` or
            ``withheld``.
        status: The answer's status, where it has one.
        detail: Code and description of a CALLERROR, or why it was not sent.
    """

    action: str
    caller: str
    called_at: str
    took_s: float
    ending: str
    status: str = ""
    detail: str = ""
    payload: Any = None
    answer: Any = None


class Calls(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Oldest first."""

    calls: tuple[CallRecord, ...] = ()


def after_call(record: Calls, call: EndedCall) -> Calls:
    """A CALL ended."""
    outcome = call.outcome
    answer = _shown(outcome.payload) if isinstance(outcome, Answered) else None
    ending, detail = _ending(outcome)
    status = answer.get("status") if isinstance(answer, dict) else None
    new = CallRecord(
        action=call.action,
        caller=call.caller.value,
        called_at=stamp(call.called_at),
        took_s=round((call.ended_at - call.called_at).total_seconds(), 3),
        ending=ending,
        status=status if isinstance(status, str) else "",
        detail=detail,
        payload=_shown(call.payload),
        answer=answer,
    )
    return Calls(calls=(*record.calls, new)[-KEPT:])


def _ending(outcome: CallOutcome) -> tuple[str, str]:
    match outcome:
        case Answered():
            return "answered", ""
        case Refused(code, description):
            return "call-error", f"{code}: {description}" if description else code
        case TimedOut(after_s):
            return "time-out", f"no answer within {after_s:g} s"
        case Offline():
            return "offline", ""
        case Superseded():
            return "superseded", "a newer CALL took its place"
        case Withheld(reason):
            return "withheld", reason


def _shown(payload: bytes) -> Any:
    """The payload as it is kept: without secrets, and not at any length."""
    if len(payload) > LONGEST_BYTES:
        return f"{len(payload)} bytes"
    try:
        return _redacted(msgspec.json.decode(payload))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _redacted(value: Any) -> Any:
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    if not isinstance(value, dict):
        return value
    key = value.get("key")
    secret = isinstance(key, str) and key.casefold() in SECRET_KEYS
    return {
        name: "***" if secret and name == "value" else _redacted(item)
        for name, item in value.items()
    }
