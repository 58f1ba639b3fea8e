"""An open WebSocket as a `gateway.ports.Channel`. The library's exceptions end here."""

import logging
from typing import Final

from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from gateway.errors import ChannelClosed

MAX_MESSAGE_BYTES: Final = 64 * 1024
"""A longer message closes the connection with 1009 (message too big)."""

library_log = logging.getLogger("websockets.gateway")
"""For every connection: below ERROR the library would log passwords; an ERROR in it is our bug."""
library_log.setLevel(logging.ERROR)

_MAX_REASON_BYTES: Final = 123
"""What a close frame has room for (RFC 6455 §5.5)."""


class WebSocketChannel:
    """Whole text messages over one WebSocket. OCPP-J has no binary ones: such a peer gets 1003."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def local_host(self) -> str | None:
        """The address of this machine at which the peer reached it; None when it is not known."""
        address = self._connection.local_address
        return str(address[0]) if address else None

    async def send(self, text: str) -> None:
        """Hand ``text`` to the socket. Raises ChannelClosed when it is gone."""
        try:
            await self._connection.send(text)
        except ConnectionClosed as exc:
            raise ChannelClosed(_ending(exc)) from exc

    async def receive(self) -> str:
        """The next message. Raises ChannelClosed when the socket is gone."""
        try:
            message = await self._connection.recv()
        except ConnectionClosed as exc:
            raise ChannelClosed(_ending(exc)) from exc
        if isinstance(message, str):
            return message
        await self.close(CloseCode.UNSUPPORTED_DATA, "OCPP-J messages are text")
        raise ChannelClosed("it sent a binary message")

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the socket; returns when it is closed, within the library's close timeout."""
        fitting = reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
        await self._connection.close(code, fitting)


def _ending(exc: ConnectionClosed) -> str:
    """Who ended the connection and how, in a sentence."""
    if exc.rcvd is not None and not (exc.sent is not None and exc.rcvd_then_sent is False):
        return f"it closed the connection with {exc.rcvd.code} {exc.rcvd.reason!r}"
    if exc.sent is not None:
        return f"we closed the connection with {exc.sent.code} {exc.sent.reason!r}"
    return "the connection broke without a close frame"
