"""The HTTP server for charge points' files, on the LAN: its start and its end.

The one rule: it shares nothing with the page and the API, neither port nor routes.
"""

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Generator
from typing import Final

import uvicorn

from gateway.errors import StartFailed
from gateway.ports import FileDoor
from gateway.site.depot import FileListener
from gateway.web.file_transfer import FileTransfer
from gateway.web.lan_connection import Patience, connection_class

BACKLOG: Final = 64
GRACE_S: Final = 0.5
"""For answers under way at the end; after it, connections are cut."""


class _Uvicorn(uvicorn.Server):
    """Uvicorn without signal handlers: signals belong to the composition root."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class FileServer:
    """Serves firmware and takes uploads.

    Call `start`, then run `serve`; `close`, or cancelling `serve`, ends it within a second.
    A `serve` that failed may be run again; after `close` it returns at once.
    """

    def __init__(
        self, listener: FileListener, door: FileDoor, patience: Patience | None = None
    ) -> None:
        self._listener = listener
        self._door = door
        self._patience = patience or Patience()
        self._port = listener.port
        self._socket: socket.socket | None = None
        self._server: _Uvicorn | None = None
        self._serving: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def port(self) -> int:
        """The port, also where the site file says 0, once `start` returned."""
        return self._port

    async def start(self) -> None:
        """Bind the socket; connections wait there until `serve` runs. Raises StartFailed."""
        host, port = self._listener.host, self._port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=BACKLOG)
        except OSError as exc:
            where = f"The file server cannot listen on {host}:{port}"
            raise StartFailed(f"{where}: {_cause(exc)}.") from exc
        self._port = self._socket.getsockname()[1]

    async def serve(self) -> None:
        """Answer requests until `close`."""
        if self._closed:
            return
        if self._socket is None:
            await self.start()
        assert self._socket is not None  # noqa: S101 - told to the type checker
        config = uvicorn.Config(
            FileTransfer(self._door),
            http=connection_class(self._patience),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=int(self._patience.head_s) or 1,
        )
        self._server = _Uvicorn(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        try:
            await asyncio.wait({self._serving})
        finally:
            await self._end()
        self._serving.result()

    async def close(self) -> None:
        """Stop listening and cut what is under way. Safe to call twice."""
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


def _cause(exc: OSError) -> str:
    if exc.errno == errno.EADDRINUSE:
        return "another program uses this port; stop it, or choose another files.port"
    return os.strerror(exc.errno) if exc.errno and exc.errno > 0 else str(exc)
