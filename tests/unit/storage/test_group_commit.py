"""The queue in front of the writer, with a writer that waits to be released."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence

import pytest

from gateway.errors import InvariantBroken, StorageFailed
from gateway.storage.batch import Outcome, Returned, Work
from gateway.storage.connection import connect_in_memory
from gateway.storage.group_commit import MAX_BATCH, GroupCommit


class SlowWriter:
    """Executes a batch when it is allowed to."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.sizes: list[int] = []
        self.failure: Exception | None = None
        self._connection = connect_in_memory()

    async def execute(self, works: Sequence[Work]) -> Sequence[Outcome]:
        self.sizes.append(len(works))
        await self.free.wait()
        if self.failure is not None:
            raise self.failure
        return [Returned(work(self._connection)) for work in works]

    def close(self) -> None:
        self._connection.close()


async def settle() -> None:
    """Let everything that can go on go on."""
    for _ in range(5):
        await asyncio.sleep(0)


def answer(value: int) -> Callable[[sqlite3.Connection], int]:
    return lambda _: value


def test_who_arrives_during_a_commit_shares_the_next_one() -> None:
    async def main() -> None:
        writer = SlowWriter()
        group = GroupCommit(writer.execute)
        first = asyncio.create_task(group.run(answer(0)))
        await settle()
        others = [asyncio.create_task(group.run(answer(n))) for n in range(1, 50)]
        await settle()
        assert writer.sizes == [1]
        writer.free.set()
        assert await asyncio.gather(first, *others) == list(range(50))
        assert writer.sizes == [1, 49]
        writer.close()

    asyncio.run(main())


def test_a_batch_is_bounded() -> None:
    async def main() -> None:
        writer = SlowWriter()
        writer.free.set()
        group = GroupCommit(writer.execute)
        count = MAX_BATCH + 10
        answers = await asyncio.gather(*(group.run(answer(n)) for n in range(count)))
        assert answers == list(range(count))
        assert writer.sizes == [MAX_BATCH, 10]
        writer.close()

    asyncio.run(main())


def test_a_failed_batch_tells_each_waiter_with_an_exception_of_its_own() -> None:
    async def main() -> None:
        writer = SlowWriter()
        writer.failure = StorageFailed("full")
        writer.free.set()
        group = GroupCommit(writer.execute)
        errors = await asyncio.gather(
            *(group.run(answer(n)) for n in range(3)), return_exceptions=True
        )
        assert [repr(error) for error in errors] == ["StorageFailed('full')"] * 3
        assert len({id(error) for error in errors}) == 3
        writer.failure = None
        assert await group.run(answer(7)) == 7
        writer.close()

    asyncio.run(main())


def test_a_work_whose_waiter_was_cancelled_runs_whole() -> None:
    async def main() -> None:
        writer = SlowWriter()
        group = GroupCommit(writer.execute)
        done: list[str] = []
        running = asyncio.create_task(group.run(lambda _: done.append("running")))
        await settle()
        queued = asyncio.create_task(group.run(lambda _: done.append("queued")))
        await settle()
        running.cancel()
        queued.cancel()
        await asyncio.wait([running, queued])
        assert running.cancelled()
        assert queued.cancelled()
        writer.free.set()
        await group.close()
        assert done == ["running", "queued"]
        writer.close()

    asyncio.run(main())


def test_nobody_waits_for_ever_when_the_writer_dies() -> None:
    async def main() -> None:
        writer = SlowWriter()
        group = GroupCommit(writer.execute)
        first = asyncio.create_task(group.run(answer(1)))
        await settle()
        second = asyncio.create_task(group.run(answer(2)))
        await settle()
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        writer.failure = InvariantBroken("a bug")
        writer.free.set()
        for waiter in (first, second):
            with pytest.raises(StorageFailed, match="writer stopped"):
                await waiter
        writer.failure = None
        assert await group.run(answer(3)) == 3
        writer.close()

    asyncio.run(main())


def test_closing_ends_what_was_taken_and_refuses_what_comes() -> None:
    async def main() -> None:
        writer = SlowWriter()
        group = GroupCommit(writer.execute)
        taken = asyncio.create_task(group.run(answer(1)))
        await settle()
        closing = asyncio.create_task(group.close())
        await settle()
        with pytest.raises(StorageFailed, match="closed"):
            await group.run(answer(2))
        assert not closing.done()
        writer.free.set()
        await closing
        assert await taken == 1
        await group.close()
        writer.close()

    asyncio.run(main())
