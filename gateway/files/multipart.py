"""The file inside a ``multipart/form-data`` body (RFC 7578), piece by piece as it comes.

The one rule: memory is bounded by the longest header, never by the file, and what is no file by a
size of its own. The first part that is no plain form field counts; all else is passed over.
"""

import enum
import re
from typing import Final

LONGEST_HEAD_BYTES: Final = 8 * 1024
LONGEST_BOUNDARY: Final = 200
MOST_BESIDE_BYTES: Final = 64 * 1024
"""Heads, plain fields, and what stands before and after: all that no size limit of files counts."""

_BOUNDARY: Final = re.compile(r';\s*boundary=(?:"([^"]+)"|([^\s;",]+))', re.IGNORECASE)
_FILE_NAME: Final = re.compile(r';\s*filename="?((?:\\"|[^";\r\n])*)', re.IGNORECASE)


class MalformedBody(ValueError):
    """The body is not what its Content-Type says."""


def boundary_of(content_type: str) -> bytes | None:
    """The boundary of a multipart/form-data body; None when it is something else."""
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        return None
    found = _BOUNDARY.search(content_type)
    boundary = (found[1] or found[2]) if found is not None else ""
    usable = boundary.isascii() and len(boundary) <= LONGEST_BOUNDARY
    return boundary.encode() if boundary and usable else None


def file_name(disposition: str) -> str:
    """The ``filename`` in a Content-Disposition; empty without one."""
    found = _FILE_NAME.search(disposition)
    return found[1].replace('\\"', '"').strip() if found is not None else ""


class _State(enum.Enum):
    PREAMBLE = enum.auto()
    HEAD = enum.auto()
    FILE = enum.auto()
    DONE = enum.auto()


class FilePart:
    """Finds the file in a body that is fed to it.

    ``name`` is the file's name once it is known, empty before; ``is_complete`` turns true at the
    boundary that ends the file.
    """

    def __init__(self, boundary: bytes) -> None:
        self._mark = b"\r\n--" + boundary
        self._rest = b"\r\n"  # the first boundary may stand at the very beginning
        self._state = _State.PREAMBLE
        self._beside_bytes = 0
        self.name = ""

    @property
    def is_complete(self) -> bool:
        """True when the whole file came."""
        return self._state is _State.DONE

    def feed(self, data: bytes) -> bytes:
        """The bytes of the file that are certain after ``data``. Raises MalformedBody."""
        self._rest += data
        found = b""
        while (step := self._step()) is not None:
            found += step
        if self._state is _State.HEAD and len(self._rest) > LONGEST_HEAD_BYTES:
            raise MalformedBody("the head of a part is too long")
        return found

    def _step(self) -> bytes | None:
        """Bytes of the file; None when more data is needed."""
        if self._state is _State.DONE:
            self._pass_over(self._rest)
            self._rest = b""
            return None
        if self._state is _State.HEAD:
            return self._head()
        before, mark, after = self._rest.partition(self._mark)
        if not mark:
            kept = len(self._mark) - 1
            before, self._rest = self._rest[:-kept], self._rest[-kept:]
        is_file = self._state is _State.FILE
        if not is_file:
            self._pass_over(before)
        if not mark:
            return before if is_file and before else None
        self._state = _State.DONE if is_file else _State.HEAD
        self._rest = after
        return before if is_file else b""

    def _head(self) -> bytes | None:
        if self._rest.startswith(b"--"):
            raise MalformedBody("the body holds no file")
        head, end, after = self._rest.partition(b"\r\n\r\n")
        if not end:
            return None
        self._pass_over(head)
        self._rest = after
        text = head.decode("utf-8", "replace")
        lines = [line for line in text.split("\r\n") if line.lower().startswith("content-disp")]
        self.name = file_name(lines[0]) if lines else ""
        is_field = bool(lines) and "filename" not in lines[0].lower()
        self._state = _State.PREAMBLE if is_field else _State.FILE
        return b""

    def _pass_over(self, beside: bytes) -> None:
        self._beside_bytes += len(beside)
        if self._beside_bytes > MOST_BESIDE_BYTES:
            raise MalformedBody("too much of the body is no file")
