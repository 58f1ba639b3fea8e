"""The commands that run the gateway itself: check, run and demo.

The one rule: only what a command needs is loaded, so that ``--help`` and ``check`` are quick.
"""

import json
import logging
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gateway.cli.exits import CONFIG, end
from gateway.errors import ConfigError

PANEL: Final = "Gateway"


def check(
    site: Annotated[Path, typer.Argument(help="The site file.", metavar="SITE")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a site file and report every problem at once (exit code 78)."""
    end(lambda: _check(site, as_json=as_json))


def run(
    site: Annotated[Path, typer.Option("--config", help="The site file.", metavar="SITE")],
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Log every frame.")] = False,
) -> None:
    """Run the gateway until it is told to stop."""
    end(lambda: _run(site, debug=debug))


def demo(
    *,
    charge_points: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 12,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to run.")] = 60.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same depot.")] = 1,
    scenario: Annotated[str, typer.Option(help="What happens.")] = "depot",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run a whole depot on this machine: charge points, meter, gateway and cloud."""
    end(lambda: _demo(charge_points, seconds, seed, scenario, as_json=as_json))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    settings: dict[str, Any] = {"rich_help_panel": PANEL}
    for command in (check, run, demo):
        app.command(**settings)(command)


def _check(site: Path, *, as_json: bool) -> int:
    from gateway import config
    from gateway.config import summary

    try:
        found = config.load(site)
    except ConfigError as exc:
        problems = {"ok": False, "problems": list(exc.problems)}
        typer.echo(json.dumps(problems) if as_json else str(exc))
        return CONFIG
    typer.echo(
        json.dumps(summary.as_object(found)) if as_json else "\n".join(summary.as_lines(found))
    )
    return 0


def _run(site: Path, *, debug: bool) -> int:
    from gateway import config

    found = config.load(site)
    from gateway import process
    from gateway.runtime import log

    log.set_up(logging.DEBUG if debug else logging.INFO)
    return process.run(found)


def _demo(charge_points: int, seconds: float, seed: int, scenario: str, *, as_json: bool) -> int:
    from gateway.demo.runner import run_demo

    return run_demo(charge_points, seconds, seed, scenario, as_json)
