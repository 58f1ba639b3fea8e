"""OCPP-J frames: text to one of five shapes and back (OCPP-J 1.6 §4).

The one rule: a payload is kept byte for byte; nothing here renames, reorders or re-types it.
"""

import re
from typing import Final, NoReturn, TypeAlias

import msgspec

from gateway.errors import ProtocolViolation

MAX_UNIQUE_ID: Final = 255
"""OCPP-J 1.6 §4.1.4 allows 36 characters. Longer ids of a peer are given back up to this length;
beyond it the message cannot be answered."""

EMPTY: Final = b"{}"


class Call(msgspec.Struct, frozen=True):
    """``[2, unique_id, action, payload]``; ``payload`` is a JSON object."""

    unique_id: str
    action: str
    payload: bytes


class CallResult(msgspec.Struct, frozen=True):
    """``[3, unique_id, payload]``; ``payload`` is a JSON object."""

    unique_id: str
    payload: bytes


class CallError(msgspec.Struct, frozen=True):
    """``[4, unique_id, code, description, details]``; ``details`` is a JSON object."""

    unique_id: str
    code: str
    description: str = ""
    details: bytes = EMPTY


class BrokenAnswer(msgspec.Struct, frozen=True):
    """A CALLRESULT or CALLERROR whose id is readable and whose rest is not. Never sent."""

    unique_id: str
    detail: str


class Foreign(msgspec.Struct, frozen=True):
    """A message type that OCPP-J 1.6 does not know; §4.1.3 has it ignored. Never sent."""

    detail: str


Frame: TypeAlias = Call | CallResult | CallError | BrokenAnswer | Foreign

_UNREADABLE: Final = (msgspec.DecodeError, RecursionError, UnicodeEncodeError)
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_STRING: Final = msgspec.json.Decoder(str)
_WHOLE: Final = msgspec.json.Decoder()
_HEAD: Final = re.compile(r'\s*\[\s*([234])\s*,\s*"([^"\\\x00-\x1f\ud800-\udfff]*)"\s*[,\]]')


def parse(text: str) -> Frame:
    """Read one message.

    Numbers out of range inside a payload show only when the payload is decoded.

    Raises:
        ProtocolViolation: The text is no OCPP-J message. It carries the id of the CALL that must
            be answered, where that could be read; None means that no answer is possible.
    """
    try:
        elements = [bytes(element) for element in _ELEMENTS.decode(text)]
    except _UNREADABLE as exc:
        return _salvage(text, exc)
    if len(elements) < 2:
        raise ProtocolViolation("FormationViolation", "fewer than two elements")
    kind = elements[0]
    if kind not in (b"2", b"3", b"4"):
        return Foreign(f"message type {_cut(kind.decode())}")
    unique_id = _unique_id(elements[1])
    if kind == b"2":
        return _call(unique_id, elements)
    return _result(unique_id, elements) if kind == b"3" else _error(unique_id, elements)


def to_text(frame: Call | CallResult | CallError) -> str:
    """The message as it goes onto the wire; the payload's bytes stand in it unchanged."""
    match frame:
        case CallResult(unique_id, payload):
            return f"[3,{_quoted(unique_id)},{payload.decode()}]"
        case Call(unique_id, action, payload):
            return f"[2,{_quoted(unique_id)},{_quoted(action)},{payload.decode()}]"
        case CallError(unique_id, code, description, details):
            words = f"{_quoted(unique_id)},{_quoted(code)},{_quoted(description)}"
            return f"[4,{words},{details.decode()}]"


def _call(unique_id: str, elements: list[bytes]) -> Call:
    if len(elements) != 4:
        raise ProtocolViolation(
            "FormationViolation", f"a CALL has 4 elements, this has {len(elements)}", unique_id
        )
    action = _string(elements[2])
    if action is None:
        raise ProtocolViolation("FormationViolation", "the action is not a string", unique_id)
    payload = _object(elements[3])
    if payload is None:
        raise ProtocolViolation("FormationViolation", "the payload is not an object", unique_id)
    return Call(unique_id, action, payload)


def _result(unique_id: str, elements: list[bytes]) -> CallResult | BrokenAnswer:
    payload = _object(elements[2]) if len(elements) > 2 else EMPTY
    if payload is None:
        return BrokenAnswer(unique_id, "the payload of the CALLRESULT is not an object")
    return CallResult(unique_id, payload)


def _error(unique_id: str, elements: list[bytes]) -> CallError:
    """Elements that are missing or wrong become GenericError, no description and no details."""
    code, description, details = (*elements[2:5], b"", b"", b"")[:3]
    return CallError(
        unique_id, _string(code) or "GenericError", _string(description) or "", _details(details)
    )


def _unique_id(element: bytes) -> str:
    unique_id = _string(element)
    if unique_id is None or len(unique_id) > MAX_UNIQUE_ID:
        raise ProtocolViolation("FormationViolation", "the unique id cannot be given back")
    return unique_id


def _string(element: bytes) -> str | None:
    return _STRING.decode(element) if element.startswith(b'"') else None


def _object(element: bytes) -> bytes | None:
    """The element if it is an object; null stands for an empty one (OCPP-J 1.6 §4.2.1)."""
    if element.startswith(b"{"):
        return element
    return EMPTY if element == b"null" else None


def _details(element: bytes) -> bytes:
    """Details are only ever shown to people: what cannot be decoded whole is left away."""
    try:
        return element if isinstance(_WHOLE.decode(element), dict) else EMPTY
    except _UNREADABLE:
        return EMPTY


def _salvage(text: str, exc: Exception) -> BrokenAnswer:
    """Tell who waits for an answer, from the head of a text that is not JSON as a whole."""
    head = _HEAD.match(text)
    detail = f"not JSON: {exc}"
    if head is None or len(head[2]) > MAX_UNIQUE_ID:
        _refuse(detail, None)
    if head[1] == "2":
        _refuse(detail, head[2])
    return BrokenAnswer(head[2], detail)


def _refuse(detail: str, unique_id: str | None) -> NoReturn:
    raise ProtocolViolation("FormationViolation", detail, unique_id)


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "..."
