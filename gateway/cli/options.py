"""Options and arguments that many commands share."""

from typing import Annotated, Final, TypeAlias

import typer

from gateway.cli import completion

URL: Final = "http://127.0.0.1:8080"
ENVIRONMENT: Final = "DEPOT_GATEWAY_URL"
HOW: Final = "Gateway and answer"

Identity: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="CP",
        help="Identity of the charge point.",
        autocompletion=completion.charge_points,
        show_default=False,
    ),
]
Url: TypeAlias = Annotated[
    str,
    typer.Option(
        "--url", envvar=ENVIRONMENT, metavar="URL", help="The gateway.", rich_help_panel=HOW
    ),
]
Timeout: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        help="How long to wait for the answer, 1 to 120; the gateway's own time-out otherwise.",
        rich_help_panel=HOW,
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON object.", rich_help_panel=HOW)
]
DryRun: TypeAlias = Annotated[
    bool,
    typer.Option("--dry-run", help="Print what would be sent; send nothing.", rich_help_panel=HOW),
]
