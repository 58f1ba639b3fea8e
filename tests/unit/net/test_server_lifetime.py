"""The server starts or says why not, and ends within a bounded time whoever is connected."""

import asyncio
import socket

import pytest

from gateway.charge_points.admission import Denied
from gateway.errors import StartFailed
from gateway.net.server import OcppServer
from gateway.site.depot import OcppListener
from tests.unit.net.door import Door, close_code, dial, echo, with_server


def test_when_the_server_closes_everybody_hears_going_away() -> None:
    async def story(server: OcppServer, door: Door) -> None:
        websockets = [await dial(server) for _ in range(3)]
        await server.close()
        assert [await close_code(websocket) for websocket in websockets] == [1001] * 3
        assert door.endings.qsize() == 3
        with pytest.raises(OSError, match="onnect"):
            await dial(server)

    with_server(story)


def test_closing_does_not_wait_for_half_open_handshakes() -> None:
    async def story(server: OcppServer, _door: Door) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /ocpp/CP-1 HTTP/1.1\r\n")
        async with dial(server):
            await asyncio.wait_for(server.close(), 3.0)
        assert await reader.read() == b""
        writer.close()

    with_server(story)


def test_a_port_in_use_is_one_sentence() -> None:
    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            server = OcppServer(
                OcppListener(host="127.0.0.1", port=port), lambda _h: Denied(404, ""), echo
            )
            with pytest.raises(StartFailed, match=rf"^ocpp: 127.0.0.1:{port} is in use .*port$"):
                await server.start()
            assert server.port == port
            await server.close()

    asyncio.run(run())


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_one_sentence(host: str) -> None:
    async def run() -> None:
        server = OcppServer(OcppListener(host=host, port=0), lambda _h: Denied(404, ""), echo)
        with pytest.raises(StartFailed, match="this machine has no address"):
            await server.start()

    asyncio.run(run())
