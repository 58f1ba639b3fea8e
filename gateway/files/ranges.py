"""HTTP byte ranges (RFC 9110 §14): what a client asks for, and what it has been sent so far.

The one rule: what cannot be understood is as good as not asked; then the whole file is sent.
"""

import re
from typing import Final, NamedTuple

MOST_PIECES: Final = 256
"""Gaps that are kept in mind for one file; a client that asks for more gets no credit for them."""

_ONE_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII | re.IGNORECASE)


class Span(NamedTuple):
    """Bytes from ``begin`` up to, not including, ``end``."""

    begin: int
    end: int


def requested(header: str | None, size: int) -> Span | None:
    """The part of a file of ``size`` bytes that a Range header asks for.

    Returns:
        All of it without a usable header; an ``end`` of at most ``size``; None when the range lies
        outside (416).
    """
    whole = Span(0, size)
    asked = _ONE_RANGE.fullmatch(header.strip()) if header is not None else None
    if asked is None or asked[1] == asked[2] == "":
        return whole
    if asked[1] == "":
        length = int(asked[2])
        return Span(max(0, size - length), size) if length and size else None
    begin = int(asked[1])
    last = int(asked[2]) if asked[2] else size - 1
    if asked[2] and last < begin:
        return whole
    return Span(begin, min(last + 1, size)) if begin < size else None


class Coverage:
    """Which bytes of one version of a file were sent.

    Args:
        version: Changes whenever the file does.
    """

    def __init__(self, version: str, size: int) -> None:
        self.version = version
        self._size = size
        self._pieces: list[Span] = []

    def add(self, span: Span) -> bool:
        """``span`` was sent; True when nothing is missing any more."""
        pieces = sorted([*self._pieces, span])
        merged = [pieces[0]]
        for piece in pieces[1:]:
            last = merged[-1]
            if piece.begin <= last.end:
                merged[-1] = Span(last.begin, max(last.end, piece.end))
            else:
                merged.append(piece)
        self._pieces = merged[:MOST_PIECES]
        return merged[0].begin == 0 and merged[0].end >= self._size
