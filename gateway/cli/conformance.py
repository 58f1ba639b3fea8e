"""The command that shows the conformance report of this source tree.

The one rule: it is shown as the test run wrote it; the tests are no part of an installation.
"""

from pathlib import Path
from typing import Final

import typer

from gateway.cli.exits import Failed, end

PANEL: Final = "Gateway"
REPORT: Final = Path(__file__).parents[2] / "CONFORMANCE.md"


def conformance() -> None:
    """Show the report of the OCPP 1.6 conformance tests."""
    end(lambda: show(REPORT))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=PANEL)(conformance)


def show(report: Path) -> int:
    """Print ``report``. Raises Failed where there is none."""
    try:
        text = report.read_text()
    except FileNotFoundError as exc:
        raise Failed(
            "the conformance report is CONFORMANCE.md in the source tree; there ./dev conformance "
            "runs the tests and writes it"
        ) from exc
    typer.echo(text, nl=False)
    return 0
