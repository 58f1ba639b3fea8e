"""The FTP library's server, with patience that ends and a log that strangers cannot fill.

The one rule: whoever makes us wait is cut off, and what waits for us does so in its own buffers.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aioftp
from aioftp.common import Connection, StreamIO

from gateway.net.ftp_data import PEER_LEFT, STALL_S, transfer_ended
from gateway.net.ftp_paths import is_same_host

MOST_CONNECTIONS: Final = 16
LOGIN_S: Final = 15.0
"""From the first byte to the password: slower clients are cut off."""
IDLE_S: Final = 120.0
"""Without a command and without a transfer."""
LONGEST_S: Final = 4 * 3600.0
PACE_S: Final = 0.02
"""Between commands: a flood of them stays where it comes from."""


class _NoUsers(aioftp.AbstractUserManager):
    """The library asks for one; who may log in is decided by the door."""

    async def get_user(
        self, login: str
    ) -> tuple[aioftp.AbstractUserManager.GetUserResponse, aioftp.User | None, str]:
        return aioftp.AbstractUserManager.GetUserResponse.ERROR, None, "nobody"

    async def authenticate(self, user: aioftp.User, password: str) -> bool:
        return False


class PatientServer(aioftp.Server):
    """One that knows no user and no command of its own.

    Args:
        login_s: How long a client has until its password is right.
    """

    def __init__(self, login_s: float = LOGIN_S) -> None:
        super().__init__(
            _NoUsers(),
            socket_timeout=STALL_S,
            idle_timeout=IDLE_S,
            maximum_connections=MOST_CONNECTIONS,
            welcome_message="ready",
        )
        self._login_s = login_s
        self._deadlines: dict[asyncio.StreamWriter, asyncio.Timeout] = {}

    def logged_in(self, connection: Connection) -> None:
        """The password is right: the client may stay."""
        deadline = self._deadlines[connection.command_connection.writer]
        deadline.reschedule(asyncio.get_running_loop().time() + LONGEST_S)

    async def dispatcher(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, for as long as it may last."""
        try:
            async with asyncio.timeout(self._login_s) as deadline:
                self._deadlines[writer] = deadline
                await super().dispatcher(reader, writer)
        except TimeoutError:
            writer.transport.abort()
        finally:
            del self._deadlines[writer]

    async def parse_command(
        self, stream: StreamIO, censor_commands: tuple[str] = ("pass",)
    ) -> tuple[str, str]:
        """The next command. A connection may be silent while it moves a file, and ends after it.

        RFC 959 §4.1.1 wants that of QUIT; a client that hangs up after its last byte means it.
        """
        await asyncio.sleep(PACE_S)
        connection = self.connections[stream]
        while True:
            try:
                command = await super().parse_command(stream, censor_commands)
            except TimeoutError:
                if not connection.extra_workers:
                    raise ConnectionResetError from None
            except ValueError:  # too long a line, or not UTF-8
                raise ConnectionResetError from None
            except PEER_LEFT:
                await transfer_ended(connection)
                raise
            else:
                if command[0] == "quit":
                    await transfer_ended(connection)
                return command

    async def response_writer(self, stream: StreamIO, response_queue: asyncio.Queue[Any]) -> None:
        """Send answers; a peer that takes none is cut off."""
        try:
            await super().response_writer(stream, response_queue)
        except PEER_LEFT:
            stream.writer.transport.abort()
        while True:
            await response_queue.get()
            response_queue.task_done()

    async def _start_passive_server(
        self,
        connection: Connection,
        handler_callback: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    ) -> asyncio.Server:
        """As the library does, for the client's own address alone."""

        async def check(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            peer = writer.get_extra_info("peername")
            if peer is not None and is_same_host(peer[0], connection.client_host):
                await handler_callback(reader, writer)
            else:
                writer.transport.abort()

        return await super()._start_passive_server(connection, check)


def _is_bug(record: logging.LogRecord) -> bool:
    """False for what the library takes for one, and is but a peer that left."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, PEER_LEFT)


logging.getLogger("aioftp.server").addFilter(_is_bug)
