"""The members of a JSON object by their places in its text, so that one can be exchanged alone.

The one rule: every byte that nobody asked to change stays as it came. The text must be valid JSON.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]', re.DOTALL)
_OPEN: Final = (b"{", b"[")
_CLOSE: Final = (b"}", b"]")
_SPACE: Final = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Member:
    """One member: ``document[begin:end]`` is all of it, ``document[value_begin:end]`` its value."""

    name: str
    begin: int
    value_begin: int
    end: int


def with_member(document: bytes, name: str, value: object) -> bytes:
    """``document``, a JSON object, with its member ``name`` set to ``value``, at the end if new."""
    found = list(members(document))
    encoded = msgspec.json.encode(value)
    changed = document
    known = [member for member in found if member.name == name]
    for member in reversed(known):
        if _value(document, member) != msgspec.json.decode(encoded):
            changed = changed[: member.value_begin] + encoded + changed[member.end :]
    if known:
        return changed
    new = msgspec.json.encode(name) + b":" + encoded
    if not found:
        brace = document.index(b"{") + 1
        return document[:brace] + new + document[brace:]
    return document[: found[-1].end] + b"," + new + document[found[-1].end :]


def without_member(document: bytes, name: str) -> bytes:
    """``document``, a JSON object, without its member ``name``."""
    found = list(members(document))
    changed = document
    for place in range(len(found) - 1, -1, -1):
        if found[place].name != name:
            continue
        begin, end = found[place].begin, found[place].end
        if place + 1 < len(found):
            end = found[place + 1].begin
        elif any(member.name != name for member in found):
            begin = max(member.end for member in found if member.name != name)
        changed = changed[:begin] + changed[end:]
    return changed


def members(document: bytes) -> Iterator[Member]:
    """The members of the outermost object, in their order; a name may come twice."""
    depth, begin, value_begin = 0, 0, 0
    name: str | None = None
    for token in _TOKEN.finditer(document):
        mark = token[0]
        if mark in _OPEN:
            depth += 1
        elif mark == b":" and depth == 1:
            value_begin = _after_space(document, token.end())
        elif mark.startswith(b'"'):
            if depth == 1 and name is None:
                name, begin = msgspec.json.decode(mark, type=str), token.start()
        elif depth == 1 and name is not None and mark != b":":
            yield Member(name, begin, value_begin, _before_space(document, token.start()))
            name = None
        if mark in _CLOSE:
            depth -= 1


def _value(document: bytes, member: Member) -> object:
    return msgspec.json.decode(document[member.value_begin : member.end])


def _after_space(document: bytes, place: int) -> int:
    while document[place : place + 1] in (b" ", b"\t", b"\r", b"\n"):
        place += 1
    return place


def _before_space(document: bytes, place: int) -> int:
    return len(document[:place].rstrip(_SPACE))
