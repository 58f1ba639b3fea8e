"""The command line. Each command ends with an exit code, and one clear sentence when it fails.

The one rule: only what a command needs is loaded, so that ``--help`` and ``check`` are quick.
"""

import json
import logging
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from gateway.errors import ConfigError, GatewayError

EXIT_FAILED: Final = 1
EXIT_CONFIG: Final = 78
"""EX_CONFIG of sysexits(3): systemd need not try again."""

EXIT_INTERRUPTED: Final = 130

app = typer.Typer(
    name="depot-gateway",
    help="On-site controller for EV depots.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line and exit."""
    app()


def version() -> str:
    """The version of the installed distribution, or of the source tree that this runs from."""
    try:
        return metadata.version("depot-gateway")
    except metadata.PackageNotFoundError:
        project = Path(__file__).parent.parent / "pyproject.toml"
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


@app.command()
def check(
    site: Annotated[Path, typer.Argument(help="The site file.", metavar="SITE")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a site file and report every problem at once (exit code 78)."""

    _end(lambda: _check(site, as_json=as_json))


@app.command()
def run(
    site: Annotated[Path, typer.Option("--config", help="The site file.", metavar="SITE")],
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Log every frame.")] = False,
) -> None:
    """Run the gateway until it is told to stop."""
    _end(lambda: _run(site, debug=debug))


@app.command()
def demo(
    *,
    charge_points: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 12,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to run.")] = 60.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same depot.")] = 1,
    scenario: Annotated[str, typer.Option(help="What happens.")] = "depot",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run a whole depot on this machine: charge points, meter, gateway and cloud."""
    _end(lambda: _demo(charge_points, seconds, seed, scenario, as_json=as_json))


def _check(site: Path, *, as_json: bool) -> int:
    from gateway import config
    from gateway.config import summary

    try:
        found = config.load(site)
    except ConfigError as exc:
        problems = {"ok": False, "problems": list(exc.problems)}
        typer.echo(json.dumps(problems) if as_json else str(exc))
        return EXIT_CONFIG
    typer.echo(
        json.dumps(summary.as_object(found)) if as_json else "\n".join(summary.as_lines(found))
    )
    return 0


def _run(site: Path, *, debug: bool) -> int:
    from gateway import config

    found = config.load(site)
    from gateway import app as gateway_app
    from gateway.runtime import log

    log.set_up(logging.DEBUG if debug else logging.INFO)
    return gateway_app.run(found)


def _demo(charge_points: int, seconds: float, seed: int, scenario: str, *, as_json: bool) -> int:
    from gateway.demo.runner import run_demo

    return run_demo(charge_points, seconds, seed, scenario, as_json)


def _end(work: Callable[[], int]) -> NoReturn:
    """Do the work of a command and exit with its code; errors on purpose become sentences."""
    try:
        code = work()
    except ConfigError as exc:
        typer.echo(str(exc), err=True)
        code = EXIT_CONFIG
    except GatewayError as exc:
        typer.echo(f"depot-gateway: {exc}", err=True)
        code = EXIT_FAILED
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    raise typer.Exit(code)
