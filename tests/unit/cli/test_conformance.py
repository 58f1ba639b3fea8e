from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gateway.cli import conformance
from gateway.cli.exits import Failed


def test_the_command_prints_the_report_of_the_source_tree() -> None:
    app = typer.Typer()
    conformance.register(app)
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0
    assert result.output == conformance.REPORT.read_text()


def test_an_installation_says_where_the_report_is(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="in the source tree"):
        conformance.show(tmp_path / "CONFORMANCE.md")
