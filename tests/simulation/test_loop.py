"""The virtual loop itself: time jumps, hangs are loud, and one seed means one order."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.simulation.loop import EPOCH_S, Deadlock, SimLoop, kill, simulate, spawn


def test_an_hour_passes_at_once() -> None:
    async def main() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    assert simulate(main) == EPOCH_S + 3600


def test_timers_end_in_the_order_of_their_deadlines() -> None:
    async def main() -> list[int]:
        ended: list[int] = []

        async def wait(delay_s: int) -> None:
            await asyncio.sleep(delay_s)
            ended.append(delay_s)

        await asyncio.gather(*(wait(delay_s) for delay_s in (5, 1, 4, 2, 3)))
        return ended

    assert simulate(main) == [1, 2, 3, 4, 5]


def test_a_hang_is_loud() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock):
        simulate(main)


def test_a_supervisor_cannot_swallow_a_hang() -> None:
    assert not issubclass(Deadlock, Exception)


def test_threads_are_refused() -> None:
    async def main() -> None:
        await asyncio.to_thread(len, "")

    with pytest.raises(RuntimeError, match="no threads"):
        simulate(main)


def race(order: list[int]) -> Coroutine[Any, Any, None]:
    async def runner(number: int) -> None:
        for _ in range(3):
            order.append(number)
            await asyncio.sleep(0)

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            for number in range(8):
                tasks.create_task(runner(number))

    return main()


def run_race(shuffle: int | None) -> list[int]:
    order: list[int] = []
    simulate(lambda: race(order), shuffle)
    return order


def test_without_a_seed_the_order_is_asyncios_own() -> None:
    assert run_race(None) == list(range(8)) * 3


def test_the_same_seed_gives_the_same_order() -> None:
    assert run_race(7) == run_race(7)


def test_another_seed_gives_another_order() -> None:
    assert len({tuple(run_race(seed)) for seed in range(5)}) == 5


def test_a_set_of_tasks_is_walked_in_the_same_order_in_every_run() -> None:
    async def main() -> list[int]:
        cancelled: list[int] = []

        async def wait(number: int) -> None:
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                cancelled.append(number)
                raise

        async def fail() -> None:
            await asyncio.sleep(1)
            raise ValueError

        async def group() -> None:
            async with asyncio.TaskGroup() as tasks:
                for number in range(20):
                    tasks.create_task(wait(number))
                tasks.create_task(fail())

        with pytest.raises(ExceptionGroup):
            await group()
        return cancelled

    assert simulate(main) == simulate(main)


def test_a_timeout_fires_in_virtual_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 30)
        return asyncio.get_running_loop().time()

    assert simulate(main) == pytest.approx(EPOCH_S + 30)


def test_the_loop_can_be_closed_unused() -> None:
    SimLoop().close()


def test_killing_an_owner_ends_all_that_it_started_and_nothing_else() -> None:
    async def main() -> tuple[list[str], bool]:
        ended: list[str] = []

        async def wait(name: str) -> None:
            try:
                await asyncio.sleep(100)
            finally:
                ended.append(name)

        async def victim() -> None:
            asyncio.get_running_loop().call_later(1, lambda: asyncio.ensure_future(wait("timer")))
            children = [asyncio.ensure_future(wait(name)) for name in ("child", "other child")]
            try:
                await asyncio.gather(*children)
            finally:
                children.append(asyncio.ensure_future(wait("made while dying")))

        spawn("victim", victim())
        bystander = spawn("bystander", asyncio.sleep(50))
        await asyncio.sleep(10)
        await kill("victim")
        return sorted(ended), bystander.done()

    names, bystander_done = simulate(main)
    assert names == ["child", "made while dying", "other child", "timer"]
    assert not bystander_done
