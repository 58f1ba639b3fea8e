"""Files over HTTP, as charge points fetch and leave them: an ASGI application.

The one rule: without the secret of an open grant there is one answer to everything, an empty 404.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import BinaryIO, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.errors import FileRefused, FileTooLarge, NoRoomForFile, NotGranted, StorageFailed
from gateway.files.kinds import FIRMWARE, HTTP, UPLOAD
from gateway.files.multipart import FilePart, MalformedBody, boundary_of, file_name
from gateway.files.names import last_part
from gateway.files.ranges import Span, requested
from gateway.files.urls import FETCH, LEAVE
from gateway.ports import FileDoor, FileOffer, FileTicket
from gateway.runtime.log import facts

log = logging.getLogger(__name__)

CHUNK_BYTES: Final = 64 * 1024
LONGEST_PATH: Final = 1024
READING: Final = frozenset({"GET", "HEAD"})
LEAVING: Final = frozenset({"PUT", "POST"})
STATUS: Final[dict[type[Exception], int]] = {
    NotGranted: 404,
    FileTooLarge: 413,
    NoRoomForFile: 507,
    StorageFailed: 503,
}


class FileTransfer:
    """The application."""

    def __init__(self, door: FileDoor) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        ticket, rest = self._ticket(request)
        if ticket is not None and ticket.kind == FIRMWARE and rest == ticket.name:
            if request.method in READING and (offer := self._door.offer(ticket)) is not None:
                await self._send_file(request, offer, send)
                return
        elif ticket is not None and ticket.kind == UPLOAD and request.method in LEAVING:
            answer = await self._take(request, ticket, rest)
            if answer is not None:
                await answer(scope, receive, send)
            return
        await Response(status_code=404)(scope, receive, send)

    def _ticket(self, request: Request) -> tuple[FileTicket | None, str]:
        """Whose path this is, and what follows the secret in it."""
        path = request.scope["path"]
        first, _, rest = path.lstrip("/").partition("/")
        if len(path) > LONGEST_PATH or first not in (FETCH, LEAVE):
            return None, ""
        token, _, rest = rest.partition("/")
        address = request.client.host if request.client is not None else ""
        ticket = self._door.admit(HTTP, token, address)
        kind = FIRMWARE if first == FETCH else UPLOAD
        return (ticket if ticket is not None and ticket.kind == kind else None), rest

    async def _send_file(self, request: Request, offer: FileOffer, send: Send) -> None:
        version = f'"{offer.version}"'
        headers = {"Accept-Ranges": "bytes", "Cache-Control": "no-store", "ETag": version}
        asked = request.headers.get("range")
        if request.headers.get("if-range", version) != version or request.method == "HEAD":
            asked = None
        span = requested(asked, offer.size_bytes)
        if span is None:
            headers["Content-Range"] = f"bytes */{offer.size_bytes}"
            await Response(status_code=416, headers=headers)(request.scope, request.receive, send)
            return
        status = 200
        if span != Span(0, offer.size_bytes) or (asked and _is_range(asked)):
            status = 206
            headers["Content-Range"] = f"bytes {span.begin}-{span.end - 1}/{offer.size_bytes}"
        headers["Content-Length"] = str(span.end - span.begin)
        headers["Content-Type"] = "application/octet-stream"
        file = await asyncio.to_thread(_open, offer, span.begin)
        if file is None:
            await Response(status_code=404)(request.scope, request.receive, send)
            return
        try:
            raw = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
            await send({"type": "http.response.start", "status": status, "headers": raw})
            if request.method == "HEAD":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                await self._send_span(request, file, offer, span, send)
        finally:
            await asyncio.to_thread(file.close)

    async def _send_span(
        self, request: Request, file: BinaryIO, offer: FileOffer, span: Span, send: Send
    ) -> None:
        """Send the bytes, unless the peer leaves before the end.

        They count as sent when the last of them are about to go: after that, the peer may ask for
        more before we get our turn.
        """
        left = span.end - span.begin
        while left:
            chunk = await asyncio.to_thread(_read, file, min(CHUNK_BYTES, left))
            if not chunk or await request.is_disconnected():
                return
            left -= len(chunk)
            if not left:
                self._door.sent(offer, span.begin, span.end)
            await send({"type": "http.response.body", "body": chunk, "more_body": left > 0})

    async def _take(self, request: Request, ticket: FileTicket, rest: str) -> Response | None:
        """Keep the body; None when the peer left."""
        headers = request.headers
        boundary = boundary_of(headers.get("content-type", ""))
        named = last_part(rest) or file_name(headers.get("content-disposition", ""))
        declared = headers.get("content-length", "")
        try:
            if boundary is None:
                size = int(declared) if declared.isdecimal() and len(declared) < 16 else None
                await self._door.take(ticket, lambda: named, request.stream(), size)
            else:
                part = FilePart(boundary)
                await self._door.take(ticket, lambda: named or part.name, _file_of(request, part))
        except ClientDisconnect:
            log.info("upload.ended_early", extra=facts(address=_address(request)))
            return None
        except (FileRefused, StorageFailed, MalformedBody) as exc:
            status = STATUS.get(type(exc), 400)
            told = facts(address=_address(request), status=status, reason=str(exc))
            log.warning("upload.refused", extra=told)
            return Response(status_code=status)
        return Response(status_code=200)


def _is_range(header: str) -> bool:
    """True when ``header`` names a part that happens to be the whole file."""
    return requested(header, 0) is None


def _open(offer: FileOffer, begin: int) -> BinaryIO | None:
    """The file at ``begin``; None when it is gone, or no longer the one that was offered."""
    try:
        file = offer.path.open("rb")
    except OSError:
        return None
    if file.seek(0, 2) != offer.size_bytes:
        file.close()
        return None
    file.seek(begin)
    return file


def _read(file: BinaryIO, size: int) -> bytes:
    """The next bytes; none when the disk fails, which ends the connection."""
    try:
        return file.read(size)
    except OSError as exc:
        log.warning("firmware.unreadable", extra=facts(reason=str(exc)))
        return b""


async def _file_of(request: Request, part: FilePart) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        if found := part.feed(chunk):
            yield found
    if not part.is_complete:
        raise MalformedBody("the body ends before its file does")


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""
