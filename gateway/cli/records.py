"""What is known of a charge point, and what it hears when it boots."""

from typing import Annotated, Any, Final

import typer

from gateway.cli import completion
from gateway.cli.exits import SHORT_EPILOG, end
from gateway.cli.options import URL, AsJson, Identity, Url

PANEL: Final = "Charge points"
SITE_FILE: Final = "site"


def records(
    charge_point: Identity,
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            help=f"One of {', '.join(completion.RECORD_KINDS)}; all of them when left out.",
            autocompletion=completion.record_kinds,
            show_default=False,
        ),
    ] = None,
    *,
    url: Url = URL,
    as_json: AsJson = False,
) -> None:
    """Show what operations changed in a charge point."""
    end(lambda: _records(charge_point, kind, url, as_json=as_json))


def boot_policy(
    charge_point: Identity,
    policy: Annotated[
        str,
        typer.Argument(
            metavar="POLICY",
            help="accept; prepare: Pending until it is configured; pending; reject; "
            "site: as the site file says.",
            autocompletion=completion.words(("accept", "prepare", "pending", "reject", SITE_FILE)),
            show_default=False,
        ),
    ],
    *,
    url: Url = URL,
    as_json: AsJson = False,
) -> None:
    """Decide what a charge point hears on its next BootNotification."""
    end(lambda: _boot_policy(charge_point, policy, url, as_json=as_json))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    settings: dict[str, Any] = {"rich_help_panel": PANEL, "epilog": SHORT_EPILOG}
    app.command(**settings)(records)
    app.command(**settings)(boot_policy)


def _records(identity: str, kind: str | None, url: str, *, as_json: bool) -> int:
    from gateway.cli import screen
    from gateway.cli.client import Client, place

    parts = ("charge-points", identity, "records", *([kind] if kind else []))
    reply = Client(url).ask("GET", place(*parts))
    found = reply.json()
    if as_json:
        screen.say_json(reply.body)
    elif kind:
        _show(kind, found)
    else:
        for name, record in found.items():
            screen.say(f"== {name}")
            _show(name, record)
    return 0


def _show(kind: str, record: dict[str, Any]) -> None:
    from gateway.cli import screen

    if record:
        screen.show_members(record)
    else:
        screen.say(f"Nothing is known of {kind} yet.")


def _boot_policy(identity: str, policy: str, url: str, *, as_json: bool) -> int:
    import json

    from gateway.cli import screen
    from gateway.cli.client import Client, place

    body = json.dumps({"policy": None if policy == SITE_FILE else policy}).encode()
    reply = Client(url).ask("PUT", place("charge-points", identity, "boot-policy"), body)
    found = reply.json()
    if as_json:
        screen.say_json(reply.body)
    else:
        said = found.get("registration") or "nothing yet"
        screen.say(f"{identity}: policy {found.get('policy')}; it last heard {said}.")
    return 0
