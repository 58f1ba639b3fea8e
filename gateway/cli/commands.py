"""A command for every operation, made from its schema at the moment when somebody uses it.

The one rule: listing the commands reads no schema, so that ``--help`` is quick.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from gateway.cli import calling, completion, options
from gateway.cli.exits import SHORT_EPILOG, UsageFault, end
from gateway.cli.fields import Field, Kind, Place, fields_of
from gateway.cli.operations import BY_COMMAND, OPERATIONS, Extra, Operation, Sources
from gateway.cli.wording import FROM_FILES, help_of

FIELDS: Final = "What is asked"
SHORT_METAVAR: Final = 24
METAVARS: Final = {
    Kind.TEXT: "TEXT",
    Kind.INTEGER: "INTEGER",
    Kind.DECIMAL: "NUMBER",
    Kind.DATE: "WHEN",
    Kind.TEXTS: "TEXT",
    Kind.PERIODS: "START:LIMIT",
    Kind.OBJECT: "JSON",
    Kind.ARRAY: "JSON",
}
MANY: Final = frozenset({Kind.TEXTS, Kind.PERIODS})


class Operations(TyperGroup):
    """A group whose operations get their options when one of them is used."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """As in every group; the command of an operation comes with all of its options."""
        name, command, rest = super().resolve_command(ctx, args)
        operation = BY_COMMAND.get(name or "")
        return name, command if operation is None else command_of(operation), rest


class _Machine:
    """The sources of this machine; loaded when something is filled in."""

    def now(self) -> datetime:
        from gateway.runtime.clock import SystemClock

        return SystemClock().now().utc

    def number(self) -> int:
        from gateway.runtime.clock import SystemChance

        return SystemChance().transaction_id()


def register(app: typer.Typer) -> None:
    """Add a command for each operation, for now without its options."""
    for operation in OPERATIONS:
        app.command(operation.command, help=operation.help, rich_help_panel=operation.profile)(
            _later
        )


def command_of(operation: Operation) -> Any:
    """The whole command of ``operation``."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(operation.command, help=_page(operation), epilog=SHORT_EPILOG)(_runner(operation))
    return typer.main.get_command(app)


def payload_of(
    operation: Operation, chosen: Mapping[str, Any], sources: Sources
) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """The payload that ``chosen`` options describe, and what was filled in.

    Args:
        chosen: By Python name; None and the empty list are not given.

    Raises:
        UsageFault: A value cannot be read, or a required field is missing.
    """
    from gateway.cli.payload import build
    from gateway.ocpp.schema_files import read_schema

    fields = fields_of(read_schema(operation.action))
    given: dict[Place, Any] = {}
    for field in fields:
        if (value := chosen.get(field.parameter)) is not None and value != []:
            given[field.place] = _read(field, value, sources)
    for extra in operation.extras:
        if value := chosen.get(_parameter(extra)):
            _add(given, extra, value)
    fills = {
        name: lambda found, make=filling.make: make(found, sources)
        for name, filling in operation.fillings.items()
    }
    instead = {extra.place: extra.option for extra in operation.extras}
    built = build(operation.action, fields, given, fills, instead)
    return built.payload, built.filled


def _later() -> None:
    """Stands for an operation in the list of commands."""


def _page(operation: Operation) -> str:
    from gateway.ocpp.schema_files import read_schema

    text = f"{operation.help}\n\nSends {operation.action}."
    if any(field.kind is Kind.DATE for field in fields_of(read_schema(operation.action))):
        text += " WHEN is now, +30m, -1d12h, or an ISO 8601 instant."
    return text


def _runner(operation: Operation) -> Callable[..., None]:
    def run(**chosen: Any) -> None:
        line = calling.Line(
            chosen["charge_point"],
            chosen["url"],
            chosen["timeout"],
            as_json=chosen["as_json"],
            dry_run=chosen["dry_run"],
        )
        end(lambda: _run(operation, chosen, line))

    parameters = list(_parameters(operation))
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def _run(operation: Operation, chosen: Mapping[str, Any], line: calling.Line) -> int:
    payload, filled = payload_of(operation, chosen, _Machine())
    paths = [
        Path(path)
        for extra in operation.extras
        if extra.uploads
        for path in chosen.get(_parameter(extra)) or ()
    ]
    return line.send(operation.action, payload, filled=filled, uploads=paths[-1:])


def _parameters(operation: Operation) -> Iterator[inspect.Parameter]:
    from gateway.ocpp.schema_files import read_schema

    yield _parameter_of("charge_point", options.Identity, inspect.Parameter.empty)
    fields = fields_of(read_schema(operation.action))
    for field in sorted(fields, key=lambda one: not _needed(operation, one)):
        yield _field_option(operation, field)
    for extra in operation.extras:
        yield _parameter_of(_parameter(extra), _extra_option(extra), None)
    yield _parameter_of("timeout", options.Timeout, None)
    yield _parameter_of("url", options.Url, options.URL)
    yield _parameter_of("as_json", options.AsJson, False)
    yield _parameter_of("dry_run", options.DryRun, False)


def _parameter_of(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _field_option(operation: Operation, field: Field) -> inspect.Parameter:
    words = help_of(operation.action, field)
    if _needed(operation, field):
        words += " Required."
    elif field.required and (filling := operation.fillings.get(field.name)):
        words += f" If left out: {filling.words}."
    option = typer.Option(
        field.option,
        metavar=_metavar(field),
        help=words.strip(),
        rich_help_panel=FIELDS,
        show_default=False,
        autocompletion=_completer(field),
    )
    value = list[str] | None if field.kind in MANY else str | None
    return _parameter_of(field.parameter, Annotated[value, option], None)


def _extra_option(extra: Extra) -> Any:
    option = typer.Option(
        extra.option,
        metavar=extra.metavar,
        help=extra.help,
        rich_help_panel=FIELDS,
        show_default=False,
    )
    return Annotated[list[str] | None, option]


def _parameter(extra: Extra) -> str:
    return extra.option[2:].replace("-", "_")


def _needed(operation: Operation, field: Field) -> bool:
    """True when nothing works without this option."""
    filled = field.name in operation.fillings or any(
        extra.place == field.place for extra in operation.extras
    )
    return field.required and not filled and field.kind is not Kind.OBJECT


def _metavar(field: Field) -> str:
    choices = "|".join(field.choices)
    return choices if choices and len(choices) <= SHORT_METAVAR else METAVARS[field.kind]


def _completer(field: Field) -> completion.Completer | None:
    if field.choices:
        return completion.words(field.choices)
    return completion.OF_FIELD.get(field.name)


def _read(field: Field, value: Any, sources: Sources) -> Any:
    try:
        return _value(field, value, sources)
    except UsageFault as exc:
        raise UsageFault(f"{field.option}: {exc}") from exc


def _value(field: Field, value: Any, sources: Sources) -> Any:
    from gateway.cli import written

    match field.kind:
        case Kind.INTEGER:
            return written.integer(value)
        case Kind.DECIMAL:
            return written.number(value)
        case Kind.DATE if written.is_relative(value):
            return written.instant(value, sources.now())
        case Kind.TEXTS:
            return list(value)
        case Kind.PERIODS:
            return [written.period(one) for one in value]
        case Kind.OBJECT | Kind.ARRAY:
            return written.document(value)
        case _:
            return written.text_of(value) if field.name in FROM_FILES else value


def _add(given: dict[Place, Any], extra: Extra, values: Sequence[str]) -> None:
    """Set the field of ``extra``; a list that is there already grows."""
    value = extra.read(values)
    there = given.get(extra.place)
    if there is not None and not (isinstance(there, list) and isinstance(value, list)):
        raise UsageFault(f"{extra.option} and --{extra.place[-1]} say the same thing twice")
    given[extra.place] = [*there, *value] if there is not None else value
