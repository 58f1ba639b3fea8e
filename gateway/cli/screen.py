"""What people read: sentences and tables. Nothing that a charge point wrote can steer a terminal.

The one rule: text from outside is never markup, and its control characters are shown, not sent.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import typer

LISTS: Final[Mapping[str, Sequence[str]]] = {
    "configurationKey": ("key", "value", "readonly"),
    "chargingSchedulePeriod": ("startPeriod", "limit", "numberPhases"),
    "calls": ("called_at", "action", "caller", "ending", "status", "detail"),
}
"""Columns of lists of objects, by name; others show every member."""


def printable(text: str) -> str:
    """``text`` with its control characters as escapes."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() or sign in "\n\t" else json.dumps(sign)[1:-1] for sign in text
    )


def say(text: str, *, failed: bool = False) -> None:
    """A line; one that tells of a failure goes to standard error."""
    typer.echo(printable(text), err=failed)


def say_json(document: bytes) -> None:
    """JSON as it is."""
    typer.echo(printable(document.decode(errors="replace")))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """A table; None is shown as nothing."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if title:
        say(f"{title}:")
    table = Table(box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(Text(printable(column)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    Console(highlight=False, emoji=False).print(table)


def show_members(members: Mapping[str, Any], *, skip: Sequence[str] = ()) -> None:
    """An object of JSON: members as lines, lists and objects of objects as tables."""
    for name, value in members.items():
        if name in skip:
            continue
        if isinstance(value, dict) and not any(isinstance(one, dict) for one in value.values()):
            show_members({f"{name}.{inner}": one for inner, one in value.items()})
        elif isinstance(value, dict) and value:
            _show_rows(name, [{"": key, **_object(one)} for key, one in value.items()])
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            _show_rows(name, value)
        else:
            say(f"{name}: {_cell(value)}")


def _show_rows(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    last = name.rsplit(".", 1)[-1]
    columns = LISTS.get(last) or list(dict.fromkeys(key for row in rows for key in row))
    show_table(columns, ([row.get(column) for column in columns] for row in rows), title=name)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {"value": value}


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return printable(value)
        case list() if all(isinstance(one, str) for one in value):
            return printable(", ".join(value))
        case _:
            return printable(json.dumps(value, ensure_ascii=False))
