"""What a file on the box may be called.

The one rule: a name is one path segment of letters, digits, dot, hyphen and underscore that begins
with a letter or a digit. Such a name leads nowhere else on any file system, and needs no escaping
in a URL, in a header or on an FTP line.
"""

import re
from collections.abc import Container
from datetime import UTC, datetime
from typing import Final

LONGEST_NAME: Final = 100
LONGEST_UPLOAD_NAME: Final = 160
LONGEST_IDENTITY: Final = 48
LONGEST_EXTENSION: Final = 12
UNNAMED: Final = "upload"

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
)
"""Device names of Windows: a person who fetches the file there could not open it."""


def name_fault(name: str) -> str:
    """Why no file can be called ``name``, in a sentence; empty when one can."""
    if not name:
        return "The file has no name."
    if len(name) > LONGEST_NAME:
        return f"The name has {len(name)} characters; at most {LONGEST_NAME} are allowed."
    if not _NAME.fullmatch(name) or name.endswith("."):
        return (
            "A name is made of letters, digits, dot, hyphen and underscore, "
            "begins with a letter or a digit, and does not end with a dot."
        )
    if name.partition(".")[0].casefold() in _RESERVED:
        return "This name is reserved on some computers; choose another."
    return ""


def last_part(path: str) -> str:
    """What follows the last slash, forward or backward."""
    return path.replace("\\", "/").rpartition("/")[2]


def upload_name(identity: str, at: datetime, name: str, taken: Container[str]) -> str:
    """A name for what ``identity`` left at ``at`` under ``name``; none that is ``taken``.

    Whatever ``identity`` and ``name`` hold, the outcome has no fault but its length, which is at
    most 160 characters.
    """
    who = _tame(identity)[:LONGEST_IDENTITY] or "charge-point"
    when = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    stem, extension = _split(_tame(last_part(name)) or UNNAMED)
    room = LONGEST_UPLOAD_NAME - len(who) - len(when) - len(extension) - len("--") - len("-999999")
    begin = f"{who}-{when}-{stem[:room]}"
    found, number = begin + extension, 1
    while found in taken:
        number += 1
        found = f"{begin}-{number}{extension}"
    return found


def _tame(text: str) -> str:
    """``text`` with an underscore for all that a name cannot hold, and without odd ends."""
    return _NOT_IN_NAMES.sub("_", text).strip("._-")


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or len(extension) > LONGEST_EXTENSION:
        return name, ""
    return stem, dot + extension
