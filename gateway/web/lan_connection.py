"""An HTTP connection from a network that nobody vouches for.

The one rule: whoever makes us wait is cut off: for the rest of a request's head, for more of its
body, or for room to send. Work of our own never counts as waiting.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

library_log: Final = logging.getLogger("uvicorn.gateway")
"""For every connection: below ERROR a stranger could fill the log; an ERROR in it is our bug."""
library_log.setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Patience:
    """How much of us one may have.

    Args:
        most_connections: All together; further ones are closed unheard.
        head_s: For the whole head of a request, and between requests.
        stall_s: Without a byte in either direction, in the middle of a file.
        longest_s: A connection, whatever it does.
    """

    most_connections: int = 64
    head_s: float = 10.0
    stall_s: float = 60.0
    longest_s: float = 4 * 3600.0


class LanConnection(H11Protocol):
    """Uvicorn's connection with limits. What is no HTTP is hung up on, without an answer."""

    patience = Patience()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = library_log
        self._made_at_s = self._since_s = self.loop.time()
        self._was_idle = True
        self._has_ended = False
        self._ticking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, or not."""
        super().connection_made(transport)
        if len(self.connections) > self.patience.most_connections:
            transport.abort()
        else:
            self._tick_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        if self._ticking is not None:
            self._ticking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a body, or a head that is complete, are progress; a part of a head is none."""
        before, was_idle = self.cycle, self._is_idle
        super().data_received(data)
        if self.cycle is not before or not was_idle:
            self._since_s = self.loop.time()

    def eof_received(self) -> bool:  # type: ignore[override]
        """The peer has no more to say; it may still wait for the answer to what it said whole."""
        self._has_ended = not self._is_idle and not self.cycle.more_body
        return self._has_ended

    def on_response_complete(self) -> None:
        """The answer is out."""
        super().on_response_complete()
        if self._has_ended:
            self.transport.close()

    def resume_writing(self) -> None:
        """The peer took something."""
        self._since_s = self.loop.time()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """No word to what speaks no HTTP."""
        self.transport.close()

    @property
    def _is_idle(self) -> bool:
        """No request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _tick_later(self) -> None:
        period_s = min(self.patience.head_s, self.patience.stall_s) / 4
        self._ticking = self.loop.call_later(period_s, self._tick)

    def _tick(self) -> None:
        now_s = self.loop.time()
        is_idle = self._is_idle
        is_ours = not is_idle and not self.cycle.more_body and not self.flow.write_paused
        if is_idle != self._was_idle or is_ours:
            self._was_idle, self._since_s = is_idle, now_s
        patience_s = self.patience.head_s if is_idle else self.patience.stall_s
        age_s, waited_s = now_s - self._made_at_s, now_s - self._since_s
        if waited_s >= patience_s or age_s >= self.patience.longest_s:
            self.transport.abort()
        else:
            self._tick_later()


def connection_class(patience: Patience) -> type[LanConnection]:
    """Connections with this patience, for uvicorn to make."""
    return type("PatientConnection", (LanConnection,), {"patience": patience})
