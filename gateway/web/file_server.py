"""The HTTP server for charge points' files, on the LAN.

The one rule: it shares nothing with the page and the API, neither port nor routes.
"""

import uvicorn

from gateway.ports import FileDoor
from gateway.site.depot import FileListener
from gateway.web.file_transfer import FileTransfer
from gateway.web.http_listener import HttpListener
from gateway.web.lan_connection import Patience, connection_class


class FileServer:
    """Serves firmware and takes uploads: call `start`, then run `serve`; `close` ends it."""

    def __init__(
        self, listener: FileListener, door: FileDoor, patience: Patience | None = None
    ) -> None:
        self._door = door
        self._patience = patience or Patience()
        self._listener = HttpListener(listener.host, listener.port, "The file server", "files.port")

    @property
    def port(self) -> int:
        """The port, also where the site file says 0, once `start` returned."""
        return self._listener.port

    @property
    def connections(self) -> int:
        """How many are open."""
        return self._listener.connections

    async def start(self) -> None:
        """Bind the socket. Raises StartFailed."""
        self._listener.open()

    async def serve(self) -> None:
        """Answer requests until `close`."""
        await self._listener.serve(
            uvicorn.Config(
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
        )

    async def close(self) -> None:
        """Stop listening and cut what is under way. Safe to call twice."""
        await self._listener.close()
