"""Links in memory behave like links: in order, late, and breakable in every way."""

import asyncio
import random

import pytest

from gateway.errors import ChannelClosed
from tests.simulation.link import KEEPALIVE_S, Link, Trace
from tests.simulation.loop import simulate


def new_link(latency_s: tuple[float, float] = (0.1, 2.0), trace: Trace | None = None) -> Link:
    return Link("link", random.Random(3), latency_s, trace or Trace())


def test_messages_arrive_late_and_in_order() -> None:
    async def main() -> None:
        link = new_link()
        for number in range(50):
            await link.dialled.send(str(number))
        began_s = asyncio.get_running_loop().time()
        assert [await link.accepted.receive() for _ in range(50)] == [str(n) for n in range(50)]
        assert asyncio.get_running_loop().time() > began_s + 0.1

    simulate(main)


def test_what_was_sent_before_a_close_still_arrives() -> None:
    async def main() -> None:
        link = new_link()
        await link.dialled.send("last words")
        await link.dialled.close()
        assert await link.accepted.receive() == "last words"
        with pytest.raises(ChannelClosed):
            await link.accepted.receive()
        with pytest.raises(ChannelClosed):
            await link.dialled.send("too late")
        assert link.dead

    simulate(main)


def test_a_cut_loses_what_is_on_its_way_and_both_ends_know() -> None:
    async def main() -> None:
        link = new_link()
        await link.dialled.send("lost")
        link.cut()
        for end in (link.dialled, link.accepted):
            with pytest.raises(ChannelClosed):
                await end.receive()

    simulate(main)


def test_a_half_open_link_swallows_everything_until_a_keepalive_notices() -> None:
    async def main() -> None:
        link = new_link()
        link.half_open()
        await link.dialled.send("lost")
        assert not link.alive
        began_s = asyncio.get_running_loop().time()
        with pytest.raises(ChannelClosed):
            await link.accepted.receive()
        assert KEEPALIVE_S / 2 <= asyncio.get_running_loop().time() - began_s <= KEEPALIVE_S

    simulate(main)


def test_the_trace_tells_two_stories_apart() -> None:
    async def main(text: str) -> str:
        trace = Trace()
        await new_link(trace=trace).dialled.send(text)
        return trace.digest()

    assert simulate(lambda: main("a")) == simulate(lambda: main("a"))
    assert simulate(lambda: main("a")) != simulate(lambda: main("b"))
