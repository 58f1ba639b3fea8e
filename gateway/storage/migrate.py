"""Brings an older database to the newest version: forward only, each step whole or not at all.

``PRAGMA user_version`` counts the steps taken. Step N is the file ``migrations/000N_name.sql``.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from gateway.errors import InvariantBroken


@dataclass(frozen=True, slots=True)
class Migration:
    """The SQL that leads from version ``version - 1`` to ``version``, without BEGIN and COMMIT."""

    version: int
    sql: str


def shipped_migrations() -> tuple[Migration, ...]:
    """The steps that come with this version of the gateway, in order."""
    folder = resources.files("gateway.storage").joinpath("migrations")
    found = sorted(
        (int(entry.name.split("_", 1)[0]), entry)
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    )
    migrations = tuple(Migration(version, entry.read_text("utf-8")) for version, entry in found)
    if [step.version for step in migrations] != list(range(1, len(migrations) + 1)):
        raise InvariantBroken("storage/migrations is not numbered 0001, 0002, ... without gaps")
    return migrations


def version_of(connection: sqlite3.Connection) -> int:
    """How many steps the database has taken; 0 for a new one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(
    connection: sqlite3.Connection, migrations: Sequence[Migration], path: Path | None
) -> None:
    """Take the steps that are missing.

    A database that holds data is first copied to ``<path>.v<version>.bak``.

    Args:
        migrations: All steps from 1 on. The database must not be newer than the last.
        path: Of the database file; None for one in memory, which is not backed up.

    Raises:
        sqlite3.Error, OSError: A step or the backup failed; the database stands at the last step
            that succeeded.
    """
    version = version_of(connection)
    missing = migrations[version:]
    if missing and version > 0 and path is not None:
        _back_up(connection, path, version)
    for step in missing:
        _take(connection, step)


def _take(connection: sqlite3.Connection, step: Migration) -> None:
    # executescript commits whatever is open before it starts, so the transaction is in the script.
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{step.sql}\n;PRAGMA user_version = {step.version};\nCOMMIT;"
        )
    except sqlite3.Error:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Copy the database; under its final name the copy is always whole."""
    unfinished = path.with_name(f"{path.name}.v{version}.bak.part")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(unfinished)) as copy:
            connection.backup(copy)
        unfinished.replace(path.with_name(f"{path.name}.v{version}.bak"))
    finally:
        unfinished.unlink(missing_ok=True)
