"""Is the charge point still there? Every frame is a sign of life, not only a pong.

Charge points that never answer a ping are in the field. So pings keep the path through routers open
and let the kernel notice a dead link (TCP_USER_TIMEOUT), while silence alone ends a connection only
after a long time, or soon when this peer has shown that it does answer pings.
"""

import asyncio
import enum
import socket
from collections.abc import MutableSet
from dataclasses import dataclass
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

PING_INTERVAL_S: Final = 30.0

UNACKNOWLEDGED_S: Final = 25.0
"""Bytes that the peer's kernel has not acknowledged for this long mean a dead link."""

SILENCE_S: Final = 60.0
"""A peer that answers pings is gone when nothing was heard from it for this long."""

PINGS_IN_VAIN: Final = 3
"""A peer that let so many pings pass gets unsolicited pongs from then on: they ask for nothing."""


class Care(enum.Enum):
    """What a connection needs after one more interval."""

    PING = "ask for a sign of life"
    PONG = "keep the path open without asking for anything"
    CUT = "the peer is gone"


@dataclass(slots=True)
class Silence:
    """How long a peer has been silent, and what that calls for.

    Args:
        interval_s: Time between two looks.
        patience_s: Silence that a peer may keep which never answered a ping.
    """

    interval_s: float
    patience_s: float
    silent_s: float = 0.0
    pings: int = 0

    def look(self, *, heard: bool, answers: bool) -> Care:
        """Judge the interval that just ended.

        Args:
            heard: Anything came in during it.
            answers: The peer answered a ping at any time before.
        """
        self.silent_s = 0.0 if heard else self.silent_s + self.interval_s
        if self.silent_s >= (SILENCE_S if answers else self.patience_s):
            return Care.CUT
        if not answers and self.pings >= PINGS_IN_VAIN:
            return Care.PONG
        self.pings += 1
        return Care.PING


class WatchedConnection(ServerConnection):
    """A server connection that knows whose it is and whether anything came in lately.

    Args:
        sockets: Holds this connection for as long as its socket is open, handshake included.
    """

    def __init__(self, *args: Any, sockets: MutableSet["WatchedConnection"], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.identity = ""
        self._sockets = sockets
        self._heard = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        super().connection_made(transport)
        self._sockets.add(self)
        option = getattr(socket, "TCP_USER_TIMEOUT", None)
        if option is not None:
            opened = transport.get_extra_info("socket")
            opened.setsockopt(socket.IPPROTO_TCP, option, int(UNACKNOWLEDGED_S * 1000))

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        self._sockets.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        self._heard = True
        super().data_received(data)

    async def watch(self, silence: Silence) -> None:
        """Ping until the connection ends; cut it when the peer has been silent for too long."""
        while True:
            await asyncio.sleep(silence.interval_s)
            heard, self._heard = self._heard, False
            care = silence.look(heard=heard, answers=self.latency > 0.0)
            try:
                if care is Care.CUT:
                    self.transport.abort()
                    return
                await (self.ping() if care is Care.PING else self.pong())
            except ConnectionClosed:
                return
