"""An asyncio loop in virtual time: waiting costs nothing, and the same seed gives the same order.

The only file that touches asyncio's privates. The loop jumps its clock to the next deadline instead
of sleeping, knows no threads, and fails when it would wait for ever.
"""

import asyncio
import contextvars
import random
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn, TypeVar

T = TypeVar("T")

EPOCH_S: Final = 1000.0
"""Where virtual time begins; not 0, so that nobody can mistake it for "never"."""


_owner: contextvars.ContextVar[str] = contextvars.ContextVar("_owner", default="")


class Deadlock(BaseException):
    """Every task waits, and no timer would wake any: in real life, a hang.

    Not an Exception, so that no supervisor in the simulated program can swallow it.
    """


class _Selector(selectors.SelectSelector):
    """Never looks at a socket: it moves the clock by the time that select would have slept."""

    wait: Callable[[float | None], None]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.wait(timeout)
        return []


class _Task(asyncio.Task[Any]):
    """A task whose hash is its number: sets of tasks are walked in the same order in every run."""

    def __init__(
        self, number: int, owner: str, coro: Coroutine[Any, Any, Any], **options: Any
    ) -> None:
        self._number = number
        self.owner = owner
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._number


class SimLoop(asyncio.SelectorEventLoop):
    """Virtual time, one thread, no chance but the seed's.

    Args:
        shuffle: Seed for a random order of what is ready at the same instant; None keeps asyncio's
            order. The hostile order finds code that relies on luck.
    """

    def __init__(self, shuffle: int | None = None) -> None:
        self._now_s = EPOCH_S
        self._order = None if shuffle is None else random.Random(shuffle)
        self._tasks_made = 0
        selector = _Selector()
        selector.wait = self._wait
        super().__init__(selector)
        self.set_task_factory(self._make_task)

    def time(self) -> float:
        """Virtual seconds."""
        return self._now_s

    def _wait(self, timeout_s: float | None) -> None:
        if timeout_s is None:
            raise Deadlock("every task waits, and no timer would wake any")
        self._now_s += max(0.0, timeout_s)
        if self._order is not None:
            ready: Any = self._ready  # type: ignore[attr-defined]
            handles = list(ready)
            self._order.shuffle(handles)
            ready.clear()
            ready.extend(handles)

    def _make_task(
        self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any
    ) -> "asyncio.Task[Any]":
        self._tasks_made += 1
        context: contextvars.Context | None = options.get("context")
        owner = _owner.get() if context is None else context.get(_owner, "")
        return _Task(self._tasks_made, owner, coro, loop=loop, **options)

    def run_in_executor(self, *_: Any) -> NoReturn:  # type: ignore[override]
        """Threads have no virtual time."""
        raise RuntimeError("no threads in virtual time")

    def call_soon_threadsafe(self, *_: Any, **__: Any) -> NoReturn:  # type: ignore[override]
        """Threads have no virtual time."""
        raise RuntimeError("no threads in virtual time")


def spawn(owner: str, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """Run ``work`` as a task of ``owner``; so is every task that it makes, directly or not."""
    context = contextvars.copy_context()
    context.run(_owner.set, owner)
    return asyncio.get_running_loop().create_task(work, context=context)


async def kill(owner: str) -> None:
    """End every task of ``owner``, those that are made by the ending of others too."""
    while tasks := [
        task for task in asyncio.all_tasks() if isinstance(task, _Task) and task.owner == owner
    ]:
        for task in sorted(tasks, key=hash):
            task.cancel()
        await asyncio.wait(tasks)


def simulate(main: Callable[[], Coroutine[Any, Any, T]], shuffle: int | None = None) -> T:
    """Run ``main`` to its end in virtual time."""
    with asyncio.Runner(loop_factory=lambda: SimLoop(shuffle)) as runner:
        return runner.run(main())
