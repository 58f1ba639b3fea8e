"""WebSockets of the demo: the charge points' way to the gateway, and the cloud's front door.

Written apart from `gateway.net`, so that the gateway's sockets meet others than its own.
"""

from typing import Final

from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from gateway.demo.cloud import Cloud
from gateway.errors import ChannelClosed, UpstreamOffline

LOOPBACK: Final = "127.0.0.1"
OCPP: Final = Subprotocol("ocpp1.6")


class SocketChannel:
    """A WebSocket as a `gateway.ports.Channel`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        """Hand ``text`` to the socket. Raises ChannelClosed when it is gone."""
        try:
            await self._connection.send(text)
        except ConnectionClosed as exc:
            raise ChannelClosed(str(exc)) from exc

    async def receive(self) -> str:
        """The next message. Raises ChannelClosed when the socket is gone."""
        try:
            message = await self._connection.recv()
        except ConnectionClosed as exc:
            raise ChannelClosed(str(exc)) from exc
        return message if isinstance(message, str) else message.decode()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the socket."""
        await self._connection.close(code, reason)

    def cut(self) -> None:
        """Break the connection without a word."""
        self._connection.transport.abort()


async def dial(url: str, identity: str) -> SocketChannel:
    """Connect as ``identity`` to ``url/<identity>``. Raises UpstreamOffline."""
    try:
        connection = await connect(
            f"{url}/{identity}",
            subprotocols=[OCPP],
            compression=None,
            proxy=None,
            open_timeout=5.0,
            close_timeout=1.0,
            ping_interval=None,
        )
    except (OSError, InvalidHandshake) as exc:
        raise UpstreamOffline(f"{identity}: {exc}") from exc
    return SocketChannel(connection)


class CloudServer:
    """Listens for the cloud; can be taken down and put up again on the same port.

    Args:
        port: 0 takes any free one, and keeps it.
    """

    def __init__(self, cloud: Cloud, port: int = 0) -> None:
        self.port = port
        self._cloud = cloud
        self._server: Server | None = None

    @property
    def is_up(self) -> bool:
        """True while it listens."""
        return self._server is not None

    @property
    def url(self) -> str:
        """What a site file calls the upstream's url."""
        return f"ws://{LOOPBACK}:{self.port}/ocpp"

    async def start(self) -> None:
        """Listen."""
        self._server = await serve(
            self._converse,
            LOOPBACK,
            self.port,
            subprotocols=[OCPP],
            compression=None,
            close_timeout=1.0,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        """Vanish: cut every connection without a word, and stop listening. Safe to call twice."""
        server, self._server = self._server, None
        if server is None:
            return
        for connection in server.connections:
            connection.transport.abort()
        server.close()
        await server.wait_closed()

    async def _converse(self, connection: ServerConnection) -> None:
        path = "" if connection.request is None else connection.request.path
        identity = path.rpartition("/")[2]
        await self._cloud.serve(identity, SocketChannel(connection))
