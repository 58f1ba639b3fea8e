"""Plugs, bodies and bounds for tests that speak HTTP over a LAN."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import urlsplit

from tests.unit.files.box import KB, WAIT_S, Box

FIRMWARE: Final = bytes(range(256)) * 1200
"""300 KB."""

LARGE: Final[dict[str, Any]] = {"max_file_bytes": 64 * KB * KB, "quota_bytes": 64 * KB * KB}


def plug(url: str) -> socket.socket:
    """A connection of one's own."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), WAIT_S)


def hung_up(plugged: socket.socket) -> bool:
    """True when the other side closes; fails after the bounded wait."""
    try:
        return plugged.recv(1) == b""
    except ConnectionResetError:
        return True


def multipart(*parts: tuple[str, bytes]) -> tuple[bytes, dict[str, str]]:
    """A form body; each part is what follows ``form-data`` and the content."""
    body = b"".join(
        b"--XX\r\nContent-Disposition: form-data" + head.encode() + b"\r\n\r\n" + content + b"\r\n"
        for head, content in parts
    )
    return body + b"--XX--\r\n", {"Content-Type": "multipart/form-data; boundary=XX"}


async def many(megabytes: int) -> AsyncIterator[bytes]:
    """More than fits into the buffers of any socket."""
    for _ in range(megabytes):
        yield b"x" * KB * KB


async def until_no_connection(opened: Box) -> None:
    """Wait until the server has no connection any more."""
    async with asyncio.timeout(WAIT_S):
        while opened.http.connections:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


def read(plugged: socket.socket) -> bytes:
    """What comes next; nothing when the other side closed, in whatever way."""
    try:
        return plugged.recv(KB * KB)
    except ConnectionResetError:
        return b""
