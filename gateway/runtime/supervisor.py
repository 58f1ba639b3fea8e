"""Keeps long-running work alive: what dies by a bug is logged and started again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from gateway.runtime.log import facts

log = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0


async def keep(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run ``work`` for ever, starting it again with growing pauses whenever it ends or fails.

    A run that lasted longer than the longest pause starts the pauses anew.
    """
    loop = asyncio.get_running_loop()
    pause_s = FIRST_PAUSE_S
    while True:
        began_s = loop.time()
        try:
            await work()
        except Exception:
            log.exception("task.failed", extra=facts(task=name, again_in_s=pause_s))
        else:
            log.error("task.ended", extra=facts(task=name, again_in_s=pause_s))
        if loop.time() - began_s > LONGEST_PAUSE_S:
            pause_s = FIRST_PAUSE_S
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


class TaskKeeper:
    """Holds tasks that nobody awaits, so that they are not collected, and logs how they failed."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        """Run ``work`` beside everything else."""
        task = asyncio.ensure_future(work)
        task.set_name(name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def cancel(self) -> None:
        """End every task that still runs, and wait until it did."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task.failed", exc_info=error, extra=facts(task=task.get_name()))
