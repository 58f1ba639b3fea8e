"""An FTP data connection: opened by the client (passive) or by us (active), used once, closed.

The one rule: its other end is the client of the control connection. Nobody else gets a file by
being quicker, and no service of the LAN is reached through us.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from aioftp.common import Connection, ThrottleStreamIO

from gateway.net.ftp_paths import Address, is_same_host

CHUNK_BYTES: Final = 64 * 1024
STALL_S: Final = 60.0
"""Without a byte, in the middle of a file."""
OPENED_WITHIN_S: Final = 15.0
PEER_LEFT: Final = (ConnectionError, TimeoutError, OSError)


async def connect_back(connection: Connection, address: Address | None) -> tuple[str, str]:
    """Open an active one; returns what to answer."""
    if address is None or not is_same_host(address.host, connection.client_host):
        return "501", "not an address of yours"
    try:
        async with asyncio.timeout(OPENED_WITHIN_S):
            reader, writer = await asyncio.open_connection(*address)
    except PEER_LEFT:
        return "425", "cannot connect"
    if connection.future.data_connection.done():
        connection.data_connection.close()
        del connection.data_connection
    connection.data_connection = ThrottleStreamIO(
        reader,
        writer,
        throttles=connection.command_connection.throttles,
        timeout=connection.socket_timeout,
    )
    return "200", "connected"


@contextlib.asynccontextmanager
async def opened(connection: Connection) -> AsyncIterator[ThrottleStreamIO]:
    """The data connection, closed afterwards; leaving it in good order waits until all is sent.

    Raises:
        TimeoutError: Nobody opened one, or it stood still.
    """
    future: asyncio.Future[ThrottleStreamIO] = connection.future.data_connection
    async with asyncio.timeout(OPENED_WITHIN_S):
        stream = await asyncio.shield(future)
    del connection.data_connection
    connection.moving = True
    try:
        yield stream
        stream.close()
        async with asyncio.timeout(STALL_S):
            await stream.writer.wait_closed()
    finally:
        stream.writer.transport.abort()


async def transfer_ended(connection: Connection) -> None:
    """Wait for the file that is under way; for none that nobody opened a data connection for."""
    if connection.future.moving.done() and connection.extra_workers:
        await asyncio.wait(connection.extra_workers)


async def chunks(stream: ThrottleStreamIO) -> AsyncIterator[bytes]:
    """What the client sends, until it closes."""
    while chunk := await stream.read(CHUNK_BYTES):
        yield chunk
