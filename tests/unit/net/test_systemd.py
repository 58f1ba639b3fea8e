"""systemd hears from us when it listens, and nothing happens when it does not."""

import logging
import secrets
import socket
from pathlib import Path

import pytest

from gateway.net import systemd


def listen(address: str) -> socket.socket:
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.settimeout(5.0)
    manager.bind(address)
    return manager


def test_each_state_reaches_the_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    with listen(address) as manager:
        systemd.ready()
        systemd.watchdog()
        systemd.notify("STATUS=3 charge points")
        systemd.stopping()
        heard = [manager.recv(100) for _ in range(4)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"STATUS=3 charge points", b"STOPPING=1"]


def test_an_abstract_name_works_too(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"depot-gateway-{secrets.token_hex(8)}"
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    with listen(f"\0{name}") as manager:
        systemd.ready()
        assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", [None, "", "vsock:2:1", "relative"])
def test_without_a_socket_nothing_is_sent_and_nothing_logged(
    address: str | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if address is None:
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    else:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    systemd.ready()
    assert caplog.records == []


def test_a_socket_that_is_gone_is_a_warning_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    with caplog.at_level(logging.WARNING):
        systemd.watchdog()
    assert [record.message for record in caplog.records] == ["systemd.unreachable"]
