"""The FTP server for charge points that know nothing else: its start and its end."""

import asyncio
import contextlib
import errno
import os
from typing import Final

from gateway.errors import StartFailed
from gateway.net.ftp_control import FtpControl
from gateway.ports import FileDoor
from gateway.site.depot import FileListener

STOP_TIMEOUT_S: Final = 0.8


class FtpServer:
    """Listens, from `start` to `close`."""

    def __init__(self, listener: FileListener, door: FileDoor) -> None:
        self._listener = listener
        self._door = door
        self._server: FtpControl | None = None

    @property
    def port(self) -> int | None:
        """The port, also where the site file says 0, once `start` returned; None: FTP is off."""
        if self._server is None or self._listener.ftp_port is None:
            return self._listener.ftp_port
        return self._server.server_port

    async def start(self) -> None:
        """Listen from now on, where the site file wants it. Raises StartFailed."""
        host, port = self._listener.host, self._listener.ftp_port
        if port is None:
            return
        server = FtpControl(self._door)
        try:
            await server.start(host, port)
        except OSError as exc:
            raise StartFailed(
                f"The FTP server cannot listen on {host}:{port}: {_cause(exc)}."
            ) from exc
        self._server = server

    async def close(self) -> None:
        """Stop listening and cut what is under way. Safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await server.close()


def _cause(exc: OSError) -> str:
    if exc.errno == errno.EADDRINUSE:
        return "another program uses this port; stop it, or choose another files.ftp_port"
    if exc.errno == errno.EACCES:
        return "ports below 1024 belong to the administrator; choose another files.ftp_port"
    return os.strerror(exc.errno) if exc.errno and exc.errno > 0 else str(exc)
