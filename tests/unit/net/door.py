"""A door for the tests of the server: who may come in, and a server that uses it."""

import asyncio
from collections.abc import Awaitable, Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from gateway.charge_points.admission import Admission, Admitted, Denied, Handshake
from gateway.errors import ChannelClosed
from gateway.net.server import OcppServer
from gateway.ports import Channel
from gateway.site.depot import OcppListener

LISTENER = OcppListener(host="127.0.0.1", port=0)
BOUND_S = 10.0


async def echo(_identity: str, channel: Channel) -> None:
    while True:
        await channel.send(await channel.receive())


class Door:
    """Admits ``CP-1``; tells what it was shown, and how each connection ended."""

    def __init__(self) -> None:
        self.handshakes: list[Handshake] = []
        self.served: list[str] = []
        self.endings: asyncio.Queue[str] = asyncio.Queue()

    def admit(self, handshake: Handshake) -> Admission:
        self.handshakes.append(handshake)
        match handshake.path:
            case "/ocpp/CP-1":
                return Admitted("CP-1")
            case "/ocpp/LOCKED":
                return Denied(401, "wrong password", "No.\n")
            case _:
                return Denied(404, "unknown", "No.\n")

    async def serve(self, identity: str, channel: Channel) -> None:
        self.served.append(identity)
        try:
            await echo(identity, channel)
        except ChannelClosed as exc:
            self.endings.put_nowait(str(exc))


def with_server(story: Callable[[OcppServer, Door], Awaitable[None]]) -> None:
    """Run ``story`` beside a server that is closed afterwards, all within a bounded time."""

    async def run() -> None:
        door = Door()
        server = OcppServer(LISTENER, door.admit, door.serve)
        await server.start()
        try:
            await story(server, door)
        finally:
            await server.close()

    asyncio.run(asyncio.wait_for(run(), BOUND_S))


def dial(server: OcppServer, path: str = "/ocpp/CP-1", **options: object) -> connect:
    settings: dict[str, object] = {"subprotocols": [Subprotocol("ocpp1.6")], "proxy": None}
    return connect(f"ws://127.0.0.1:{server.port}{path}", **(settings | options))  # type: ignore[arg-type]


async def close_code(websocket: ClientConnection) -> int:
    """How the server ended the connection, after everything that it sent before."""
    while True:
        try:
            await websocket.recv()
        except ConnectionClosed as exc:
            return exc.rcvd.code if exc.rcvd else 1006
