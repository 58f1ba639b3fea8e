"""Texts that are almost JSON: a comma too many, a value forgotten, as some firmware writes them.

The one rule: valid JSON is never touched, and what stands inside a string neither.
"""

import re
from typing import Final

_TOKEN: Final = re.compile(
    r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{},:]|[^\s\[\]{},:"]+|\s+', re.DOTALL
)
"""A string that nobody closed reaches to the end: looked for anew at each quote inside, its end
would cost seconds in a long text."""

_OPEN: Final = ("[", "{")
_CLOSE: Final = ("]", "}")


def mended(text: str) -> str | None:
    """``text`` with ``[,`` and ``,,`` and ``,]`` freed of a comma, and ``null`` for a value that is
    missing after a colon; None when there was nothing of the kind."""
    out: list[str] = []
    last = ""  # the last piece that is not white space
    last_at = 0
    changed = False
    for piece in _TOKEN.findall(text):
        if piece.isspace():
            out.append(piece)
            continue
        if piece == "," and last in (*_OPEN, ","):
            changed = True
            continue
        if piece in (",", *_CLOSE) and last == ":":
            out.append("null")
            changed = True
        if piece in _CLOSE and last == ",":
            del out[last_at]
            changed = True
        last, last_at = piece, len(out)
        out.append(piece)
    return "".join(out) if changed else None
