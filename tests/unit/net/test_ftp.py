"""Files over FTP: a real client, the standard library's, on loopback."""

import asyncio
import ftplib
import io
import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.errors import StartFailed
from gateway.net.ftp import FtpServer
from gateway.storage.file_shelf import DiskFile, DiskShelf
from tests.unit.files.box import KB, LISTENER, WAIT_S, Box, box

FIRMWARE = bytes(range(256)) * 1200


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Box]:
    with box(tmp_path / "files") as opened:
        opened.store("fw.bin", FIRMWARE)
        yield opened


class GatedFile(DiskFile):
    """A file on such a disk."""

    async def keep(self, kind: str, name: str, at: datetime) -> None:
        """When the disk is ready."""
        assert isinstance(self._shelf, GatedShelf)
        assert await asyncio.to_thread(self._shelf.gate.wait, WAIT_S)
        await super().keep(kind, name, at)


class GatedShelf(DiskShelf):
    """A disk that is slow: it keeps nothing before it is told to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.gate = threading.Event()

    async def begin(self) -> DiskFile:
        """A file that is kept later."""
        part = self._next_part()
        return GatedFile(self, part, await asyncio.to_thread(part.open, "xb"))


@contextmanager
def client(url: str, *, log_in: bool = True) -> Iterator[ftplib.FTP]:
    parts = urlsplit(url)
    with ftplib.FTP(timeout=WAIT_S) as ftp:
        ftp.connect(parts.hostname or "", parts.port or 0)
        if log_in:
            ftp.login(parts.username or "", parts.password or "")
        yield ftp


def fetch(ftp: ftplib.FTP, path: str, begin: int | None = None) -> bytes:
    found = io.BytesIO()
    ftp.retrbinary(f"RETR {path}", found.write, rest=begin)
    return found.getvalue()


def leave(ftp: ftplib.FTP, path: str, content: bytes) -> None:
    ftp.storbinary(f"STOR {path}", io.BytesIO(content))


def code(ftp: ftplib.FTP, command: str) -> str:
    """The code of the answer to a command, whatever it is."""
    ftp.putcmd(command)
    try:
        return ftp.getresp()[:3]
    except ftplib.Error as exc:
        return str(exc)[:3]


@pytest.mark.parametrize("passive", [True, False], ids=["passive", "active"])
def test_a_file_is_fetched_once(running: Box, passive: bool) -> None:
    url = running.fetch_url("box+ftp:fw.bin")
    with client(url) as ftp:
        ftp.set_pasv(passive)
        assert fetch(ftp, urlsplit(url).path) == FIRMWARE
        assert code(ftp, "SIZE /f/fw.bin") == "550"
        with pytest.raises(ftplib.error_perm, match=r"^550"):
            fetch(ftp, urlsplit(url).path)
    with client(url, log_in=False) as ftp, pytest.raises(ftplib.error_perm, match=r"^530"):
        ftp.login(urlsplit(url).username or "", urlsplit(url).password or "")


def test_a_file_is_fetched_from_its_folder_and_resumed(running: Box) -> None:
    with client(running.fetch_url("box+ftp:fw.bin")) as ftp:
        assert ftp.pwd() == "/"
        ftp.cwd("f")
        assert ftp.pwd() == "/f"
        ftp.voidcmd("TYPE I")
        assert ftp.size("fw.bin") == len(FIRMWARE)
        assert fetch(ftp, "fw.bin", 100_000) == FIRMWARE[100_000:]
        assert fetch(ftp, "fw.bin") == FIRMWARE
        assert code(ftp, "SIZE fw.bin") == "550"


def test_extended_passive_and_active_mode_work_too(running: Box) -> None:
    url = running.fetch_url("box+ftp:fw.bin", retries=1)
    with client(url) as ftp:
        ftp.af = socket.AF_INET6  # the client then speaks EPSV
        assert fetch(ftp, "fw.bin") == FIRMWARE
    with client(url) as ftp, socket.create_server(("127.0.0.1", 0)) as listening:
        assert code(ftp, f"EPRT |1|127.0.0.1|{listening.getsockname()[1]}|") == "200"
        assert code(ftp, "RETR fw.bin") == "150"
        data, _ = listening.accept()
        with data, data.makefile("rb") as stream:
            assert stream.read() == FIRMWARE


@pytest.mark.parametrize("passive", [True, False], ids=["passive", "active"])
@pytest.mark.parametrize("path", ["diag.zip", "/u/diag.zip", "u/../u/diag.zip"])
def test_a_file_is_left_once_under_any_name(running: Box, path: str, passive: bool) -> None:
    with client(running.leave_url("box+ftp:")) as ftp:
        ftp.set_pasv(passive)
        leave(ftp, path, FIRMWARE)
        with pytest.raises(ftplib.error_perm, match=r"^550"):
            leave(ftp, path, b"again")
    assert running.uploads() == {"CP-01-20260302T060000Z-diag.zip": FIRMWARE}


def test_the_last_part_of_the_url_may_be_taken_for_the_name(running: Box) -> None:
    url = running.leave_url("box+ftp:")
    with client(url) as ftp:
        leave(ftp, urlsplit(url).path, b"x")
    assert running.uploads() == {"CP-01-20260302T060000Z-u": b"x"}


def test_too_large_a_file_and_a_full_box_are_552_and_leave_nothing(running: Box) -> None:
    with client(running.leave_url("box+ftp:")) as ftp:
        with pytest.raises(ftplib.error_perm, match=r"^552"):
            leave(ftp, "a", b"x" * 700 * KB)
        leave(ftp, "a", b"x" * 500 * KB)
    with client(running.leave_url("box+ftp:")) as ftp:
        with pytest.raises(ftplib.error_perm, match=r"^552"):
            leave(ftp, "b", b"x" * 500 * KB)
        leave(ftp, "b", b"x")
    assert sorted(map(len, running.uploads().values())) == [1, 500 * KB]
    assert not running.leftovers()


def test_an_empty_upload_is_none(running: Box) -> None:
    with client(running.leave_url("box+ftp:")) as ftp:
        with pytest.raises(ftplib.error_perm, match=r"^550"):
            leave(ftp, "a", b"")
        leave(ftp, "a", b"x")


def test_nothing_goes_without_a_password(running: Box) -> None:
    with client(running.fetch_url("box+ftp:fw.bin"), log_in=False) as ftp:
        commands = ["PWD", "PASV", "EPSV", "TYPE I"]
        assert {code(ftp, command) for command in commands} == {"503"}
        assert {code(ftp, command) for command in ["CWD /", "RETR fw.bin", "STOR x"]} == {"550"}
        assert code(ftp, "PORT 127,0,0,1,200,200") == "530"
        assert code(ftp, "PASS x") == "503"


def test_three_wrong_passwords_end_the_connection(running: Box) -> None:
    url = running.fetch_url("box+ftp:fw.bin")
    with client(url, log_in=False) as ftp:
        for user in ("a", "b", urlsplit(url).username):
            assert code(ftp, f"USER {user}") == "331"
            assert code(ftp, "PASS guess") == "530"
        with pytest.raises((EOFError, ConnectionError)):
            ftp.voidcmd("NOOP")


def test_the_secret_of_http_opens_no_ftp(running: Box) -> None:
    token = urlsplit(running.fetch_url()).path.split("/")[2]
    with client(running.fetch_url("box+ftp:fw.bin"), log_in=False) as ftp:
        with pytest.raises(ftplib.error_perm, match=r"^530"):
            ftp.login("user", token)
        assert code(ftp, "USER") == "331"
        assert code(ftp, f"PASS {token}") == "530"


@pytest.mark.parametrize(
    "command",
    [
        "RETR /etc/passwd",
        "RETR ../../note.json",
        "RETR f",
        "RETR other.bin",
        "RETR /f/g/fw.bin",
        "STOR fw.bin",
        "STOR new",
        "CWD /etc",
        "CWD u",
        "SIZE ../note.json",
    ],
)
def test_a_grant_to_fetch_reaches_nothing_else(running: Box, command: str) -> None:
    with client(running.fetch_url("box+ftp:fw.bin")) as ftp:
        ftp.makepasv()
        assert code(ftp, command) == "550"


@pytest.mark.parametrize("command", ["RETR fw.bin", "STOR /", "STOR ..", "STOR /a/b", "CWD f"])
def test_a_grant_to_leave_reaches_nothing_else(running: Box, command: str) -> None:
    with client(running.leave_url("box+ftp:")) as ftp:
        ftp.makepasv()
        assert code(ftp, command) == "550"


@pytest.mark.parametrize("command", ["LIST", "NLST", "MLSD", "MKD a", "DELE fw.bin", "RNFR fw.bin"])
def test_there_is_no_listing_and_no_change(running: Box, command: str) -> None:
    with client(running.fetch_url("box+ftp:fw.bin")) as ftp:
        assert code(ftp, command) == "502"


@pytest.mark.parametrize(
    "command",
    [
        "PORT 127,0,0,2,200,200",
        "PORT 127,0,0,1,0,22",
        "PORT 1,2,3",
        "PORT ",
        "EPRT |1|10.0.0.1|5000|",
        "EPRT |1|127.0.0.1|99999|",
        "EPRT ",
    ],
)
def test_data_goes_to_the_client_alone(running: Box, command: str) -> None:
    with client(running.fetch_url("box+ftp:fw.bin")) as ftp:
        assert code(ftp, command) == "501"


def test_nobody_else_gets_the_data_connection(running: Box) -> None:
    with client(running.fetch_url("box+ftp:fw.bin")) as ftp:
        host, port = ftp.makepasv()
        with socket.create_connection((host, port), WAIT_S, ("127.0.0.2", 0)) as stranger:
            assert read(stranger) == b""
        with socket.create_connection((host, port), WAIT_S) as data:
            assert code(ftp, "RETR fw.bin") == "150"
            with data.makefile("rb") as stream:
                assert stream.read() == FIRMWARE


def test_small_commands_are_understood(running: Box) -> None:
    with client(running.fetch_url("box+ftp:fw.bin")) as ftp:
        for command in ["NOOP", "OPTS UTF8 ON", "MODE S", "STRU F", "ALLO 5", "TYPE A"]:
            assert code(ftp, command) == "200"
        assert code(ftp, "SYST") == "215"
        assert "EPSV" in ftp.sendcmd("FEAT")
        assert code(ftp, "CDUP") == "250"
        assert code(ftp, "REST x") == "501"
        assert code(ftp, "QUIT") == "221"


def test_odd_bytes_end_the_connection_and_nothing_else(running: Box) -> None:
    url = running.fetch_url("box+ftp:fw.bin")
    parts = urlsplit(url)
    for noise in (b"\xff\xfe\r\n", b"x" * 70_000 + b"\r\n", b"REST \xc2\xb2\r\n"):
        with socket.create_connection((parts.hostname, parts.port), WAIT_S) as plugged:
            plugged.sendall(noise)
            while read(plugged):
                if noise.startswith(b"REST"):
                    break
    with client(url) as ftp:
        assert fetch(ftp, "fw.bin") == FIRMWARE


def test_noise_leaves_no_traceback(running: Box, caplog: pytest.LogCaptureFixture) -> None:
    """Commands in any order, cut anywhere, by clients that hang up in the middle of it."""
    chance = random.Random(1)
    url = running.leave_url("box+ftp:")
    parts = urlsplit(url)
    login = f"USER {parts.username}\r\nPASS {parts.password}\r\n".encode()
    words = [b"PASV", b"EPSV", b"EPSV ALL", b"STOR a", b"RETR a", b"REST 5", b"PORT 1,2,3,4,5,6"]
    words += [b"TYPE", b"USER", b"PASS", b"CWD \x00", b"SIZE \xff", b"EPRT ||||", b"QUIT", b" "]
    for _ in range(30):
        noise = login if chance.random() < 0.7 else b""
        noise += b"\r\n".join(chance.choices(words, k=8)) + b"\r\n"
        with socket.create_connection((parts.hostname, parts.port), WAIT_S) as plugged:
            plugged.sendall(noise[: chance.randrange(1, len(noise) + 1)])
            if chance.random() < 0.7:
                plugged.shutdown(socket.SHUT_WR)
                while read(plugged):
                    pass
            else:
                plugged.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with client(url) as ftp:
        leave(ftp, "a", b"whole")
    running.close()
    assert not [record for record in caplog.records if record.exc_info]


def test_a_transfer_without_a_data_connection_may_be_tried_again(running: Box) -> None:
    url = running.leave_url("box+ftp:")
    with client(url) as ftp:
        host, port = ftp.makepasv()
        data = socket.create_connection((host, port), WAIT_S)
        assert code(ftp, "STOR a") == "150"
        data.sendall(b"x" * 100)
        data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        data.close()
        with pytest.raises(ftplib.error_temp, match=r"^426"):
            ftp.getresp()
        leave(ftp, "a", b"whole")
    assert list(running.uploads().values()) == [b"whole"]


def leave_and(ftp: ftplib.FTP, content: bytes) -> None:
    """Send a file, and do not wait for what the server says to it."""
    with ftp.transfercmd("STOR a.log") as data:
        data.sendall(content)


def log_in(opened: Box) -> None:
    """Somebody else comes; what others said before was heard when this is over."""
    with client(opened.leave_url("box+ftp:")):
        pass


def test_a_client_that_says_quit_with_its_last_byte_hears_that_the_file_is_kept(
    tmp_path: Path,
) -> None:
    shelf = GatedShelf(tmp_path / "files")
    with box(tmp_path / "files", shelf=shelf) as opened:
        with client(opened.leave_url("box+ftp:")) as ftp:
            leave_and(ftp, b"log")
            ftp.putcmd("QUIT")
            log_in(opened)
            shelf.gate.set()
            assert [ftp.getresp()[:3] for _ in range(2)] == ["226", "221"]
        assert list(opened.uploads().values()) == [b"log"]


def test_a_client_that_hangs_up_with_its_last_byte_has_left_its_file(tmp_path: Path) -> None:
    shelf = GatedShelf(tmp_path / "files")
    with box(tmp_path / "files", shelf=shelf) as opened:
        with client(opened.leave_url("box+ftp:")) as ftp:
            leave_and(ftp, b"log")
            ftp.close()
        log_in(opened)
        shelf.gate.set()
        opened.do(opened.until_left(1))
        assert list(opened.uploads().values()) == [b"log"]


def test_who_does_not_log_in_is_cut_off(tmp_path: Path) -> None:
    with box(tmp_path / "files") as opened:
        server = opened.ftp._server
        assert server is not None
        server._login_s = 0.2
        parts = urlsplit(opened.leave_url("box+ftp:"))
        with socket.create_connection((parts.hostname, parts.port), WAIT_S) as plugged:
            while read(plugged):
                pass


def test_ftp_is_off_unless_it_is_wanted(tmp_path: Path) -> None:
    with box(tmp_path / "files", ftp_port=None) as opened:
        assert opened.ftp.port is None


def test_a_port_that_is_taken_is_told_in_a_sentence(running: Box) -> None:
    listener = replace(LISTENER, ftp_port=running.ftp.port)
    with pytest.raises(StartFailed, match=r"another program uses this port; .*files\.ftp_port\.$"):
        running.do(FtpServer(listener, running.service).start())


def read(plugged: socket.socket) -> bytes:
    try:
        return plugged.recv(KB)
    except ConnectionResetError:
        return b""
