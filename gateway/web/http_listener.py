"""A listening socket with uvicorn behind it, whose start and end a supervisor can rely on."""

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Generator
from typing import Final

import uvicorn

from gateway.errors import StartFailed

BACKLOG: Final = 64
GRACE_S: Final = 0.5
"""For answers under way at the end; after it, connections are cut."""


class _Uvicorn(uvicorn.Server):
    """Uvicorn without signal handlers: signals belong to the composition root."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class HttpListener:
    """Call `open`, then `serve`; `close`, or cancelling `serve`, ends it within a second.

    A `serve` that failed may be run again; after `close` it returns at once.

    Args:
        port: 0 takes a free one: see `port`.
        what: Who listens, such as "The page".
        key: The key of the site file that names the port.
    """

    def __init__(self, host: str, port: int, what: str, key: str) -> None:
        self.port = port
        self._host = host
        self._what = what
        self._key = key
        self._socket: socket.socket | None = None
        self._server: _Uvicorn | None = None
        self._serving: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def connections(self) -> int:
        """How many are open."""
        return 0 if self._server is None else len(self._server.server_state.connections)

    def open(self) -> None:
        """Bind the socket; connections wait there until `serve` runs. Raises StartFailed."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            self._socket = socket.create_server(
                (self._host, self.port), family=family, backlog=BACKLOG
            )
        except OSError as exc:
            where = f"{self._what} cannot listen on {self._host}:{self.port}"
            raise StartFailed(f"{where}: {self._cause(exc)}.") from exc
        self.port = self._socket.getsockname()[1]

    async def serve(self, config: uvicorn.Config) -> None:
        """Answer requests until `close`."""
        if self._closed:
            return
        if self._socket is None:
            self.open()
        assert self._socket is not None  # noqa: S101 - told to the type checker
        self._server = _Uvicorn(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        try:
            await asyncio.wait({self._serving})
        finally:
            await self._end()
        self._serving.result()

    async def close(self) -> None:
        """Stop listening, and cut what is still under way after a moment. Safe to call twice."""
        self._closed = True
        await self._end()

    async def _end(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.wait({self._serving}, timeout=GRACE_S)
            if not self._serving.done():
                self._server.force_exit = True
                for connection in tuple(self._server.server_state.connections):
                    connection.transport.abort()
                await asyncio.wait({self._serving}, timeout=GRACE_S / 2)
            self._serving.cancel()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _cause(self, exc: OSError) -> str:
        if exc.errno == errno.EADDRINUSE:
            return f"another program uses this port; stop it, or choose another {self._key}"
        return os.strerror(exc.errno) if exc.errno and exc.errno > 0 else str(exc)
