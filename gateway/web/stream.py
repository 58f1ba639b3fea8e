"""Server-sent events: the state at once, then once a second. A slow reader gets the newest only."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

PUSH_INTERVAL_S: Final = 1.0

MAX_FOLLOWERS: Final = 32
"""Streams open at one time; a box on a small board serves no more."""


def frame(event: str, data: bytes) -> bytes:
    """One event of a text/event-stream; ``data`` must be free of line ends, as JSON from us is."""
    return b"event: %b\ndata: %b\n\n" % (event.encode(), data)


class Follower:
    """One open stream: holds the newest event that was not sent yet, never more."""

    def __init__(self) -> None:
        self._newest: bytes | None = None
        self._news = asyncio.Event()
        self._closed = False

    def offer(self, event: bytes) -> None:
        """Replace what waits by ``event``."""
        self._newest = event
        self._news.set()

    def close(self) -> None:
        """End the stream."""
        self._closed = True
        self._news.set()

    async def next(self) -> bytes | None:
        """The newest event, once there is one; None at the end."""
        await self._news.wait()
        self._news.clear()
        event, self._newest = self._newest, None
        return None if self._closed else event


class StateFeed:
    """Encodes the state once a second, for however many streams follow it.

    Args:
        encode: The state as JSON, without line ends.
    """

    def __init__(self, encode: Callable[[], bytes]) -> None:
        self._encode = encode
        self._followers: set[Follower] = set()

    @property
    def full(self) -> bool:
        """No further stream can be opened."""
        return len(self._followers) >= MAX_FOLLOWERS

    async def run(self) -> None:
        """Push the state to every stream each second, for ever.

        Unchanged states are pushed too: they tell the page that the box is still there.
        """
        while True:
            await asyncio.sleep(PUSH_INTERVAL_S)
            if self._followers:
                event = frame("state", self._encode())
                for follower in tuple(self._followers):
                    follower.offer(event)

    async def follow(self) -> AsyncIterator[bytes]:
        """The bytes of one stream, from the state of now until `close`."""
        follower = Follower()
        self._followers.add(follower)
        try:
            yield b"retry: 1000\n: the state of the depot, once a second\n\n"
            yield frame("state", self._encode())
            while (event := await follower.next()) is not None:
                yield event
        finally:
            self._followers.discard(follower)

    def close(self) -> None:
        """End every stream."""
        for follower in tuple(self._followers):
            follower.close()
