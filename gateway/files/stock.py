"""What is on the box and how much room is left.

The one rule: what is still arriving counts as if it were here already.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from gateway.errors import FileTooLarge, NoRoomForFile
from gateway.files.kinds import UPLOAD


class FileKey(NamedTuple):
    """A file by its kind and name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file on the box; ``identity`` is the charge point that left it, where that is known."""

    key: FileKey
    size_bytes: int
    stored_at: datetime
    identity: str | None = None

    @property
    def version(self) -> str:
        """Changes whenever the file does."""
        return f"{self.size_bytes:x}-{int(self.stored_at.timestamp() * 1e6):x}"


class Stock:
    """Every file, and the bytes under way.

    Args:
        max_file_bytes: No file may be larger.
        quota_bytes: All files together.
    """

    def __init__(self, max_file_bytes: int, quota_bytes: int) -> None:
        self._max_file_bytes = max_file_bytes
        self._quota_bytes = quota_bytes
        self._files: dict[FileKey, Kept] = {}
        self._used_bytes = 0
        self._arriving_bytes = 0
        self._arriving: set[str] = set()

    def put(self, files: Iterable[Kept]) -> None:
        """These are here now, instead of what had their names."""
        for file in files:
            self.drop(file.key)
            self._files[file.key] = file
            self._used_bytes += file.size_bytes

    def drop(self, key: FileKey) -> None:
        """It is gone."""
        file = self._files.pop(key, None)
        if file is not None:
            self._used_bytes -= file.size_bytes

    def find(self, key: FileKey) -> Kept | None:
        """The file."""
        return self._files.get(key)

    def newest_first(self) -> list[Kept]:
        """All of them."""
        return sorted(self._files.values(), key=lambda file: file.stored_at, reverse=True)

    def uploads_before(self, at: datetime) -> list[Kept]:
        """Uploads that were stored before ``at``."""
        return [f for f in self._files.values() if f.key.kind == UPLOAD and f.stored_at < at]

    def senders(self) -> dict[str, str]:
        """The charge point that left each upload, by its name."""
        return {f.key.name: f.identity for f in self._files.values() if f.identity is not None}

    def taken_names(self) -> set[str]:
        """Names that no further upload may have."""
        return {name for kind, name in self._files if kind == UPLOAD} | self._arriving

    def reserve(self, name: str) -> None:
        """An upload of this name is about to be here."""
        self._arriving.add(name)

    def arrive(self, size_bytes: int) -> None:
        """Bytes of a new file came."""
        self._arriving_bytes += size_bytes

    def settle(self, size_bytes: int, name: str) -> None:
        """What arrived in ``size_bytes`` is a file now, or is given up."""
        self._arriving_bytes -= size_bytes
        self._arriving.discard(name)

    def check(self, size_bytes: int, more_bytes: int = 0, replaced: FileKey | None = None) -> None:
        """Raise FileTooLarge or NoRoomForFile where a file cannot be taken.

        Args:
            size_bytes: Its size, as far as it is known.
            more_bytes: How much of it has not arrived yet.
            replaced: What goes when it is here, if there is such a file.
        """
        if size_bytes > self._max_file_bytes:
            raise FileTooLarge(f"A file has at most {self._max_file_bytes} bytes.")
        there = None if replaced is None else self._files.get(replaced)
        freed = 0 if there is None else there.size_bytes
        if self._used_bytes + self._arriving_bytes + more_bytes - freed > self._quota_bytes:
            raise NoRoomForFile(
                f"All files together have at most {self._quota_bytes} bytes; remove some first."
            )
