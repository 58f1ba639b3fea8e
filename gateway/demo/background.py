"""Work that runs beside the main work; the first failure of either ends both."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """Tasks that run until they are no longer needed. Made by `background`."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside everything else."""
        self._tasks.append(asyncio.create_task(work))

    async def until(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of ``work``; raises what a task beside it raises first."""
        task = asyncio.create_task(work)
        try:
            await asyncio.wait({task, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            for beside in self._tasks:
                if beside.done():
                    beside.result()
            return await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def cancel(self) -> None:
        """End every task, and wait until it did."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def background() -> AsyncIterator[Background]:
    """A `Background` whose tasks end with the block."""
    beside = Background()
    try:
        yield beside
    finally:
        await beside.cancel()
