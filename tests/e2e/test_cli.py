"""The command line as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

BOUND_S: Final = 60


def depot_gateway(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "gateway", *words],
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
        env={**os.environ, **environment},
    )


def test_the_example_passes_the_check() -> None:
    done = depot_gateway("check", "gateway/site.example.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the site file is correct" in done.stdout
    assert not done.stderr


def test_a_broken_file_ends_with_78_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("[site]\nname = 5\n")
    done = depot_gateway("check", str(path))
    assert done.returncode == 78
    assert done.stdout.startswith("site.name: 5 is not text; write what the depot is called")
    assert not done.stderr


def test_run_tells_every_problem_on_standard_error(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("[site]\nname = 5\n")
    done = depot_gateway("run", "--config", str(path))
    assert done.returncode == 78
    assert len(done.stderr.splitlines()) == 3
    assert not done.stdout


def test_help_lists_the_commands_without_colour_when_asked() -> None:
    done = depot_gateway("--help", NO_COLOR="1")
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("check", "run", "demo"))
    assert "\x1b[3" not in done.stdout


def test_a_wrong_option_is_a_usage_error() -> None:
    done = depot_gateway("check")
    assert done.returncode == 2
    assert "SITE" in done.stderr


def test_checking_a_file_loads_neither_sockets_nor_storage() -> None:
    program = (
        "import sys; from pathlib import Path; from gateway import cli, config; "
        "config.load(Path('gateway/site.example.toml')); "
        "heavy = {'pymodbus', 'websockets', 'aiosqlite', 'uvicorn', 'ocpp'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=BOUND_S, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("page", [[], ["call"], ["reset"], ["set-charging-profile"], ["files"]])
def test_a_help_page_loads_no_validator_no_loop_and_no_server(page: list[str]) -> None:
    program = (
        "import sys; from gateway.cli import app; "
        f"app([*{page!r}, '--help'], prog_name='depot-gateway', standalone_mode=False); "
        "heavy = {'jsonschema_rs', 'starlette', 'websockets', 'asyncio', 'ocpp.v16', 'http'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=BOUND_S, check=True
    )
    assert f"Usage: {' '.join(('depot-gateway', *page))} " in done.stdout
    assert done.stdout.endswith("\n[]\n")


def test_a_module_and_a_script_go_by_one_name() -> None:
    done = depot_gateway("reset", "--help", NO_COLOR="1")
    assert done.returncode == 0
    assert "Usage: depot-gateway reset " in done.stdout
