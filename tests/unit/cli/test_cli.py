"""Exit codes and sentences, in this process; real processes are in the end-to-end tests."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gateway import cli
from gateway.errors import ConfigError, StartFailed
from tests.unit.config.files import SMALL


def invoke(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, list(words))
    return result.exit_code, result.output


def test_a_correct_file_is_summed_up(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(SMALL)
    code, output = invoke("check", str(path))
    assert code == 0
    assert "L1: 6 A charging + 0 A reserve = 6 A, fits 98 A" in output


def test_every_problem_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(SMALL.replace("limit_a = 100", "limit_a = -1\nmargn_a = 3"))
    code, output = invoke("check", str(path))
    assert code == 78
    assert [line.split(": ")[0] for line in output.splitlines()] == [
        "circuits.grid.limit_a",
        "circuits.grid.margn_a",
    ]


@pytest.mark.parametrize(("text", "code"), [(SMALL, 0), ("x", 78)])
def test_check_speaks_json(tmp_path: Path, text: str, code: int) -> None:
    path = tmp_path / "site.toml"
    path.write_text(text)
    found_code, output = invoke("check", str(path), "--json")
    assert found_code == code
    assert json.loads(output)["ok"] is (code == 0)
    assert len(json.loads(output)["problems"]) == (code != 0)


def test_run_refuses_a_wrong_file_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("x")
    code, output = invoke("run", "--config", str(path))
    assert code == 78
    assert output.startswith("site.toml: line 1, column 2: ")


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (StartFailed("port 9000 is in use"), 1, "depot-gateway: port 9000 is in use\n"),
        (ConfigError(["a: b", "c: d"]), 78, "a: b\nc: d\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_errors_on_purpose_become_a_sentence_and_a_code(
    error: BaseException, code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> int:
        raise error

    with pytest.raises(typer.Exit) as ended:
        cli._end(work)
    assert ended.value.exit_code == code
    assert capsys.readouterr().err == sentence


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        cli._end(lambda: 1 // 0)


def test_the_version_is_shown() -> None:
    code, output = invoke("--version")
    assert code == 0
    assert output.startswith("depot-gateway 0.")
