"""Asks the gateway for its state, by HTTP over loopback."""

import asyncio
from typing import Any, Final

import msgspec

LOOPBACK: Final = "127.0.0.1"
PATIENCE_S: Final = 2.0
OK: Final = b" 200 "


async def fetch_state(port: int) -> dict[str, Any] | None:
    """What ``GET /api/v1/state`` tells; None while nobody tells anything."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            body = await _get(port, "/api/v1/state")
    except (OSError, TimeoutError):
        return None
    if body is None:
        return None
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return None


async def _get(port: int, path: str) -> bytes | None:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        request = f"GET {path} HTTP/1.0\r\nHost: {LOOPBACK}:{port}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
    finally:
        writer.close()
    return body if OK in head.partition(b"\r\n")[0] else None
