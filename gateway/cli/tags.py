"""Tags on the command line: one by one and by file, and the local lists of charge points."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gateway.cli import completion
from gateway.cli.exits import (
    AGREED,
    FAILED,
    OFFLINE,
    REFUSED,
    SHORT_EPILOG,
    TIME_OUT,
    USAGE,
    UsageFault,
    end,
)
from gateway.cli.options import URL, AsJson, Identity, Url

PANEL: Final = "Site"
STATUSES: Final = ("Accepted", "Blocked", "Expired", "Invalid")
SYNC_CODES: Final = {
    "up-to-date": AGREED,
    "not-supported": REFUSED,
    "refused": REFUSED,
    "offline": OFFLINE,
    "no-answer": TIME_OUT,
}
"""Exit code by the outcome of a synchronisation."""

tags_app = typer.Typer(help="Who may charge: tags, one by one or by CSV file.")

Id = Annotated[
    str,
    typer.Argument(metavar="ID", help="The idTag.", autocompletion=completion.tags),
]


@tags_app.command("list")
def list_tags(*, url: Url = URL, as_json: AsJson = False) -> None:
    """List the tags of the site file and of this box."""
    end(lambda: _list(url, as_json=as_json))


@tags_app.command("set", epilog=SHORT_EPILOG)
def set_tag(
    id_tag: Id,
    *,
    status: Annotated[
        str | None,
        typer.Option(
            metavar="STATUS",
            help="Accepted when left out.",
            autocompletion=completion.words(STATUSES),
            show_default=False,
        ),
    ] = None,
    parent: Annotated[
        str | None, typer.Option(metavar="ID", help="parentIdTag.", show_default=False)
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="+30d, or ISO 8601 with a zone.", show_default=False),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Whose it is.", show_default=False)
    ] = None,
    charge_point: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CP",
            help="Where it is valid; may be repeated. Everywhere when left out.",
            autocompletion=completion.charge_points,
            show_default=False,
        ),
    ] = None,
    url: Url = URL,
) -> None:
    """Add a tag, or replace all that is said of it."""
    said = {
        "status": status,
        "parent_id_tag": parent,
        "expires_at": expires,
        "name": name,
        "charge_points": charge_point or None,
    }
    end(lambda: _set(id_tag, said, url))


@tags_app.command("remove", epilog=SHORT_EPILOG)
def remove_tag(id_tag: Id, *, url: Url = URL) -> None:
    """Forget a tag."""
    end(lambda: _remove(id_tag, url))


@tags_app.command("import", epilog=SHORT_EPILOG)
def import_tags(
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV; - is standard input.")],
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else it is a preview.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove the tags that the file does not name.")
    ] = False,
    url: Url = URL,
    as_json: AsJson = False,
) -> None:
    """Show what a CSV file would change, and change it with --apply."""
    end(lambda: _import(file, url, apply=apply, replace=replace, as_json=as_json))


@tags_app.command("export", epilog=SHORT_EPILOG)
def export_tags(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Standard output when left out.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those of the site file too.")] = False,
    url: Url = URL,
) -> None:
    """Write the tags as a CSV file."""
    end(lambda: _export(file, url, everything=everything))


def local_list(
    charge_point: Identity,
    *,
    full: Annotated[bool, typer.Option("--full", help="Send the whole list again.")] = False,
    url: Url = URL,
    as_json: AsJson = False,
) -> None:
    """Bring the local list of a charge point up to date."""
    end(lambda: _sync(charge_point, url, full=full, as_json=as_json))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(tags_app, name="tags", rich_help_panel=PANEL, no_args_is_help=True)
    app.command("local-list", rich_help_panel=PANEL, epilog=SHORT_EPILOG)(local_list)


def _list(url: str, *, as_json: bool) -> int:
    from gateway.cli import screen
    from gateway.cli.client import Client, place

    reply = Client(url).ask("GET", place("tags"))
    found = reply.json()
    if as_json:
        screen.say_json(reply.body)
    elif found:
        _show_tags(found)
    else:
        screen.say("No tag is known.")
    return 0


def _show_tags(found: list[dict[str, Any]], title: str = "") -> None:
    from gateway.cli import screen

    columns = ("id_tag", "name", "status", "parent_id_tag", "expires_at", "charge_points", "origin")
    screen.show_table(columns, ([tag.get(one) for one in columns] for tag in found), title)


def _set(id_tag: str, said: dict[str, Any], url: str) -> int:
    from gateway.cli import screen, written
    from gateway.cli.client import Client, place

    expires = said["expires_at"]
    if expires is not None and written.is_relative(expires):
        from gateway.runtime.clock import SystemClock

        said["expires_at"] = written.instant(expires, SystemClock().now().utc)
    body = json.dumps({name: value for name, value in said.items() if value is not None}).encode()
    reply = Client(url).ask("PUT", place("tags", id_tag), body)
    reply.must_be_good()
    screen.say(f"{id_tag} was {'added' if reply.status == 201 else 'changed'}.")
    return 0


def _remove(id_tag: str, url: str) -> int:
    from gateway.cli import screen
    from gateway.cli.client import Client, place

    Client(url).ask("DELETE", place("tags", id_tag)).must_be_good()
    screen.say(f"{id_tag} was removed.")
    return 0


def _import(file: str, url: str, *, apply: bool, replace: bool, as_json: bool) -> int:
    from gateway.cli import screen
    from gateway.cli.client import Client, place

    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as exc:
        raise UsageFault(f"{file} cannot be read: {exc.strerror}") from exc
    query = {"mode": "replace" if replace else "merge", "apply": "true" if apply else "false"}
    reply = Client(url).ask("POST", place("tags", "import"), body, query=query)
    errors = (reply.problem or {}).get("errors")
    if reply.problem is not None and not errors:
        reply.must_be_good()
    if as_json:
        screen.say_json(reply.body)
    elif errors:
        screen.say(f"{file} has problems; nothing was applied.", failed=True)
        screen.show_table(("row", "problem"), ([one["row"], one["problem"]] for one in errors))
    else:
        _show_changes(reply.json())
    return USAGE if errors else 0


def _show_changes(found: dict[str, Any]) -> None:
    from gateway.cli import screen

    for name in ("added", "removed"):
        if found[name]:
            _show_tags(found[name], name)
    if found["changed"]:
        _show_tags([one["after"] for one in found["changed"]], "changed to")
    counts = ", ".join(f"{count} {name}" for name, count in found["counts"].items())
    screen.say(f"{counts}." if found["applied"] else f"Would be: {counts}. Apply with --apply.")


def _export(file: Path | None, url: str, *, everything: bool) -> int:
    from gateway.cli import screen
    from gateway.cli.client import Client, place

    reply = Client(url).ask("GET", place("tags.csv"), query={"all": "1" if everything else None})
    reply.must_be_good()
    if file is None:
        sys.stdout.buffer.write(reply.body)
        return 0
    try:
        file.write_bytes(reply.body)
    except OSError as exc:
        raise UsageFault(f"{file} cannot be written: {exc.strerror}") from exc
    screen.say(f"{file} was written.")
    return 0


def _sync(identity: str, url: str, *, full: bool, as_json: bool) -> int:
    from gateway.cli import screen
    from gateway.cli.calling import PATIENCE_S
    from gateway.cli.client import Client, place

    reply = Client(url).ask(
        "POST",
        place("charge-points", identity, "local-list", "sync"),
        query={"full": "true" if full else None},
        patience_s=PATIENCE_S,
    )
    found = reply.json()
    code = SYNC_CODES.get(found["outcome"], FAILED)
    if as_json:
        screen.say_json(reply.body)
        return code
    version = "unknown" if found["version"] is None else found["version"]
    screen.say(
        f"{identity}: {found['outcome']}, version {version}, messages sent: {found['sent']}.",
        failed=code != AGREED,
    )
    if found.get("left_out"):
        screen.say(f"No room for: {', '.join(found['left_out'])}.")
    return code
