"""Bodies of requests: a JSON object of bounded length, or a problem document that says why not."""

from typing import Any, Final

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateway.web.problems import problem

MAX_BODY_BYTES: Final = 512 * 1024


async def body_of(request: Request, most_bytes: int = MAX_BODY_BYTES) -> bytes | Response:
    """The body as it came, a JSON object; an empty body stands for ``{}``."""
    body = await bytes_of(request, most_bytes)
    if isinstance(body, Response):
        return body
    if not body.strip():
        return b"{}"
    try:
        msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        return problem(400, "bad-body", "The body is not a JSON object.", f"{exc}.")
    return body


async def bytes_of(request: Request, most_bytes: int) -> bytes | Response:
    """The body as it came."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                return problem(
                    413, "body-too-large", "The body is too large.", f"At most {most_bytes} bytes."
                )
    except ClientDisconnect:
        return problem(400, "bad-body", "The body cannot be used.", "It ended early.")
    return bytes(body)
