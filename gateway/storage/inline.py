"""The database without a thread, for virtual time. Everything else is as in the real one."""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from gateway.storage.batch import Outcome, Work, run_batch
from gateway.storage.group_commit import GroupCommit

T = TypeVar("T")


class InlineDatabase:
    """Fulfils `gateway.ports.Database` in the thread of the event loop.

    Args:
        connection: From `gateway.storage.connection`. It stays the caller's to close, so that a
            simulated death can be followed by a new `InlineDatabase` over the same data.
        before_commit: Awaited before each batch: sleeps to show a slow disk, raises StorageFailed
            to show an ill one. May be set anew at any time.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        before_commit: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.before_commit = before_commit
        self._connection = connection
        self._group = GroupCommit(self._execute)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` whole and return its result once that is committed."""
        return await self._group.run(work)

    async def close(self) -> None:
        """Finish what was taken; refuse what comes."""
        await self._group.close()

    async def _execute(self, works: Sequence[Work]) -> Sequence[Outcome]:
        if self.before_commit is not None:
            await self.before_commit()
        return run_batch(self._connection, works)
