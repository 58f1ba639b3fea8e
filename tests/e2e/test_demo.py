"""The demo as a person starts it: a process that starts a depot, and its numbers."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from gateway.demo.summary import REACTION_TIME_S

LOG_LINE: Final = re.compile(r"<\d>[a-z_]+\.[a-z_]+( |$)")
PATIENCE_S = 120.0
CHARGE_POINTS = 6


@contextlib.contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """``depot-gateway demo`` with its temporary files under ``folder``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(PATIENCE_S)


def gateways(process: subprocess.Popen[str]) -> list[int]:
    """The processes that the demo started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in children.split()]


def is_alive(pid: int) -> bool:
    """True while the process runs; a zombie does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def until_first_line(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert "a vehicle arrives" in process.stdout.readline()


def test_a_depot_runs_end_to_end(tmp_path: Path) -> None:
    arguments = ("--seconds", "40", "--json", "--charge-points", str(CHARGE_POINTS), "--seed", "3")
    with demo(tmp_path, *arguments) as process:
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err + out
    told = json.loads(out)
    assert told["ok"] is True
    transactions = told["transactions"]
    assert transactions["started"] == transactions["in_cloud"] > CHARGE_POINTS
    assert (transactions["lost"], transactions["doubled"], transactions["out_of_order"]) == (
        0,
        0,
        0,
    )
    assert max(told["feeder"]["max_a"]) > told["feeder"]["limit_a"]
    assert 0 < told["feeder"]["seconds_above_limit"] <= REACTION_TIME_S
    assert told["limit_reaction_s"]["max"] is not None
    assert told["meter_loss_fallback_s"] is not None
    assert told["authorize_ms"]["p99"] is not None
    assert told["energy_kwh"] > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path, "--seconds", "60", "--charge-points", "2") as process:
        until_first_line(process)
        (gateway,) = gateways(process)
        process.send_signal(number)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert not is_alive(gateway)
    assert list(tmp_path.iterdir()) == []


def test_a_gateway_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with demo(tmp_path, "--seconds", "60", "--charge-points", "2") as process:
        until_first_line(process)
        (gateway,) = gateways(process)
        os.kill(gateway, signal.SIGKILL)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "the gateway ended with exit code -9" in err
    words = err.partition("its last words:\n")[2].splitlines()
    assert any(LOG_LINE.match(line) for line in words), err
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_scenario_is_one_clear_sentence(tmp_path: Path) -> None:
    with demo(tmp_path, "--scenario", "flood") as process:
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert out == ""
    assert "no scenario 'flood'" in err
    assert len(err.splitlines()) == 1
