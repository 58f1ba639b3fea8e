"""Messages gone wrong, from a seed: the same seed spoils the same messages in the same way."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.conformance.negatives import ANSWERS, ORDERS, REQUESTS

NASTY: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    0,
    1.5,
    2**31,
    2**63,
    2**64,
    -(2**70),
    1e308,
    "",
    " ",
    "x" * 300,
    "\x00",
    "\u202e",
    "9223372036854775808",
    "'; DROP TABLE transactions;--",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999+14:00",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"status": {"status": "Accepted"}},
)
"""Values that nobody expects where they stand."""

TOKENS: Final = (
    "NaN",
    "-Infinity",
    "1e999",
    "-0",
    "00",
    '"\\ud800"',
    '"\\u0000"',
    "[" * 2000,
    "{" * 500,
    '{"a":' * 500,
    "," * 20,
    "null",
    "9" * 400,
    '"',
    "\\",
    "\ufeff",
)
"""Text that does not belong into JSON, or strains its reader."""

ACTIONS: Final = (*REQUESTS, *ORDERS, "", "heartbeat", "__class__", "x" * 5000, "../Heartbeat")
LARGEST: Final = 70_000
"""Some are beyond the 64 KiB that a message may have."""

Message = str | bytes
"""Text goes out as a text frame; bytes that are no UTF-8 as one too, others as a binary frame."""


def messages(seed: int, count: int) -> Iterator[Message]:
    """``count`` messages, most of them wrong in one or more ways."""
    chance = random.Random(seed)
    for _ in range(count):
        yield _message(chance)


def _message(chance: random.Random) -> Message:
    frame = _frame(chance)
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        chance.choice(_IN_FRAME)(chance, frame)
    text = json.dumps(frame, ensure_ascii=chance.random() < 0.5)
    for _ in range(chance.choice((0, 0, 1, 3))):
        text = chance.choice(_IN_TEXT)(chance, text)
    text = text[:LARGEST]
    odd = chance.random()
    if odd < 0.005:
        return text.encode(errors="replace")
    if odd < 0.01:
        return text.encode(errors="replace") + b"\xff\xfe"
    return text.encode("utf-8", "replace").decode()


def _frame(chance: random.Random) -> list[Any]:
    """A CALL that is right, or an answer to a CALL that nobody made."""
    unique_id = chance.choice(("same", str(chance.random()), "x" * chance.choice((1, 36, 400))))
    kind = chance.random()
    if kind < 0.8:
        action = chance.choice(tuple(REQUESTS))
        return [2, unique_id, action, json.loads(json.dumps(REQUESTS[action]))]
    if kind < 0.9:
        answer = ANSWERS[chance.choice(tuple(ANSWERS))]
        return [3, unique_id, json.loads(json.dumps(answer))]
    return [4, unique_id, "GenericError", "", {}]


def _nasty(chance: random.Random) -> Any:
    return copy.deepcopy(chance.choice(NASTY))


def _replace_a_value(chance: random.Random, frame: list[Any]) -> None:
    inside = _somewhere(chance, frame)
    if inside:
        inside[chance.choice(_keys(inside))] = _nasty(chance)


def _remove_a_value(chance: random.Random, frame: list[Any]) -> None:
    inside = _somewhere(chance, frame)
    if inside:
        del inside[chance.choice(_keys(inside))]


def _add_a_value(chance: random.Random, frame: list[Any]) -> None:
    inside = _somewhere(chance, frame)
    if isinstance(inside, dict):
        inside[str(_nasty(chance))] = _nasty(chance)
    else:
        inside.insert(chance.randint(0, len(inside)), _nasty(chance))


def _change_the_action(chance: random.Random, frame: list[Any]) -> None:
    if len(frame) > 2:
        frame[2] = chance.choice(ACTIONS)


def _repeat_a_part(chance: random.Random, frame: list[Any]) -> None:
    inside = _somewhere(chance, frame)
    if isinstance(inside, list) and inside:
        inside.extend([inside[0]] * chance.choice((1, 10, 200)))


def _keys(inside: Any) -> list[Any]:
    return list(inside) if isinstance(inside, dict) else list(range(len(inside)))


def _somewhere(chance: random.Random, frame: list[Any]) -> Any:
    """The frame, or an object or list anywhere inside it."""
    found: Any = frame
    while chance.random() < 0.7:
        values = list(found.values()) if isinstance(found, dict) else found
        deeper = [value for value in values if isinstance(value, dict | list)]
        if not deeper:
            break
        found = chance.choice(deeper)
    return found


def _cut(chance: random.Random, text: str) -> str:
    return text[: chance.randint(0, len(text))]


def _flip(chance: random.Random, text: str) -> str:
    if not text:
        return text
    place = chance.randrange(len(text))
    return (
        text[:place] + chr(chance.choice((0, 9, 34, 44, 91, 123, 233, 0x1F600))) + text[place + 1 :]
    )


def _insert(chance: random.Random, text: str) -> str:
    place = chance.randint(0, len(text))
    return text[:place] + chance.choice(TOKENS) + text[place:]


def _swallow(chance: random.Random, text: str) -> str:
    first, last = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
    return text[:first] + text[last:]


def _stutter(chance: random.Random, text: str) -> str:
    first, last = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
    return text[:last] + text[first:last] * chance.choice((1, 5, 200)) + text[last:]


_IN_FRAME: Final[tuple[Callable[[random.Random, list[Any]], None], ...]] = (
    _replace_a_value,
    _replace_a_value,
    _remove_a_value,
    _add_a_value,
    _change_the_action,
    _repeat_a_part,
)
_IN_TEXT: Final[tuple[Callable[[random.Random, str], str], ...]] = (
    _cut,
    _flip,
    _insert,
    _swallow,
    _stutter,
)
