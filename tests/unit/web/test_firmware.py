"""Files on the box, through the API: and from there to a charge point."""

import asyncio
import ftplib
import io
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.errors import FileRefused, FileTooLarge, NoRoomForFile, StorageFailed
from gateway.ports import StoredFile
from gateway.web.firmware import FirmwarePages
from tests.unit.files.box import KB, WAIT_S, Box, request
from tests.unit.web.lan import multipart
from tests.unit.web.yard import Reply, Yard, make_site, yard

AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
URN = "urn:depot-gateway:problem:"


class FakeFiles:
    """Files in a folder; ``error`` is raised by whatever changes something."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.error: Exception | None = None
        self.kept: dict[tuple[str, str], StoredFile] = {}

    async def resolve(self, identity: str, action: str, payload: bytes) -> bytes:
        raise NotImplementedError

    async def store_firmware(self, name: str, chunks: AsyncIterator[bytes]) -> StoredFile:
        content = b"".join([chunk async for chunk in chunks])
        if self.error is not None:
            raise self.error
        return self.put("firmware", name, content)

    def put(self, kind: str, name: str, content: bytes) -> StoredFile:
        (self.folder / f"{kind}-{name}").write_bytes(content)
        identity = "CP-01" if kind == "upload" else None
        self.kept[kind, name] = stored = StoredFile(kind, name, len(content), AT, identity)
        return stored

    def files(self) -> Sequence[StoredFile]:
        return list(self.kept.values())

    def path(self, kind: str, name: str) -> Path | None:
        return self.folder / f"{kind}-{name}" if (kind, name) in self.kept else None

    async def remove(self, kind: str, name: str) -> bool:
        if self.error is not None:
            raise self.error
        return self.kept.pop((kind, name), None) is not None


@pytest.fixture
def files(tmp_path: Path) -> FakeFiles:
    return FakeFiles(tmp_path)


@pytest.fixture
def api(files: FakeFiles) -> Iterator[Yard]:
    with yard(make_site(), resources=[FirmwarePages(files)]) as opened:
        yield opened


def problem_of(reply: Reply) -> tuple[int, str]:
    assert reply.headers["Content-Type"] == "application/problem+json"
    return reply.status, str(reply.document["type"]).removeprefix(URN)


def test_firmware_is_stored_listed_and_removed(api: Yard, files: FakeFiles) -> None:
    stored = api.request("PUT", "/api/v1/firmware/fw.bin", b"x" * 100_000)
    shown = {
        "kind": "firmware",
        "name": "fw.bin",
        "size_bytes": 100_000,
        "stored_at": "2026-03-02T06:00:00Z",
        "identity": None,
    }
    assert (stored.status, stored.document) == (201, shown)
    assert api.request("PUT", "/api/v1/firmware/fw.bin", b"x" * 100_000).status == 200
    assert api.request("GET", "/api/v1/files").document == [shown]
    assert api.request("DELETE", "/api/v1/firmware/fw.bin").status == 204
    assert problem_of(api.request("DELETE", "/api/v1/firmware/fw.bin")) == (404, "unknown-file")


def test_an_upload_is_downloaded_as_a_file_to_save(api: Yard, files: FakeFiles) -> None:
    files.put("upload", "page.html", b"<script>")
    reply = api.request("GET", "/api/v1/uploads/page.html")
    assert (reply.status, reply.body) == (200, b"<script>")
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="page.html"'
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert api.request("DELETE", "/api/v1/uploads/page.html").status == 204
    assert not files.kept


def test_what_is_not_there_is_told(api: Yard, files: FakeFiles) -> None:
    assert problem_of(api.request("GET", "/api/v1/uploads/none")) == (404, "unknown-file")
    files.put("upload", "gone", b"x")
    (files.folder / "upload-gone").unlink()
    assert problem_of(api.request("GET", "/api/v1/uploads/gone")) == (404, "unknown-file")
    assert problem_of(api.request("GET", "/api/v1/firmware/fw.bin"))[0] == 405


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (FileTooLarge("At most 5."), (413, "file-too-large")),
        (NoRoomForFile("Full."), (507, "no-room")),
        (FileRefused("Not so."), (400, "file-refused")),
        (StorageFailed("Ill."), (503, "storage-failed")),
    ],
)
def test_a_refusal_says_who_must_act(
    api: Yard, files: FakeFiles, error: Exception, expected: tuple[int, str]
) -> None:
    files.error = error
    reply = api.request("PUT", "/api/v1/firmware/fw.bin", b"x")
    assert problem_of(reply) == expected
    assert reply.document["detail"] == str(error)


def test_a_disk_that_fails_to_remove_is_told(api: Yard, files: FakeFiles) -> None:
    files.error = StorageFailed("Ill.")
    reply = api.request("DELETE", "/api/v1/uploads/a")
    assert problem_of(reply) == (503, "storage-failed")


def test_firmware_goes_from_a_person_to_a_charge_point_and_its_log_back(tmp_path: Path) -> None:
    """The whole way: API, disk, LAN; the three servers share one service on one loop."""
    content = bytes(range(256)) * 1000
    box = Box(tmp_path / "files")
    with yard(make_site(), resources=[FirmwarePages(box.service)]) as api:
        box.loop = api.loop
        started = box.do(_start(box))
        assert api.request("PUT", "/api/v1/firmware/fw.bin", content).status == 201
        url = box.fetch_url()
        halves = [
            request(url, headers={"Range": span}).body
            for span in ("bytes=0-99999", "bytes=100000-")
        ]
        assert b"".join(halves) == content
        assert request(url).status == 404
        box.clock.pass_by(timedelta(seconds=1))
        assert request(box.leave_url() + "/diag.log", "PUT", b"log").status == 200
        name = api.request("GET", "/api/v1/files").document[0]["name"]
        assert api.request("GET", f"/api/v1/uploads/{name}").body == b"log"
        form, headers = multipart(('; name="file"; filename="a.zip"', b"z" * 300 * KB))
        assert request(box.leave_url(), "POST", form, headers).status == 200
        with _ftp(box.fetch_url("box+ftp:fw.bin")) as (ftp, path):
            found: list[bytes] = []
            ftp.retrbinary(f"RETR {path}", found.append)
            assert b"".join(found) == content
        with _ftp(box.leave_url("box+ftp:")) as (ftp, path):
            ftp.storbinary(f"STOR {path}/b.zip", io.BytesIO(b"z" * 300 * KB))
        assert len(api.request("GET", "/api/v1/files").document) == 4
        assert request(box.leave_url(), "PUT", b"z" * 200 * KB).status == 507
        assert problem_of(api.request("PUT", "/api/v1/firmware/b", content)) == (507, "no-room")
        assert api.request("PUT", "/api/v1/firmware/fw.bin", content).status == 200
        box.do(_stop(box))
        assert started.done()


@contextmanager
def _ftp(url: str) -> Iterator[tuple[ftplib.FTP, str]]:
    """A client that logged in, and the path that the URL names."""
    parts = urlsplit(url)
    with ftplib.FTP(timeout=WAIT_S) as ftp:
        ftp.connect(parts.hostname or "", parts.port or 0)
        ftp.login(parts.username or "", parts.password or "")
        yield ftp, parts.path


async def _start(box: Box) -> "asyncio.Task[None]":
    await box.service.load()
    await box.http.start()
    await box.ftp.start()
    box.service.listening(box.http.port, box.ftp.port)
    return asyncio.create_task(box.http.serve())


async def _stop(box: Box) -> None:
    await box.http.close()
    await box.ftp.close()
    await box.service.close()
