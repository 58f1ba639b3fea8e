"""Silence is judged by what the peer has shown that it can do."""

import asyncio
import functools
from typing import cast

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from gateway.net.keepalive import Care, Silence, WatchedConnection


def looks(silence: Silence, count: int, *, heard: bool, answers: bool) -> list[Care]:
    return [silence.look(heard=heard, answers=answers) for _ in range(count)]


def test_a_peer_that_answers_pings_is_cut_after_a_minute_of_silence() -> None:
    silence = Silence(interval_s=30.0, patience_s=750.0)
    assert looks(silence, 3, heard=True, answers=True) == [Care.PING] * 3
    assert looks(silence, 2, heard=False, answers=True) == [Care.PING, Care.CUT]


def test_a_peer_that_never_answered_a_ping_gets_pongs_and_patience() -> None:
    silence = Silence(interval_s=30.0, patience_s=150.0)
    assert looks(silence, 3, heard=False, answers=False) == [Care.PING] * 3
    assert looks(silence, 2, heard=False, answers=False) == [Care.PONG, Care.CUT]


def test_any_frame_is_life() -> None:
    silence = Silence(interval_s=30.0, patience_s=60.0)
    assert looks(silence, 3, heard=True, answers=False) == [Care.PING] * 3
    assert looks(silence, 100, heard=True, answers=False) == [Care.PONG] * 100


def test_a_silent_socket_is_cut_and_a_living_one_is_not() -> None:
    ended: asyncio.Queue[str] = asyncio.Queue()

    async def handle(connection: ServerConnection) -> None:
        watched = cast(WatchedConnection, connection)
        await watched.watch(Silence(interval_s=0.01, patience_s=0.05))
        ended.put_nowait(str(watched.request.path if watched.request else ""))

    async def run() -> None:
        sockets: set[WatchedConnection] = set()
        factory = functools.partial(WatchedConnection, sockets=sockets)
        options = {"ping_interval": None, "create_connection": factory}
        async with serve(handle, "127.0.0.1", 0, **options) as server:  # type: ignore[arg-type]
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}/living", proxy=None):
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(
                    b"GET /silent HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
                )
                assert await ended.get() == "/silent"
                writer.close()
                assert len(sockets) == 1
            assert await ended.get() == "/living"
        assert sockets == set()

    asyncio.run(asyncio.wait_for(run(), 10.0))
