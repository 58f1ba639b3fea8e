"""Files on the box: firmware that charge points fetch, and what they uploaded."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gateway.cli import completion
from gateway.cli.exits import SHORT_EPILOG, UsageFault, end
from gateway.cli.options import URL, AsJson, Url

PANEL: Final = "Site"
UPLOAD_PATIENCE_S: Final = 600.0

app = typer.Typer(help="Firmware for charge points, and what they uploaded.")

Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="Name on the box.", autocompletion=completion.files),
]


@app.command("list")
def list_files(*, url: Url = URL, as_json: AsJson = False) -> None:
    """List the files on the box, newest first."""
    end(lambda: _list(url, as_json=as_json))


@app.command("put", epilog=SHORT_EPILOG)
def put(
    file: Annotated[Path, typer.Argument(metavar="PATH", help="A firmware file.")],
    *,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Its own name when left out.", show_default=False),
    ] = None,
    url: Url = URL,
) -> None:
    """Put a firmware file on the box."""
    end(lambda: _put(file, name or file.name, url))


@app.command("get", epilog=SHORT_EPILOG)
def get(
    name: Name,
    to: Annotated[
        Path | None,
        typer.Argument(metavar="PATH", help="Where to write it; its own name when left out."),
    ] = None,
    *,
    url: Url = URL,
) -> None:
    """Fetch what a charge point uploaded; never over a file that is there."""
    end(lambda: _get(name, to or Path(Path(name).name), url))


@app.command("remove", epilog=SHORT_EPILOG)
def remove(
    name: Name,
    *,
    upload: Annotated[
        bool, typer.Option("--upload", help="What a charge point uploaded, not firmware.")
    ] = False,
    url: Url = URL,
) -> None:
    """Remove a file from the box."""
    end(lambda: _remove("uploads" if upload else "firmware", name, url))


def register(main: typer.Typer) -> None:
    """Add the commands."""
    main.add_typer(app, name="files", rich_help_panel=PANEL, no_args_is_help=True)


def put_firmware(url: str, path: Path, name: str) -> None:
    """Put the file ``path`` on the box as ``name``.

    Raises:
        UsageFault: It cannot be read.
        Failed: The box does not take it.
        GatewayAway: The gateway cannot be reached.
    """
    from gateway.cli.client import Client, place

    client = Client(url)
    try:
        file = path.open("rb")
    except OSError as exc:
        raise UsageFault(f"{path} cannot be read: {exc.strerror}") from exc
    with file:
        reply = client.ask("PUT", place("firmware", name), file, patience_s=UPLOAD_PATIENCE_S)
    reply.must_be_good()


def _list(url: str, *, as_json: bool) -> int:
    from gateway.cli import screen
    from gateway.cli.client import Client, place

    reply = Client(url).ask("GET", place("files"))
    found: Any = reply.json()
    if as_json:
        screen.say_json(reply.body)
    elif found:
        columns = list(dict.fromkeys(name for one in found for name in one))
        screen.show_table(columns, ([one.get(name) for name in columns] for one in found))
    else:
        screen.say("No file is on the box.")
    return 0


def _put(file: Path, name: str, url: str) -> int:
    from gateway.cli import screen

    put_firmware(url, file, name)
    screen.say(f"{name} is on the box; charge points fetch it from box:{name}.")
    return 0


def _get(name: str, to: Path, url: str) -> int:
    from gateway.cli import screen
    from gateway.cli.client import Client, place

    pieces = Client(url).fetch(place("uploads", name))
    first = next(pieces, b"")  # no file is made when there is nothing to fetch
    try:
        with to.open("xb") as file:
            size = file.write(first)
            for piece in pieces:
                size += file.write(piece)
    except OSError as exc:
        raise UsageFault(f"{to} cannot be written: {exc.strerror}") from exc
    screen.say(f"{to} was written, {size} bytes.")
    return 0


def _remove(folder: str, name: str, url: str) -> int:
    from gateway.cli import screen
    from gateway.cli.client import Client, place

    Client(url).ask("DELETE", place(folder, name)).must_be_good()
    screen.say(f"{name} was removed.")
    return 0
