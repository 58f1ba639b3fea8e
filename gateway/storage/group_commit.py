"""The queue in front of the writer: who arrives while a commit is under way shares the next one.

There is no timer. A batch leaves as soon as the writer is free, so an idle database answers after
one commit and a busy one after at most two.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from gateway.errors import StorageFailed
from gateway.storage.batch import Outcome, Returned, Work

T = TypeVar("T")

MAX_BATCH: Final = 256
"""Works in one commit. Bounds how long the first of them waits for the last."""


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work
    answer: "asyncio.Future[Any]"

    def conclude(self, outcome: Outcome) -> None:
        """Tell the waiter, unless it has gone away."""
        if self.answer.done():
            return
        if isinstance(outcome, Returned):
            self.answer.set_result(outcome.value)
        else:
            self.answer.set_exception(outcome.error)

    def fail(self, reason: str, cause: BaseException | None) -> None:
        """Tell the waiter that nothing is promised: an exception of its own, as each is raised."""
        if self.answer.done():
            return
        failed = StorageFailed(reason)
        failed.__cause__ = cause
        self.answer.set_exception(failed)


class GroupCommit:
    """Turns single works into batches for ``execute``, one batch at a time.

    Args:
        execute: Runs a batch and returns the outcomes once they are durable, or raises
            StorageFailed. It is never called twice at the same time.
    """

    def __init__(self, execute: Callable[[Sequence[Work]], Awaitable[Sequence[Outcome]]]) -> None:
        self._execute = execute
        self._waiting: deque[_Job] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in one of the next commits and return its result after that commit.

        A work that was queued runs whole even when its waiter is cancelled.
        """
        if self._closed:
            raise StorageFailed("the database is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Job(work, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="storage.write")
        return await answer

    async def close(self) -> None:
        """Take no more works and return when all that were taken have ended."""
        self._closed = True
        if self._writer is not None and not self._writer.done():
            await asyncio.wait([self._writer])

    async def _write(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
            try:
                outcomes = await self._execute([job.work for job in batch])
            except StorageFailed as exc:
                _fail(batch, str(exc), exc)
            except BaseException:
                # A writer that dies must not leave anybody waiting for ever.
                _fail((*batch, *self._waiting), "the writer stopped", None)
                self._waiting.clear()
                raise
            else:
                for job, outcome in zip(batch, outcomes, strict=True):
                    job.conclude(outcome)


def _fail(jobs: Iterable[_Job], reason: str, cause: BaseException | None) -> None:
    for job in jobs:
        job.fail(reason, cause)
