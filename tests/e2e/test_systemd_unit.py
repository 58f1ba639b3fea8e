"""The systemd unit says what the gateway relies on, and stays hardened."""

import subprocess

from tests.e2e.gateway_process import ROOT
from tests.programs import need

UNIT = ROOT / "systemd" / "depot-gateway.service"


def test_the_unit_restarts_for_ever_and_watches_the_balancing() -> None:
    lines = UNIT.read_text().splitlines()
    for wanted in (
        "Type=notify",
        "WatchdogSec=20",
        "Restart=always",
        "RestartSec=2",
        "StartLimitIntervalSec=0",
        "StateDirectory=depot-gateway",
        "ExecStart=/opt/depot-gateway/bin/depot-gateway run --config /etc/depot-gateway/site.toml",
    ):
        assert wanted in lines


def test_systemd_rates_the_exposure_below_two() -> None:
    need("systemd-analyze", "systemd")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(UNIT)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert finished.returncode == 0, finished.stdout[-500:]
