"""How problems name a place in the site file and quote what stands there, on one line each."""

import difflib
import json
import re
from collections.abc import Iterable
from typing import Final

BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
LONGEST_QUOTE: Final = 60
LARGEST_SHOWN: Final = 10**18


def step(path: str, key: str) -> str:
    """The path of ``key`` inside the table at ``path``, as TOML would write it."""
    name = key if BARE_KEY.fullmatch(key) else quoted(key)
    return f"{path}.{name}" if path else name


def quoted(text: str) -> str:
    """``text`` in double quotes, on one line, cut at 60 characters."""
    cut = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    return json.dumps(cut, ensure_ascii=not cut.isprintable()).replace("\x7f", "\\u007f")


def shown(value: object) -> str:
    """A value of the site file, for a sentence."""
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int() if abs(value) > LARGEST_SHOWN:
            return "a number with too many digits"
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "a table"
    return str(value)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question that ends a sentence, or nothing when no known word is near."""
    by_lower_case = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold()[:LONGEST_QUOTE], by_lower_case, n=1)
    return f"; did you mean {quoted(by_lower_case[near[0]])}?" if near else ""


def listed(words: Iterable[str]) -> str:
    """``words``, each in quotes, joined for a sentence."""
    return ", ".join(quoted(word) for word in words) or "none"
