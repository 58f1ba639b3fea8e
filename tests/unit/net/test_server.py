"""Charge points on real sockets: who gets in, what is too much, and how a connection ends."""

import asyncio
import base64
import logging

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from gateway.charge_points.admission import Admitted
from gateway.errors import ChannelClosed
from gateway.net.channel import WebSocketChannel
from gateway.net.server import OcppServer
from gateway.ports import Channel
from tests.unit.net.door import BOUND_S, LISTENER, Door, close_code, dial, with_server


def test_an_admitted_charge_point_is_served_under_its_identity() -> None:
    async def story(server: OcppServer, door: Door) -> None:
        async with dial(server) as websocket:
            assert websocket.subprotocol == "ocpp1.6"
            await websocket.send('[2,"1","Heartbeat",{}]')
            assert await websocket.recv() == '[2,"1","Heartbeat",{}]'
        assert door.served == ["CP-1"]
        assert await door.endings.get() == "it closed the connection with 1000 ''"

    with_server(story)


def test_compression_is_never_agreed_on() -> None:
    async def story(server: OcppServer, _door: Door) -> None:
        async with dial(server, compression="deflate") as websocket:
            assert websocket.response is not None
            assert "Sec-WebSocket-Extensions" not in websocket.response.headers

    with_server(story)


@pytest.mark.parametrize(("path", "status"), [("/ocpp/NOBODY", 404), ("/ocpp/LOCKED", 401)])
def test_whoever_is_denied_gets_plain_http_and_no_upgrade(path: str, status: int) -> None:
    async def story(server: OcppServer, door: Door) -> None:
        with pytest.raises(InvalidStatus) as caught:
            async with dial(server, path):
                pass
        response = caught.value.response
        assert response.status_code == status
        assert bytes(response.body or b"") == b"No.\n"
        assert ("WWW-Authenticate" in response.headers) == (status == 401)
        assert door.served == []

    with_server(story)


def test_credentials_reach_the_decision_as_bytes() -> None:
    password = bytes(range(160, 180)) + b":\x00"
    token = base64.b64encode(b"CP-1:" + password).decode()

    async def story(server: OcppServer, door: Door) -> None:
        async with dial(server, additional_headers={"Authorization": f"basic {token}"}):
            pass
        assert door.handshakes[0].basic == (b"CP-1", password)

    with_server(story)


@pytest.mark.parametrize("value", ["Basic ***", "Bearer abc", "Basic", "Basic Q1AtMQ=="])
def test_an_authorization_that_is_not_basic_counts_as_none(value: str) -> None:
    async def story(server: OcppServer, door: Door) -> None:
        async with dial(server, additional_headers={"Authorization": value}):
            pass
        assert door.handshakes[0].basic is None

    with_server(story)


def test_every_offered_subprotocol_is_shown_to_the_decision() -> None:
    async def story(server: OcppServer, door: Door) -> None:
        offers = [Subprotocol("ocpp2.0.1"), Subprotocol("ocpp1.6")]
        async with dial(server, subprotocols=offers) as websocket:
            assert websocket.subprotocol == "ocpp1.6"
        assert door.handshakes[0].subprotocols == ("ocpp2.0.1", "ocpp1.6")
        assert door.handshakes[0].remote == "127.0.0.1"

    with_server(story)


def test_who_names_no_subprotocol_and_is_admitted_gets_none() -> None:
    async def story(server: OcppServer, _door: Door) -> None:
        async with dial(server, subprotocols=None) as websocket:
            assert websocket.subprotocol is None
            await websocket.send("hello")
            assert await websocket.recv() == "hello"

    with_server(story)


def test_a_channel_tells_where_it_was_reached_and_keeps_no_credentials() -> None:
    async def run() -> None:
        told: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        kept: list[object] = []

        async def serve(_identity: str, channel: Channel) -> None:
            assert isinstance(channel, WebSocketChannel)
            told.set_result(channel.local_host)
            kept.append(channel._connection.request)

        server = OcppServer(LISTENER, lambda _handshake: Admitted("CP-1"), serve)
        await server.start()
        secret = {"Authorization": "Basic Q1AtMTpzZWNyZXQ="}
        async with dial(server, additional_headers=secret) as websocket:
            assert await told == "127.0.0.1"
            assert await close_code(websocket) == 1000
        await server.close()
        assert "Q1AtMTpzZWNyZXQ" not in str(kept)

    asyncio.run(asyncio.wait_for(run(), BOUND_S))


@pytest.mark.parametrize(
    "lines",
    [
        "Host: x\r\nUpgrade: websocket\r\n",
        "Host: x\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n",
        "Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade;\r\n",
        "Host: x\r\nUpgrade: websocket\r\nConnection: ,keep alive,, Upgrade\r\n",
        "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n",
    ],
)
def test_a_handshake_without_its_connection_header_is_mended(lines: str) -> None:
    async def story(server: OcppServer, _door: Door) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            f"GET /ocpp/CP-1 HTTP/1.1\r\n{lines}"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n".encode()
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 101 ")
        writer.close()
        await writer.wait_closed()

    with_server(story)


def test_a_browser_is_told_that_this_is_no_page() -> None:
    async def story(server: OcppServer, door: Door) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /ocpp/CP-1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 426 ")
        writer.close()
        await writer.wait_closed()
        assert door.served == []

    with_server(story)


def test_a_message_of_64_kib_passes_and_a_longer_one_closes_with_1009() -> None:
    async def story(server: OcppServer, door: Door) -> None:
        async with dial(server) as bystander, dial(server) as websocket:
            await websocket.send("x" * 65536)
            assert await websocket.recv() == "x" * 65536
            await websocket.send("x" * 65537)
            assert await close_code(websocket) == 1009
            await bystander.send("still here")
            assert await bystander.recv() == "still here"
        assert "1009" in await door.endings.get()

    with_server(story)


def test_a_binary_message_closes_with_1003() -> None:
    async def story(server: OcppServer, door: Door) -> None:
        async with dial(server) as websocket:
            await websocket.send(b'[2,"1","Heartbeat",{}]')
            assert await close_code(websocket) == 1003
        assert await door.endings.get() == "it sent a binary message"

    with_server(story)


def test_text_that_is_not_utf_8_closes_with_1007() -> None:
    async def story(server: OcppServer, door: Door) -> None:
        async with dial(server) as websocket:
            await websocket.send(b"\xff\xfe", text=True)
            assert await close_code(websocket) == 1007
        assert "1007" in await door.endings.get()

    with_server(story)


def test_a_broken_link_ends_as_channel_closed() -> None:
    async def story(server: OcppServer, door: Door) -> None:
        websocket = await dial(server)
        websocket.transport.abort()
        assert await door.endings.get() == "the connection broke without a close frame"

    with_server(story)


def test_sending_to_a_closed_channel_is_channel_closed_and_closing_twice_is_fine() -> None:
    async def run() -> None:
        ended = asyncio.get_running_loop().create_future()

        async def serve(_identity: str, channel: Channel) -> None:
            await channel.close(1008, "enough" * 50)
            await channel.close()
            with pytest.raises(ChannelClosed, match="we closed the connection with 1008"):
                await channel.send("too late")
            ended.set_result(None)

        server = OcppServer(LISTENER, lambda _handshake: Admitted("CP-1"), serve)
        await server.start()
        async with dial(server) as websocket:
            assert await close_code(websocket) == 1008
            await ended
        await server.close()

    asyncio.run(asyncio.wait_for(run(), BOUND_S))


def test_a_bug_behind_a_connection_is_logged_and_closes_only_that_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def stumble(_identity: str, channel: Channel) -> None:
        if await channel.receive() == "stumble":
            raise ZeroDivisionError
        await channel.send("well")
        await channel.receive()

    async def run() -> None:
        server = OcppServer(LISTENER, lambda _handshake: Admitted("CP-1"), stumble)
        await server.start()
        async with dial(server) as bystander, dial(server) as websocket:
            await websocket.send("stumble")
            assert await close_code(websocket) == 1011
            await bystander.send("walk")
            assert await bystander.recv() == "well"
        await server.close()

    asyncio.run(asyncio.wait_for(run(), BOUND_S))
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.exc_info[0] for record in errors if record.exc_info] == [ZeroDivisionError]


def test_the_same_refusal_is_logged_once_and_without_the_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    token = base64.b64encode(b"NOBODY:sesame").decode()

    async def story(server: OcppServer, _door: Door) -> None:
        for _ in range(3):
            with pytest.raises(InvalidStatus):
                await dial(
                    server, "/ocpp/NOBODY", additional_headers={"Authorization": f"Basic {token}"}
                )

    with caplog.at_level(logging.DEBUG):
        with_server(story)
    ours = [record for record in caplog.records if record.name == "gateway.net.server"]
    assert [record.message for record in ours] == ["connection.refused"]
    assert vars(ours[0])["facts"] == {
        "remote": "127.0.0.1",
        "path": "/ocpp/NOBODY",
        "status": 404,
        "reason": "unknown",
    }
    servers = [record for record in caplog.records if record.name != "websockets.client"]
    assert token not in "".join(str(vars(record)) for record in servers)
