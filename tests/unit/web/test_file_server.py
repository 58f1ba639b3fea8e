"""The file server's start and end."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.errors import StartFailed
from gateway.web.file_server import FileServer
from tests.unit.files.box import LISTENER, Box, box, request
from tests.unit.web.lan import FIRMWARE, hung_up, plug


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Box]:
    with box(tmp_path / "files") as opened:
        opened.store("fw.bin", FIRMWARE)
        yield opened


def test_a_port_that_is_taken_is_told_in_a_sentence(running: Box) -> None:
    listener = replace(LISTENER, port=running.http.port)
    with pytest.raises(StartFailed, match=r"another program uses this port; .* files\.port\.$"):
        running.do(FileServer(listener, running.service).start())


def test_a_server_that_ended_stays_ended(running: Box) -> None:
    url = running.leave_url()
    running.do(running.http.close())
    running.do(running.http.close())
    running.do(running.http.serve())
    with pytest.raises(ConnectionRefusedError):
        request(url)


def test_the_end_cuts_what_is_under_way_and_keeps_nothing_of_it(running: Box) -> None:
    url = running.leave_url()
    with plug(url) as plugged:
        head = f"PUT {urlsplit(url).path} HTTP/1.1\r\nHost: box\r\nContent-Length: 9\r\n"
        plugged.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert plugged.recv(100).startswith(b"HTTP/1.1 100")
        running.do(running.http.close())
        assert hung_up(plugged)
    running.close()
    assert not running.leftovers()
    assert not running.uploads()
