"""Completion of names and ids, from what the running gateway knows.

The one rule: quick and silent; when the gateway is away there is simply nothing to offer.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import typer

from gateway.errors import GatewayError

PATIENCE_S: Final = 0.5
RECORD_KINDS: Final = (
    "availability",
    "boot",
    "calls",
    "charging-profiles",
    "configuration",
    "deviations",
    "diagnostics",
    "firmware",
    "local-list",
    "reservations",
)

Offers = list[tuple[str, str]]
"""Words, each with what it is."""

Completer = Callable[[typer.Context, str], Offers]


def charge_points(ctx: typer.Context, incomplete: str) -> Offers:
    """Identities of the site."""
    return _fitting(incomplete, _charge_points(ctx))


def actions(incomplete: str) -> Offers:
    """Every action, in OCPP's spelling."""
    from gateway.cli.operations import OPERATIONS

    known = ((one.action, one.help) for one in OPERATIONS)
    return _fitting(incomplete, known)


def record_kinds(incomplete: str) -> list[str]:
    """Kinds of records."""
    return [kind for kind in RECORD_KINDS if kind.startswith(incomplete)]


def tags(ctx: typer.Context, incomplete: str) -> Offers:
    """idTags that the gateway knows."""
    found = _ask(ctx, "tags")
    return _fitting(incomplete, ((tag["id_tag"], tag.get("name") or "") for tag in _list(found)))


def files(ctx: typer.Context, incomplete: str) -> Offers:
    """Files on the box."""
    found = _ask(ctx, "files")
    return _fitting(incomplete, ((file["name"], file.get("kind") or "") for file in _list(found)))


def words(choices: Sequence[str]) -> Completer:
    """The values that OCPP knows; others may be written all the same."""

    def complete(_: typer.Context, incomplete: str) -> Offers:
        return _fitting(incomplete, ((choice, "") for choice in choices))

    return complete


def _connectors(ctx: typer.Context, incomplete: str) -> Offers:
    return _fitting(
        incomplete,
        ((str(one["connector_id"]), one["status"]) for one in _connectors_of(ctx)),
    )


def _transactions(ctx: typer.Context, incomplete: str) -> Offers:
    running = (one for one in _connectors_of(ctx) if one.get("local_transaction_id") is not None)
    return _fitting(
        incomplete,
        ((str(one["local_transaction_id"]), f"connector {one['connector_id']}") for one in running),
    )


def _keys(ctx: typer.Context, incomplete: str) -> Offers:
    keys = _record(ctx, "configuration").get("keys", {})
    return _fitting(incomplete, ((name, str(one.get("value", ""))) for name, one in keys.items()))


def _reservations(ctx: typer.Context, incomplete: str) -> Offers:
    found = _record(ctx, "reservations").get("reservations", [])
    active = (one for one in found if one.get("status", "active") == "active")
    return _fitting(
        incomplete,
        ((str(one["reservation_id"]), f"connector {one['connector_id']}") for one in active),
    )


def _profiles(ctx: typer.Context, incomplete: str) -> Offers:
    found = _record(ctx, "charging-profiles").get("profiles", [])
    return _fitting(
        incomplete,
        (
            (str(one["profile"]["chargingProfileId"]), f"connector {one['connector_id']}")
            for one in found
        ),
    )


OF_FIELD: Final[dict[str, Completer]] = {
    "connectorId": _connectors,
    "id": _profiles,
    "idTag": tags,
    "key": _keys,
    "reservationId": _reservations,
    "transactionId": _transactions,
}
"""By name of a field."""


def _ask(ctx: typer.Context, *parts: str) -> Any:
    """What the gateway says, or None."""
    from gateway.cli.client import Client, place

    url = ctx.params.get("url")
    try:
        client = Client(url) if url else Client()
        return client.ask("GET", place(*parts), patience_s=PATIENCE_S).json()
    except GatewayError:
        return None


def _charge_points(ctx: typer.Context) -> Iterator[tuple[str, str]]:
    for one in _list(_ask(ctx, "state"), "charge_points"):
        yield one["identity"], "online" if one.get("online") else "offline"


def _connectors_of(ctx: typer.Context) -> list[Any]:
    identity = _identity(ctx)
    for one in _list(_ask(ctx, "state"), "charge_points"):
        if one["identity"] == identity:
            return _list(one, "connectors")
    return []


def _record(ctx: typer.Context, kind: str) -> dict[str, Any]:
    identity = _identity(ctx)
    found = _ask(ctx, "charge-points", identity, "records", kind) if identity else None
    return found if isinstance(found, dict) else {}


def _identity(ctx: typer.Context) -> str:
    """The charge point of the command; empty when none is written yet."""
    named = ctx.params.get("charge_point")
    if isinstance(named, str):
        return named
    return ctx.args[0] if ctx.args else ""  # an option without its value ends the parsing


def _list(found: Any, name: str = "") -> list[Any]:
    """``found``, or its member ``name``, where that is a list of objects."""
    if name:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, list) else []


def _fitting(incomplete: str, found: Iterable[tuple[str, str]]) -> Offers:
    """Those that begin with ``incomplete``; none where the gateway speaks of something else."""
    try:
        return [(word, about) for word, about in found if word.startswith(incomplete)]
    except (AttributeError, KeyError, TypeError):
        return []
