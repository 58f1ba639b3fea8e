"""``[charge_points.*]``: who may dial in, and what each of their connectors may draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.config.configuration import read_configuration
from gateway.config.names import identity_fault, look_for_twins
from gateway.config.passwords import read_password, read_upstream_password
from gateway.config.table import Table
from gateway.config.wording import did_you_mean, listed, quoted, shown, step
from gateway.site.depot import BootPolicy, ChargePoint, Circuit, Connector, ConnectorKey, Site
from gateway.site.electrical import MIN_OFFER_DA, ROTATIONS, Conductor, to_a

FLOOR_A: Final = to_a(MIN_OFFER_DA)
HIGHEST_A: Final = 1000.0
MOST_CONNECTORS: Final = 64
HIGHEST_PRIORITY: Final = 1000
THREE_PHASES: Final = 3

SINGLE_CONDUCTOR: Final = {
    **dict(zip("RST", Conductor, strict=True)),
    **{conductor.name: conductor for conductor in Conductor},
}


@dataclass(frozen=True, slots=True)
class Outlet:
    """What a connector has unless its own table says otherwise; no circuit is empty."""

    circuit: str
    phases: int
    rotation: str
    max_a: float
    failsafe_a: float
    priority: int


DEFAULTS: Final = Outlet("", THREE_PHASES, "RST", 32.0, FLOOR_A, 1)


def read_charge_points(
    root: Table, circuits: Mapping[str, Circuit], *, has_upstream: bool
) -> dict[str, ChargePoint]:
    """Every charge point of the file, by identity."""
    outer = root.table("charge_points")
    tables = outer.named()
    look_for_twins(outer, tables, "charge point")
    if not tables:
        root.problem(
            "charge_points", 'there is none; describe at least one, as [charge_points."CP-01"]'
        )
    found = {
        identity: _charge_point(identity, table, circuits, has_upstream=has_upstream)
        for identity, table in tables.items()
    }
    _note_cloud_twins(tables, found)
    return found


def preparation_problems(site: Site) -> list[str]:
    """Charge points that nobody would ever prepare: it takes calls, and quiet mode makes none."""
    sentence = '"prepare" needs calls that quiet mode does not make; choose another of the two'
    places = {
        _boot_place(charge_point): None
        for identity, charge_point in site.charge_points.items()
        if site.is_quiet(identity) and site.boot_policy(identity) is BootPolicy.PREPARE
    }
    return [f"{place}: {sentence}" for place in places]


def _boot_place(charge_point: ChargePoint) -> str:
    path = step("charge_points", charge_point.identity)
    if charge_point.boot is not None:
        return f"{path}.boot"
    return "ocpp.boot" if charge_point.quiet is None else f"{path}.quiet"


def conductors_of(phases: int, rotation: str) -> tuple[Conductor, ...] | None:
    """The supply conductors of a connector; None when ``rotation`` does not fit ``phases``.

    Args:
        rotation: As ConnectorPhaseRotation (OCPP 1.6 §9.1.9), or for one phase also the letter
            (``"S"``) or the name (``"L2"``) of the supply conductor.
    """
    if phases == 1 and rotation in SINGLE_CONDUCTOR:
        return (SINGLE_CONDUCTOR[rotation],)
    full = ROTATIONS.get(rotation)
    return full[:phases] if full else None


def _charge_point(
    identity: str, table: Table, circuits: Mapping[str, Circuit], *, has_upstream: bool
) -> ChargePoint:
    if fault := identity_fault(identity):
        table.problem("", fault)
    own = _outlet(table, DEFAULTS, circuits)
    connectors = _connectors(identity, table, own, circuits)
    password = _own_password(table)
    upstream_identity, upstream_password = _upstream(table, identity, has_upstream=has_upstream)
    charge_point = ChargePoint(
        identity,
        connectors,
        password,
        upstream_identity,
        upstream_password,
        table.flag_or_none("quiet"),
        table.flag_or_none("strict"),
        table.choice("boot", BootPolicy.ACCEPT) if "boot" in table else None,
        table.flag("allow_without_subprotocol", default=False),
        read_configuration(table),
    )
    table.close()
    return charge_point


def _outlet(table: Table, inherited: Outlet, circuits: Mapping[str, Circuit]) -> Outlet:
    circuit = table.text("circuit", "the name of the circuit that feeds it", inherited.circuit)
    if circuit and circuit != inherited.circuit and circuit not in circuits:
        hint = did_you_mean(circuit, circuits)
        table.problem("circuit", f"no circuit is called {quoted(circuit)}{hint}")
    phases = table.whole("phases", "a number of phases", 1, THREE_PHASES, inherited.phases)
    rotation = table.text("phase_rotation", "the phase rotation", inherited.rotation).upper()
    if "phases" in table or "phase_rotation" in table:
        _check_rotation(table, phases, rotation)
    max_a = table.number("max_a", "ampere", FLOOR_A, HIGHEST_A, inherited.max_a, HIGHEST_A)
    failsafe_a = _failsafe(table, inherited.failsafe_a, max_a)
    priority = table.whole("priority", "a priority", 1, HIGHEST_PRIORITY, inherited.priority)
    return Outlet(circuit, phases, rotation, max_a, failsafe_a, priority)


def _check_rotation(table: Table, phases: int, rotation: str) -> None:
    if rotation and conductors_of(phases, rotation) is None:
        names = [*ROTATIONS, *(SINGLE_CONDUCTOR if phases == 1 else ())]
        word = "phase" if phases == 1 else "phases"
        table.problem(
            "phase_rotation",
            f"{quoted(rotation)} does not fit {phases} {word}; choose from {listed(names)}",
        )


def _failsafe(table: Table, inherited_a: float, max_a: float) -> float:
    failsafe_a = table.number("failsafe_a", "ampere", 0.0, HIGHEST_A, inherited_a, 0.0)
    if 0 < failsafe_a < FLOOR_A:
        table.problem(
            "failsafe_a",
            f"{failsafe_a:g} A cannot be offered: write 0 (paused), or {FLOOR_A:g} and more",
        )
        return 0.0
    if failsafe_a > max_a:
        table.problem("failsafe_a", f"{failsafe_a:g} A is more than max_a, {max_a:g} A")
        return 0.0
    return failsafe_a


def _connectors(
    identity: str, table: Table, own: Outlet, circuits: Mapping[str, Circuit]
) -> tuple[Connector, ...]:
    value = table.raw("connectors")
    if isinstance(value, list) and value:
        outlets = []
        for inner in table.listed("connectors"):
            outlets.append(_outlet(inner, own, circuits))
            if "circuit" not in table:
                _demand_circuit(inner, outlets[-1])
            inner.close()
    else:
        _demand_circuit(table, own)
        outlets = [own] * _connector_count(table, value)
    return tuple(
        Connector(
            ConnectorKey(identity, number),
            outlet.circuit,
            conductors_of(outlet.phases, outlet.rotation) or (),
            outlet.max_a,
            outlet.failsafe_a,
            outlet.priority,
        )
        for number, outlet in enumerate(outlets, start=1)
    )


def _connector_count(table: Table, value: object) -> int:
    if value is None:
        return 1
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_CONNECTORS:
        return value
    table.problem(
        "connectors",
        f"{shown(value)} is not a number of connectors; write 1 to {MOST_CONNECTORS}, or one "
        "[[...connectors]] table for each",
    )
    return 1


def _demand_circuit(table: Table, outlet: Outlet) -> None:
    if not outlet.circuit and "circuit" not in table:
        table.problem("circuit", "is missing; write the name of the circuit that feeds it")


def _own_password(table: Table) -> bytes | None:
    without = table.flag("allow_without_password", default=False)
    password = read_password(table, "password")
    if without and "password" in table:
        table.problem("allow_without_password", "there is a password too; keep one of the two")
    if not without and "password" not in table:
        table.problem(
            "password",
            "is missing; write the charge point's password (16 to 20 characters), or "
            "allow_without_password = true if anyone on this network may be this charge point",
        )
    return password


def _upstream(
    table: Table, identity: str, *, has_upstream: bool
) -> tuple[str | None, bytes | None]:
    inner = table.table("upstream")
    enabled = inner.flag("enabled", default=True)
    cloud_identity = inner.text("identity", "the identity in the cloud", identity)
    if cloud_identity != identity and cloud_identity and (fault := identity_fault(cloud_identity)):
        inner.problem("identity", fault)
    password = read_upstream_password(inner, "password")
    inner.close()
    if "upstream" in table and enabled and not has_upstream:
        table.problem("upstream", "the site file names no cloud; add [upstream] with its url")
    return (cloud_identity, password) if enabled and has_upstream else (None, None)


def _note_cloud_twins(
    tables: Mapping[str, Table], charge_points: Mapping[str, ChargePoint]
) -> None:
    seen: dict[str, str] = {}
    for identity, charge_point in charge_points.items():
        cloud_identity = charge_point.upstream_identity
        if not cloud_identity:
            continue
        first = seen.setdefault(cloud_identity.casefold(), identity)
        if first.casefold() != identity.casefold():
            tables[identity].problem(
                "upstream", f"{quoted(first)} is {quoted(cloud_identity)} in the cloud already"
            )
