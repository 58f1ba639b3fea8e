"""The command line. Each command ends with an exit code, and one clear sentence when it fails.

The one rule: only what a command needs is loaded; `gateway.cli.exits` has the exit codes.
"""

import tomllib
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import calling, commands, conformance, files, program, records, tags
from gateway.cli.exits import EPILOG

app = typer.Typer(
    name="depot-gateway",
    cls=commands.Operations,
    help="On-site controller for EV depots.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line and exit."""
    app(prog_name="depot-gateway")


def version() -> str:
    """The version of the installed distribution, or of the source tree that this runs from."""
    try:
        return metadata.version("depot-gateway")
    except metadata.PackageNotFoundError:
        project = Path(__file__).parents[2] / "pyproject.toml"
        return f"{tomllib.loads(project.read_text())['project']['version']} (source tree)"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"depot-gateway {version()}")
        raise typer.Exit


@app.callback()
def options(
    *,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """On-site controller for EV depots: local OCPP 1.6-J CSMS, load management, cloud upstream."""


program.register(app)
conformance.register(app)
calling.register(app)
records.register(app)
tags.register(app)
files.register(app)
commands.register(app)
