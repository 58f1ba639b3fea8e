"""gateway.runtime.supervisor"""

import asyncio
import itertools
import logging

import pytest

from gateway.runtime.supervisor import LONGEST_PAUSE_S, TaskKeeper, keep
from tests.unit.service_bench import play


def test_work_that_dies_is_told_and_started_again_ever_later() -> None:
    starts: list[float] = []

    async def work() -> None:
        starts.append(asyncio.get_running_loop().time())
        raise KeyError("bug")

    async def scene() -> None:
        keeping = asyncio.ensure_future(keep("work", work))
        await asyncio.sleep(300)
        keeping.cancel()

    play(scene)
    pauses = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert pauses[:3] == pytest.approx([0.5, 1.0, 2.0])
    assert max(pauses) == pytest.approx(LONGEST_PAUSE_S)


def test_work_that_ran_for_long_is_started_again_at_once() -> None:
    starts: list[float] = []

    async def work() -> None:
        starts.append(asyncio.get_running_loop().time())
        if len(starts) > 6:
            await asyncio.sleep(3600)
        raise KeyError("bug")

    async def scene() -> None:
        keeping = asyncio.ensure_future(keep("work", work))
        await asyncio.sleep(2 * 3600)
        keeping.cancel()

    play(scene)
    assert starts[7] - starts[6] == pytest.approx(3600.5)


def test_a_task_that_fails_is_told_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise KeyError("bug")

    async def scene() -> None:
        TaskKeeper().start(fails(), "the task")
        await asyncio.sleep(1)

    with caplog.at_level(logging.ERROR):
        play(scene)
    (record,) = caplog.records
    assert record.message == "task.failed"
    assert record.exc_info is not None


def test_tasks_end_with_their_keeper_also_those_that_had_not_begun() -> None:
    ended: list[str] = []

    async def waits() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("waits")

    async def scene() -> None:
        keeper = TaskKeeper()
        keeper.start(waits(), "begun")
        await asyncio.sleep(1)
        keeper.start(waits(), "not begun")
        await keeper.cancel()
        assert ended == ["waits"]

    play(scene)
