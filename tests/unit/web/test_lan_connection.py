"""Clients that are slow, many, or no clients at all."""

import http.client
import random
import socket
import struct
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.web.lan_connection import Patience
from tests.unit.files.box import KB, WAIT_S, box, request
from tests.unit.web.lan import FIRMWARE, LARGE, hung_up, many, plug, read, until_no_connection


def test_what_speaks_no_http_is_hung_up_on(tmp_path: Path) -> None:
    with box(tmp_path / "files") as opened, plug(opened.leave_url()) as plugged:
        plugged.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n")
        assert hung_up(plugged)


def test_noise_leaves_no_traceback(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Requests with bytes exchanged and cut anywhere, by clients that hang up in between."""
    chance = random.Random(1)
    with box(tmp_path / "files", Patience(most_connections=1000)) as opened:
        opened.store("fw.bin", FIRMWARE)
        fetch, leave = opened.fetch_url(), opened.leave_url()
        form = (
            "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
            "Content-Type: multipart/form-data; boundary=B"
        )
        heads = [
            f"GET {urlsplit(fetch).path} HTTP/1.1\r\nHost: b\r\nRange: bytes=0-9",
            f"PUT {urlsplit(leave).path} HTTP/1.1\r\nHost: b\r\nContent-Length: 9",
            f"POST {urlsplit(leave).path} HTTP/1.1\r\nHost: b\r\n{form}",
        ]
        for _ in range(150):
            noise = bytearray((chance.choice(heads) + "\r\n\r\n5\r\n--B\r\n").encode())
            for _ in range(chance.randrange(4)):
                noise[chance.randrange(len(noise))] = chance.randrange(256)
            with plug(fetch) as plugged:
                plugged.sendall(noise[: chance.randrange(1, len(noise) + 1)])
                if chance.random() < 0.5:
                    plugged.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert request(opened.leave_url(), "PUT", b"whole").status == 200
    assert not [record for record in caplog.records if record.exc_info]


def test_a_head_that_never_ends_is_cut_off(tmp_path: Path) -> None:
    with box(tmp_path / "files", Patience(head_s=0.3, stall_s=30)) as opened:
        with plug(opened.leave_url()) as plugged:
            plugged.sendall(b"GET / HTTP/1.1\r\nX: ")
            assert hung_up(plugged)
        with plug(opened.leave_url()) as silent:
            assert hung_up(silent)


def test_a_body_that_stands_still_is_cut_off_and_leaves_nothing(tmp_path: Path) -> None:
    with box(tmp_path / "files", Patience(head_s=30, stall_s=0.3)) as opened:
        url = opened.leave_url()
        with plug(url) as plugged:
            head = f"PUT {urlsplit(url).path} HTTP/1.1\r\nHost: box\r\nContent-Length: 9\r\n\r\n"
            plugged.sendall(head.encode() + b"x")
            assert hung_up(plugged)
        assert request(url, "PUT", b"x").status == 200
        assert len(opened.uploads()) == 1


def test_a_reader_that_stands_still_is_cut_off(tmp_path: Path) -> None:
    with box(tmp_path / "files", Patience(head_s=30, stall_s=0.3), **LARGE) as opened:
        opened.do(opened.service.store_firmware("fw.bin", many(32)))
        url = opened.fetch_url()
        with plug(url) as plugged:
            plugged.sendall(f"GET {urlsplit(url).path} HTTP/1.1\r\nHost: box\r\n\r\n".encode())
            received = len(plugged.recv(100))
            opened.do(until_no_connection(opened))
            while chunk := read(plugged):
                received += len(chunk)
            assert received < 32 * KB * KB
        assert request(url, headers={"Range": "bytes=0-9"}).status == 206


def test_more_connections_than_allowed_are_closed_unheard(tmp_path: Path) -> None:
    with box(tmp_path / "files", Patience(most_connections=2)) as opened:
        url = opened.leave_url()
        with plug(url) as first, plug(url) as second:
            for plugged in (first, second):
                plugged.sendall(b"GET / HTTP/1.1\r\nHost: box\r\n\r\n")
                assert plugged.recv(100).startswith(b"HTTP/1.1 404")
            with plug(url) as third:
                assert hung_up(third)


def test_who_has_no_more_to_say_is_answered_all_the_same(tmp_path: Path) -> None:
    with box(tmp_path / "files") as opened:
        opened.store("fw.bin", FIRMWARE)
        fetch, leave = opened.fetch_url(), opened.leave_url()
        with plug(fetch) as plugged:
            plugged.sendall(f"GET {urlsplit(fetch).path} HTTP/1.1\r\nHost: box\r\n\r\n".encode())
            assert all_that_follows(plugged).endswith(b"\r\n\r\n" + FIRMWARE)
        with plug(leave) as plugged:
            head = f"PUT {urlsplit(leave).path} HTTP/1.1\r\nHost: box\r\nContent-Length: 3\r\n\r\n"
            plugged.sendall(head.encode() + b"log")
            assert all_that_follows(plugged).startswith(b"HTTP/1.1 200 ")
        assert list(opened.uploads().values()) == [b"log"]


def test_who_ends_in_the_middle_of_a_body_is_hung_up_on(tmp_path: Path) -> None:
    with box(tmp_path / "files") as opened:
        url = opened.leave_url()
        with plug(url) as plugged:
            head = f"PUT {urlsplit(url).path} HTTP/1.1\r\nHost: box\r\nContent-Length: 9\r\n\r\n"
            plugged.sendall(head.encode() + b"log")
            assert all_that_follows(plugged) == b""
        assert request(url, "PUT", b"x").status == 200
        assert list(opened.uploads().values()) == [b"x"]


def all_that_follows(plugged: socket.socket) -> bytes:
    """What the other side says when this one has no more to say, until it closes."""
    plugged.shutdown(socket.SHUT_WR)
    found = b""
    while chunk := read(plugged):
        found += chunk
    return found


def test_a_long_life_of_quick_requests_is_no_waiting(tmp_path: Path) -> None:
    with box(tmp_path / "files", Patience(head_s=2, stall_s=2)) as opened:
        parts = urlsplit(opened.leave_url())
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=WAIT_S)
        for _ in range(200):
            connection.request("GET", "/")
            assert connection.getresponse().read() == b""
        connection.close()
