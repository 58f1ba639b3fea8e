"""``/api/v1/files``: what people put on the box for charge points, and what these left on it.

The one rule: a file goes through in pieces, in both directions; none is ever held whole.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from gateway.errors import FileRefused, FileTooLarge, NoRoomForFile, StorageFailed
from gateway.files.kinds import FIRMWARE, UPLOAD
from gateway.ports import FileDesk
from gateway.web.problems import problem


class FirmwarePages:
    """Answers the routes."""

    def __init__(self, files: FileDesk) -> None:
        self._files = files

    def routes(self) -> Sequence[Route]:
        """Where they stand."""
        return [
            Route("/api/v1/files", self.all),
            Route("/api/v1/firmware/{name}", self.store, methods=["PUT"]),
            Route("/api/v1/firmware/{name}", self.delete_firmware, methods=["DELETE"]),
            Route("/api/v1/uploads/{name}", self.fetch),
            Route("/api/v1/uploads/{name}", self.delete_upload, methods=["DELETE"]),
        ]

    async def all(self, _: Request) -> Response:
        """``GET /api/v1/files``: every file, newest first."""
        return _json(self._files.files())

    async def store(self, request: Request) -> Response:
        """``PUT /api/v1/firmware/{name}``: keep the body; 200 when it replaces a file."""
        name = request.path_params["name"]
        is_new = self._files.path(FIRMWARE, name) is None
        try:
            stored = await self._files.store_firmware(name, request.stream())
        except ClientDisconnect:
            return problem(400, "bad-body", "The body cannot be used.", "It ended early.")
        except FileTooLarge as exc:
            return problem(413, "file-too-large", "The file is too large.", str(exc))
        except NoRoomForFile as exc:
            return problem(507, "no-room", "There is no room for the file.", str(exc))
        except FileRefused as exc:
            return problem(400, "file-refused", "The file cannot be taken.", str(exc))
        except StorageFailed as exc:
            return problem(503, "storage-failed", "The file could not be written.", str(exc))
        return _json(stored, 201 if is_new else 200)

    async def fetch(self, request: Request) -> Response:
        """``GET /api/v1/uploads/{name}``: the file, to be saved."""
        name = request.path_params["name"]
        path = self._files.path(UPLOAD, name)
        found = await asyncio.to_thread(_regular, path) if path is not None else None
        if path is None or found is None:
            return _no_such_file(name)
        return FileResponse(
            path, media_type="application/octet-stream", filename=name, stat_result=found
        )

    async def delete_firmware(self, request: Request) -> Response:
        """``DELETE /api/v1/firmware/{name}``: also ends what was granted to fetch it."""
        return await self._delete(FIRMWARE, request.path_params["name"])

    async def delete_upload(self, request: Request) -> Response:
        """``DELETE /api/v1/uploads/{name}``."""
        return await self._delete(UPLOAD, request.path_params["name"])

    async def _delete(self, kind: str, name: str) -> Response:
        try:
            if not await self._files.remove(kind, name):
                return _no_such_file(name)
        except StorageFailed as exc:
            return problem(503, "storage-failed", "The file could not be removed.", str(exc))
        return Response(status_code=204)


def _regular(path: Path) -> Any:
    """What the file system says of ``path``; None when it is no file any more."""
    try:
        return path.stat() if path.is_file() else None
    except OSError:
        return None


def _no_such_file(name: str) -> Response:
    return problem(404, "unknown-file", "There is no such file on the box.", file=name)


def _json(document: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(document), status, media_type="application/json")
