"""One commit for many works: each is whole or absent, and none is known before all are durable.

Plain functions over a ``sqlite3.Connection`` in autocommit mode (``isolation_level=None``).
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, TypeAlias

from gateway.errors import StorageFailed

Work: TypeAlias = Callable[[sqlite3.Connection], Any]

_DEVICE_CODES: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
"""SQLite result codes that speak of the device. The others speak of our statements."""


@dataclass(frozen=True, slots=True)
class Returned:
    """The work is durable and gave ``value``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """The work raised ``error``; nothing that it wrote is kept."""

    error: Exception


Outcome: TypeAlias = Returned | Raised


def run_batch(connection: sqlite3.Connection, works: Sequence[Work]) -> list[Outcome]:
    """Run ``works`` in order inside one transaction and commit it.

    Returns:
        How each of them ended, in their order.

    Raises:
        StorageFailed: Nothing of the batch is promised. The connection stays usable.
    """
    try:
        if connection.in_transaction:  # left behind by a failure that could not be undone then
            connection.execute("ROLLBACK")
        connection.execute("BEGIN IMMEDIATE")
        outcomes = [_attempt(connection, work) for work in works]
        connection.execute("COMMIT")
    except sqlite3.Error as exc:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise StorageFailed(f"the database could not be written: {exc}") from exc
    return outcomes


def _attempt(connection: sqlite3.Connection, work: Work) -> Outcome:
    savepoint = _Savepoint(connection)
    with savepoint:
        savepoint.outcome = Returned(work(connection))
    return savepoint.outcome


class _Savepoint:
    """Undoes what an exception left half done, and keeps the exception for its waiter."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.outcome: Outcome = Returned(None)

    def __enter__(self) -> None:
        self._connection.execute("SAVEPOINT work")

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> bool:
        if not self._connection.in_transaction:
            # SQLite undoes a whole transaction on some failures of the device. Without this check
            # the works that follow would each commit by themselves.
            raise StorageFailed(f"the whole commit was undone: {error}") from error
        if error is not None:
            self._connection.execute("ROLLBACK TO work")
        self._connection.execute("RELEASE work")
        if not isinstance(error, Exception):
            return False
        self.outcome = Raised(_translated(error))
        return True


def _translated(error: Exception) -> Exception:
    """A failure of the device by its own name; any other error as it is."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if code not in _DEVICE_CODES:
        return error
    failed = StorageFailed(f"the database could not be used: {error}")
    failed.__cause__ = error
    return failed
