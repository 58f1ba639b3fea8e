"""Files over HTTP, as a charge point on the LAN sees them: through a real socket."""

import re
import socket
import struct
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.unit.files.box import KB, Box, box, request
from tests.unit.web.lan import FIRMWARE, LARGE, many, multipart, plug, until_no_connection


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Box]:
    with box(tmp_path / "files") as opened:
        opened.store("fw.bin", FIRMWARE)
        yield opened


def test_a_file_is_fetched_once(running: Box) -> None:
    url = running.fetch_url()
    reply = request(url)
    assert (reply.status, reply.body) == (200, FIRMWARE)
    assert request(url).status == 404


def test_a_file_is_fetched_in_two_halves_and_then_no_more(running: Box) -> None:
    url = running.fetch_url()
    first = request(url, headers={"Range": "bytes=0-149999"})
    assert first.status == 206
    assert first.headers["Content-Range"] == f"bytes 0-149999/{len(FIRMWARE)}"
    resume = {"Range": "bytes=150000-", "If-Range": str(first.headers["ETag"])}
    second = request(url, headers=resume)
    assert second.status == 206
    assert first.body + second.body == FIRMWARE
    assert request(url).status == 404


def test_retries_allow_that_many_more_fetches(running: Box) -> None:
    url = running.fetch_url(retries=2)
    assert [request(url).status for _ in range(4)] == [200, 200, 200, 404]


def test_head_tells_the_size_and_uses_nothing_up(running: Box) -> None:
    url = running.fetch_url()
    reply = request(url, "HEAD", headers={"Range": "bytes=0-1"})
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["Content-Length"] == str(len(FIRMWARE))
    assert reply.headers["Accept-Ranges"] == "bytes"
    assert request(url).status == 200


def test_a_range_outside_is_refused_with_the_size(running: Box) -> None:
    url = running.fetch_url()
    reply = request(url, headers={"Range": f"bytes={len(FIRMWARE)}-"})
    assert reply.status == 416
    assert reply.headers["Content-Range"] == f"bytes */{len(FIRMWARE)}"


def test_another_version_is_not_resumed_but_sent_whole(running: Box) -> None:
    url = running.fetch_url()
    reply = request(url, headers={"Range": "bytes=10-", "If-Range": '"another"'})
    assert (reply.status, reply.body) == (200, FIRMWARE)


def test_a_file_that_was_replaced_between_two_halves_is_not_taken_for_whole(running: Box) -> None:
    url = running.fetch_url()
    request(url, headers={"Range": "bytes=0-149999"})
    running.clock.pass_by(timedelta(seconds=1))
    running.store("fw.bin", FIRMWARE[::-1])
    assert request(url, headers={"Range": "bytes=150000-"}).status == 206
    assert request(url).body == FIRMWARE[::-1]


def test_a_fetch_that_breaks_off_may_be_tried_again(tmp_path: Path) -> None:
    with box(tmp_path / "files", **LARGE) as opened:
        opened.do(opened.service.store_firmware("fw.bin", many(32)))
        url = opened.fetch_url()
        with plug(url) as plugged:
            plugged.sendall(f"GET {urlsplit(url).path} HTTP/1.1\r\nHost: box\r\n\r\n".encode())
            assert plugged.recv(100).startswith(b"HTTP/1.1 200")
            plugged.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        opened.do(until_no_connection(opened))
        assert request(url).status == 200
        assert request(url).status == 404


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_file_is_left_once(running: Box, method: str) -> None:
    url = running.leave_url()
    assert request(url, method, b"diagnostics").status == 200
    assert request(url, method, b"again").status == 404
    assert running.uploads() == {"CP-01-20260302T060000Z-upload": b"diagnostics"}


def test_a_name_may_follow_the_url(running: Box) -> None:
    assert request(running.leave_url() + "/log.tar.gz", "PUT", b"x").status == 200
    assert list(running.uploads()) == ["CP-01-20260302T060000Z-log.tar.gz"]


def test_a_name_that_leads_elsewhere_stays_here(running: Box) -> None:
    url = running.leave_url() + "/..%2f..%2f%00etc/pass%0dwd"
    assert request(url, "PUT", b"x").status == 200
    assert list(running.uploads()) == ["CP-01-20260302T060000Z-pass_wd"]


def test_a_file_may_come_in_a_form(running: Box) -> None:
    body, headers = multipart(
        ('; name="token"', b"1"), ('; name="file"; filename="C:\\logs\\diag.zip"', FIRMWARE)
    )
    assert request(running.leave_url(), "POST", body, headers).status == 200
    assert running.uploads() == {"CP-01-20260302T060000Z-diag.zip": FIRMWARE}


def test_a_form_that_ends_early_leaves_nothing(running: Box) -> None:
    body, headers = multipart(('; name="file"; filename="diag.zip"', FIRMWARE))
    url = running.leave_url()
    assert request(url, "POST", body[:-20], headers).status == 400
    assert not running.uploads()
    assert request(url, "POST", body, headers).status == 200


def test_an_upload_without_a_length_is_taken(running: Box) -> None:
    reply = request(running.leave_url(), "PUT", iter([b"a" * 1000, b"b" * 1000]))
    assert reply.status == 200
    assert list(running.uploads().values()) == [b"a" * 1000 + b"b" * 1000]


def test_too_large_a_file_is_refused_by_its_length_and_by_its_bytes(running: Box) -> None:
    url = running.leave_url()
    with plug(url) as plugged:
        head = f"PUT {urlsplit(url).path} HTTP/1.1\r\nHost: box\r\nContent-Length: 9999999\r\n\r\n"
        plugged.sendall(head.encode())
        assert plugged.recv(100).startswith(b"HTTP/1.1 413 ")
    assert request(url, "PUT", iter([b"x" * 1000] * 700)).status == 413
    assert not running.uploads()
    assert not running.leftovers()
    assert request(url, "PUT", b"x").status == 200


def test_a_full_box_says_so_and_takes_more_when_there_is_room(running: Box) -> None:
    for _ in range(2):
        assert request(running.leave_url(), "PUT", b"x" * 320 * KB).status == 200
    url = running.leave_url()
    assert request(url, "PUT", b"x" * 320 * KB).status == 507
    assert request(url, "PUT", iter([b"x" * KB] * 320)).status == 507
    running.do(running.service.remove("firmware", "fw.bin"))
    assert request(url, "PUT", b"x" * 320 * KB).status == 200
    assert not running.leftovers()


def test_an_upload_that_breaks_off_leaves_nothing_and_may_be_tried_again(running: Box) -> None:
    url = running.leave_url()
    with plug(url) as plugged:
        head = f"PUT {urlsplit(url).path} HTTP/1.1\r\nHost: box\r\nContent-Length: 5000\r\n\r\n"
        plugged.sendall(head.encode() + b"x" * 1000)
    assert request(url, "PUT", b"whole").status == 200
    assert list(running.uploads().values()) == [b"whole"]


def test_an_empty_upload_is_none(running: Box) -> None:
    url = running.leave_url()
    assert request(url, "PUT", b"").status == 400
    assert request(url, "PUT", b"x").status == 200


def test_everything_else_is_one_and_the_same_answer(running: Box) -> None:
    fetch, leave = running.fetch_url(), running.leave_url()
    base = re.sub(r"/[fu]/.*", "", fetch)
    token = urlsplit(fetch).path.split("/")[2]
    tried = [
        request(base + "/"),
        request(base + "/f/"),
        request(f"{base}/f/{token}"),
        request(f"{base}/f/{token}/"),
        request(f"{base}/f/{token}/other.bin"),
        request(f"{base}/u/{token}", "PUT", b"x"),
        request(f"{base}/f/{'0' * 32}/fw.bin"),
        request(f"{base}/f/{token}/../../note.json"),
        request(f"{base}/{'x' * 3000}"),
        request(fetch, "DELETE"),
        request(fetch, "PUT", b"x"),
        request(fetch, "OPTIONS"),
        request(leave),
        request(leave, "DELETE"),
    ]
    assert {(reply.status, reply.body, str(reply.headers)) for reply in tried} == {
        (404, b"", "content-length: 0\n\n")
    }


def test_a_grant_ends_after_a_day(running: Box) -> None:
    url = running.fetch_url()
    running.clock.pass_by(timedelta(hours=24))
    assert request(url).status == 404


def test_a_deleted_file_is_gone_for_everybody(running: Box) -> None:
    url = running.fetch_url()
    running.do(running.service.remove("firmware", "fw.bin"))
    running.store("fw.bin", FIRMWARE)
    assert request(url).status == 404
