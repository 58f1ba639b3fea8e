"""Server-sent events: at once, then the newest."""

import asyncio

from gateway.web.stream import MAX_FOLLOWERS, Follower, StateFeed, frame


def test_a_frame_is_one_event() -> None:
    assert frame("state", b"{}") == b"event: state\ndata: {}\n\n"


def test_a_slow_reader_gets_only_the_newest() -> None:
    async def read() -> bytes | None:
        follower = Follower()
        for number in range(100):
            follower.offer(b"%d" % number)
        return await follower.next()

    assert asyncio.run(read()) == b"99"


def test_a_closed_stream_ends_even_with_news_waiting() -> None:
    async def read() -> bytes | None:
        follower = Follower()
        follower.offer(b"news")
        follower.close()
        return await follower.next()

    assert asyncio.run(read()) is None


def test_a_stream_begins_with_the_state_of_now_and_ends_on_close() -> None:
    async def read() -> list[bytes]:
        feed = StateFeed(lambda: b'{"n":1}')
        got = []
        async for piece in feed.follow():
            got.append(piece)
            if len(got) == 2:
                feed.close()
        return got

    first, second = asyncio.run(read())
    assert first.startswith(b"retry:")
    assert second == frame("state", b'{"n":1}')


def test_streams_are_bounded() -> None:
    async def fill() -> tuple[bool, bool]:
        feed = StateFeed(lambda: b"{}")
        streams = [feed.follow() for _ in range(MAX_FOLLOWERS)]
        for stream in streams:
            await anext(stream)
        full = feed.full
        feed.close()
        for stream in streams:
            async for _ in stream:
                pass
        return full, feed.full

    assert asyncio.run(fill()) == (True, False)
