"""A gateway that cannot start says why in one sentence and overwrites nothing; how it stops."""

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.gateway_process import ROOT, GatewayProcess
from tests.e2e.wire import HEARTBEAT, SITE, answers, close_code, dial

BOUND_S: Final = 30.0


def run_gateway(site_file: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "gateway", "run", "--config", str(site_file)]
    environment = {k: v for k, v in os.environ.items() if k != "NOTIFY_SOCKET"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=BOUND_S
    )


def complaint(finished: "subprocess.CompletedProcess[str]") -> str:
    """The one line on which it says why it does not run."""
    assert "Traceback" not in finished.stderr
    lines = [line for line in finished.stderr.splitlines() if not line.startswith("<6>")]
    assert len(lines) == 1, finished.stderr
    return lines[0]


def test_a_broken_site_file_is_told_and_ends_with_78(tmp_path: Path) -> None:
    site_file = tmp_path / "site.toml"
    site_file.write_text(SITE.replace("limit_a = 100", "limit_a = 5"))
    finished = run_gateway(site_file)
    assert finished.returncode == 78
    assert "circuits.grid" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "state").exists()


def test_a_site_file_that_is_not_there_is_told_and_ends_with_78(tmp_path: Path) -> None:
    finished = run_gateway(tmp_path / "no.toml")
    assert finished.returncode == 78
    assert "cannot be read" in complaint(finished)


@pytest.mark.parametrize("table", ["ocpp", "web"])
def test_a_port_in_use_is_one_sentence(tmp_path: Path, table: str) -> None:
    site_file = tmp_path / "site.toml"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        head, separator, tail = SITE.partition(f"[{table}]")
        site_file.write_text(head + separator + tail.replace("port = 0", f"port = {port}", 1))
        finished = run_gateway(site_file)
    assert finished.returncode == 1
    assert str(port) in complaint(finished)


def test_a_state_directory_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    site_file = tmp_path / "site.toml"
    (tmp_path / "file").write_text("a file, no directory")
    site_file.write_text(SITE.replace('"state"', '"file/state"'))
    finished = run_gateway(site_file)
    assert finished.returncode == 1
    assert "file/state" in complaint(finished)
    assert (tmp_path / "file").read_text() == "a file, no directory"


def test_a_database_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    site_file = tmp_path / "site.toml"
    site_file.write_text(SITE)
    state = tmp_path / "state"
    state.mkdir()
    database = state / "gateway.db"
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE of_the_future (x)")
    connection.execute("PRAGMA user_version = 9999")
    connection.commit()
    connection.close()
    before = database.read_bytes()
    finished = run_gateway(site_file)
    assert finished.returncode == 1
    assert "newer" in complaint(finished)
    assert database.read_bytes() == before
    assert [entry.name for entry in state.iterdir()] == ["gateway.db"]


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    site_file = tmp_path / "site.toml"
    site_file.write_text(SITE)
    database = tmp_path / "state" / "gateway.db"
    database.parent.mkdir()
    database.write_bytes(b"holiday photographs\n" * 100)
    finished = run_gateway(site_file)
    assert finished.returncode == 1
    assert "gateway.db" in complaint(finished)
    assert database.read_bytes() == b"holiday photographs\n" * 100


def test_a_second_gateway_on_the_same_site_does_not_start(tmp_path: Path) -> None:
    site_file = tmp_path / "site.toml"
    site_file.write_text(SITE)
    with GatewayProcess(site_file) as first:
        second = tmp_path / "second.toml"
        second.write_text(SITE.replace("port = 0", f"port = {first.ocpp_port}", 1))
        finished = run_gateway(second)
        assert finished.returncode == 1
        assert complaint(finished)


def test_sigterm_closes_every_connection_and_ends_with_0(tmp_path: Path) -> None:
    site_file = tmp_path / "site.toml"
    site_file.write_text(SITE)

    async def talk_and_stop(gateway: GatewayProcess) -> tuple[int, int]:
        async with dial(gateway) as connection:
            assert await answers(connection, HEARTBEAT.replace("alive", "first")) != []
            exit_code = await asyncio.to_thread(gateway.stop)
            return await close_code(connection), exit_code

    with GatewayProcess(site_file) as gateway:
        assert asyncio.run(talk_and_stop(gateway)) == (1001, 0)
        assert "Traceback" not in gateway.log()
