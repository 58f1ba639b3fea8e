"""How a message goes wrong: one function a kind, and how often each is used.

The one rule: chance comes from the generator that is passed in, and from nothing else.
"""

import copy
import json
import string
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, Final, TypeAlias

MOST_BYTES: Final = 64 * 1024
"""A longer frame closes the connection."""

Message: TypeAlias = list[Any]

VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    -1,
    0,
    1.5,
    2**31,
    2**63,
    -(2**63) - 1,
    2**64,
    "",
    " ",
    "x" * 300,
    "\x00",
    "\u202e\U0001f50c",
    "'; DROP TABLE transactions; --",
    "../../etc/passwd",
    "%s%n{0}",
    "222222017-10-27T",
    "2026-02-30T25:61:61Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999-23:59",
    [],
    {},
    [[]],
    [None],
    {"": None},
)
"""In place of a value."""

TOKENS: Final = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "1e-999",
    "-0",
    "007",
    "+1",
    "0x1F",
    "1.",
    "9" * 400,
    "9" * 5000,
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\x41"',
    "'single'",
    "undefined",
    "",
)
"""In place of the text of a value; most are no JSON."""

OTHER_ACTIONS: Final = (
    "",
    " ",
    "heartbeat",
    "Heartbeat ",
    "Reset",
    "RemoteStartTransaction",
    "NotifyEvent",
    "__class__",
    "../Heartbeat",
    "A" * 5000,
    "Größe",
    "\x00",
)

CODES: Final = ("GenericError", "FormatViolation", "", "?" * 300)


def _valid(_: Random, message: Message) -> str:
    return json.dumps(message)


def _flipped(chance: Random, message: Message) -> bytes:
    data = bytearray(json.dumps(message).encode())
    for _ in range(chance.choice([1, 1, 2, 8])):
        # Mostly the lower bits, so that most of it stays UTF-8.
        data[chance.randrange(len(data))] ^= 1 << chance.choice([0, 1, 2, 3, 4, 5, 6, 7])
    return bytes(data)


def _truncated(chance: Random, message: Message) -> str:
    text = json.dumps(message)
    return text[: chance.randrange(len(text))]


def _element(chance: Random, message: Message) -> str:
    """An element too many, too few, twice, of another type, or in another place."""
    place = chance.randrange(len(message))
    match chance.randrange(5):
        case 0:
            del message[place]
        case 1:
            message.insert(place, copy.deepcopy(message[place]))
        case 2:
            message[place] = _value(chance)
        case 3:
            chance.shuffle(message)
        case _:
            message.append(_value(chance))
    return json.dumps(message)


def _field(chance: Random, message: Message) -> str:
    """One to four fields missing, of another value, doubled, or strangers."""
    for _ in range(chance.randint(1, 4)):
        holder, name = _somewhere(chance, message[-1])
        match chance.randrange(4):
            case 0 if isinstance(holder, dict):
                del holder[name]
            case 1 if isinstance(holder, dict):
                holder[chance.choice(["vendorField", "idtag", name + " ", ""])] = holder[name]
            case 2:
                holder[name] = [holder[name]] * chance.randint(0, 20)
            case _:
                holder[name] = _value(chance)
    return json.dumps(message)


def _token(chance: Random, message: Message) -> str:
    return _with_text(chance, message, chance.choice(TOKENS))


def _nested(chance: Random, message: Message) -> str:
    depth = chance.choice([50, 500, 1_000, 5_000, 15_000])
    opening, closing = chance.choice([("[", "]"), ('{"a":', "}")])
    inner = "1" if opening != "[" else ""
    return _with_text(chance, message, opening * depth + inner + closing * depth)


def _giant(chance: Random, message: Message) -> str:
    """A string that fills the frame to its limit, and now and then goes beyond."""
    room = MOST_BYTES - len(json.dumps(message)) - 2
    length = chance.choice([room // 4, room // 2, room - 100, room - 100, room + 2 * MOST_BYTES])
    return _with_text(chance, message, '"' + "g" * length + '"')


def _twice_named(chance: Random, message: Message) -> str:
    """An object that has a name twice."""
    text = json.dumps(message)
    name = json.dumps(chance.choice(["idTag", "connectorId", "status", "transactionId"]))
    return text.replace("{", f"{{{name}: {json.dumps(_value(chance))}, ", 1)


def _broken_utf8(chance: Random, message: Message) -> bytes:
    data = json.dumps(message).encode()
    place = chance.randrange(len(data))
    return (
        data[:place]
        + chance.choice([b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\x80"])
        + data[place:]
    )


def _binary(chance: Random, message: Message) -> bytes:
    return chance.choice([json.dumps(message).encode(), chance.randbytes(50), b""])


def _action(chance: Random, message: Message) -> str:
    letters = string.ascii_letters + string.digits
    other = "".join(chance.choices(letters, k=chance.randint(1, 40)))
    message[2] = chance.choice([*OTHER_ACTIONS, other])
    return json.dumps(message)


def _answer(chance: Random, message: Message) -> str:
    """An answer to nothing."""
    unique_id = chance.choice([message[1], "", "-1", "x" * 40, 7, None])
    if chance.random() < 0.5:
        return json.dumps([3, unique_id, chance.choice([message[3], {}, None, [], "ok"])])
    rest = [chance.choice(CODES), "why", {}][: chance.randint(0, 3)]
    return json.dumps([4, unique_id, *rest])


def _repeated_id(chance: Random, message: Message) -> str:
    message[1] = chance.choice(["again", "twice", "", "x" * 36, "x" * 37])
    return json.dumps(message)


def _odd_text(chance: Random, message: Message) -> str:
    text = json.dumps(message)
    match chance.randrange(6):
        case 0:
            return "\ufeff" + text
        case 1:
            return text + chance.choice([" ", "\n", "\x00", "]", text])
        case 2:
            return text.replace(" ", chance.choice(["\u00a0", "\t", "\x0b", "\n\n"]))
        case 3:
            return text.replace('"', "'")
        case 4:
            return text.replace("}", ",}").replace("]", ",]")
        case _:
            return "".join(chance.choices(string.printable, k=chance.randint(0, 200)))


KINDS: Final[Mapping[str, tuple[int, Callable[[Random, Message], str | bytes]]]] = {
    "valid": (150, _valid),
    "flipped": (120, _flipped),
    "truncated": (100, _truncated),
    "element": (100, _element),
    "field": (250, _field),
    "token": (80, _token),
    "nested": (15, _nested),
    "giant": (15, _giant),
    "twice named": (30, _twice_named),
    "broken UTF-8": (5, _broken_utf8),
    "binary": (5, _binary),
    "action": (50, _action),
    "answer": (50, _answer),
    "repeated id": (30, _repeated_id),
    "odd text": (50, _odd_text),
}
"""How often, in relation to each other, and how."""

_SENTINEL: Final = "\x1asentinel"


def _with_text(chance: Random, message: Message, text: str) -> str:
    """The message with ``text``, which need not be JSON, in place of one of its values."""
    holder, name = _somewhere(chance, message[-1])
    holder[name] = _SENTINEL
    return json.dumps(message).replace(json.dumps(_SENTINEL), text)


def _value(chance: Random) -> Any:
    return copy.deepcopy(chance.choice(VALUES))


def _somewhere(chance: Random, payload: Any) -> tuple[Any, Any]:
    """A container within ``payload``, and the key or index of one of its values."""
    places = list(_places(payload))
    if places:
        return chance.choice(places)
    if isinstance(payload, dict):
        payload["stranger"] = 1
        return payload, "stranger"
    return [0], 0


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inner: Any = ()
    if isinstance(value, dict):
        inner = list(value)
    elif isinstance(value, list):
        inner = range(len(value))
    for name in inner:
        yield value, name
        yield from _places(value[name])
