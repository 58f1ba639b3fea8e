"""Opens the database file: looks first, and never changes a file that it cannot use."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gateway.errors import StartFailed
from gateway.storage.migrate import Migration, migrate, shipped_migrations, version_of

APPLICATION_ID: Final = 0x44504757
"""In the file's header (``DPGW``); the first migration writes it."""

_MAGIC: Final = b"SQLite format 3\x00"
_BUSY_TIMEOUT_S: Final = 5.0
_CHECKED_BELOW_BYTES: Final = 64 * 1024 * 1024
"""Larger files are not read through at start: a memory card takes seconds for them."""
_WAL_KEPT_BYTES: Final = 8 * 1024 * 1024
"""What the write-ahead log may keep of the card after a burst."""


def connect(
    path: Path,
    migrations: Sequence[Migration] | None = None,
    factory: type[sqlite3.Connection] = sqlite3.Connection,
) -> sqlite3.Connection:
    """Open ``path`` as the gateway's database, made or migrated where needed.

    The connection may be used from any one thread at a time, is in autocommit mode and gives
    ``sqlite3.Row``; commits are durable (WAL, ``synchronous=FULL``).

    Args:
        migrations: All steps; None for those that are shipped.
        factory: A kind of connection that tests may put in place of the usual one.

    Raises:
        StartFailed: One sentence says why the file cannot be used. It is as it was, or stands at
            the last migration that succeeded.
    """
    steps = shipped_migrations() if migrations is None else migrations
    try:
        _look_at_header(path, len(steps))
        connection = _opened(str(path), factory)
    except (sqlite3.Error, OSError) as exc:
        raise StartFailed(f"{path} cannot be opened: {exc}") from exc
    try:
        _look_inside(connection, path, len(steps))
        _make_durable(connection, path)
        migrate(connection, steps, path)
    except (sqlite3.Error, OSError) as exc:
        connection.close()
        raise StartFailed(f"{path} cannot be used: {exc}") from exc
    except BaseException:
        connection.close()
        raise
    return connection


def connect_in_memory() -> sqlite3.Connection:
    """A new, empty database with the same schema that lives as long as its connection."""
    connection = _opened(":memory:", sqlite3.Connection)
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection, shipped_migrations(), None)
    return connection


def _opened(name: str, factory: type[sqlite3.Connection]) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        factory=factory,
    )
    connection.row_factory = sqlite3.Row
    return connection


def _look_at_header(path: Path, newest: int) -> None:
    """Refuse what the first 100 bytes already tell, before SQLite touches the file."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return
    if not header:
        return
    if len(header) < 100 or not header.startswith(_MAGIC):
        raise StartFailed(f"{path} is not a database; move it away and start again")
    if int.from_bytes(header[68:72], "big") not in (0, APPLICATION_ID):
        raise StartFailed(f"{path} is a database of another program; move it away and start again")
    _refuse_newer(path, int.from_bytes(header[60:64], "big"), newest)


def _look_inside(connection: sqlite3.Connection, path: Path, newest: int) -> None:
    """Refuse what only SQLite can tell, as part of the truth may be in the write-ahead log."""
    version = version_of(connection)
    _refuse_newer(path, version, newest)
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if (version > 0 or tables > 0) and application_id != APPLICATION_ID:
        raise StartFailed(f"{path} is a database of another program; move it away and start again")
    if path.stat().st_size <= _CHECKED_BELOW_BYTES:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            detail = verdict.splitlines()[-1]
            raise StartFailed(f"{path} is damaged ({detail}); restore a backup or move it away")


def _refuse_newer(path: Path, version: int, newest: int) -> None:
    if version > newest:
        raise StartFailed(
            f"{path} was written by a newer version of the gateway (database version {version}, "
            f"this gateway knows up to {newest}); install that version again"
        )


def _make_durable(connection: sqlite3.Connection, path: Path) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StartFailed(f"{path} is on a file system that SQLite's write-ahead log cannot use")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")  # savepoints cost the card nothing
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}")
    connection.execute("BEGIN IMMEDIATE")  # SQLite opens what it may not write without a word
    connection.execute("ROLLBACK")
