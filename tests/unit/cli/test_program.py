import json
from pathlib import Path

import pytest

from tests.unit.cli.fake_gateway import invoke
from tests.unit.config.files import SMALL


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
