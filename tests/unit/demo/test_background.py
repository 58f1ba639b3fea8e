import asyncio

import pytest

from gateway.demo.background import background
from gateway.errors import Unavailable


async def fail() -> None:
    raise Unavailable("gone")


async def forever() -> None:
    await asyncio.Event().wait()


async def answer() -> int:
    return 42


def test_the_result_of_the_main_work_comes_back() -> None:
    async def story() -> int:
        async with background() as beside:
            beside.start(forever())
            return await beside.until(answer())

    assert asyncio.run(story()) == 42


def test_a_failure_beside_it_ends_the_main_work() -> None:
    async def story() -> None:
        async with background() as beside:
            beside.start(fail())
            await beside.until(forever())

    with pytest.raises(Unavailable, match="gone"):
        asyncio.run(story())
