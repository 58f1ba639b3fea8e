"""The one writer: a SQLite connection on a thread of its own, reached in one hop per commit."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, TypeVar, cast

import aiosqlite

from gateway.errors import StorageFailed
from gateway.storage.batch import Outcome, Work, run_batch
from gateway.storage.connection import connect
from gateway.storage.group_commit import GroupCommit

T = TypeVar("T")

_ITER_CHUNK_ROWS: Final = 64
"""aiosqlite wants to know; nothing here iterates through it."""


async def open_database(path: Path) -> "SqliteDatabase":
    """Open the database file, made or migrated where needed.

    Close it with `SqliteDatabase.close`, or use ``async with await open_database(path)``: the
    writer's thread keeps the process alive until then.

    Raises:
        StartFailed: The file cannot be used, and is as it was.
    """
    connection = await asyncio.to_thread(connect, path)
    writer = await aiosqlite.Connection(lambda: connection, _ITER_CHUNK_ROWS)
    return SqliteDatabase(connection, writer)


class SqliteDatabase:
    """Fulfils `gateway.ports.Database`. Made by `open_database`."""

    def __init__(self, connection: sqlite3.Connection, writer: aiosqlite.Connection) -> None:
        self._connection = connection
        self._writer = writer
        self._group = GroupCommit(self._execute)

    async def __aenter__(self) -> "SqliteDatabase":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in the writer's thread and return its result once it is on the device.

        Raises:
            StorageFailed: The device failed, or the database is closed.
        """
        return await self._group.run(work)

    async def close(self) -> None:
        """Finish what was taken, fold the write-ahead log into the file, end the thread.

        Safe to call twice.
        """
        await self._group.close()
        try:
            await self._writer.close()
        except sqlite3.Error as exc:
            raise StorageFailed(f"the database could not be closed: {exc}") from exc

    async def _execute(self, works: Sequence[Work]) -> Sequence[Outcome]:
        return await self._hop(lambda connection: run_batch(connection, works))

    async def _hop(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``function`` in the writer's thread."""
        hop = self._writer._execute  # noqa: SLF001 - aiosqlite's public calls hop once a statement
        return cast(T, await hop(function, self._connection))  # type: ignore[no-untyped-call]
