"""Small depots for the tests of the balancing."""

from pathlib import Path

from gateway.site.depot import (
    AuthorizationRules,
    BalancingRules,
    ChargePoint,
    Circuit,
    Connector,
    ConnectorKey,
    MeterSite,
    OcppListener,
    Site,
    WebListener,
)
from gateway.site.electrical import CONDUCTORS, Conductor, PhaseCurrents

L1, L2, L3 = CONDUCTORS


def each(current_a: float) -> PhaseCurrents:
    """The same current on all three conductors."""
    return PhaseCurrents(current_a, current_a, current_a)


def circuit(
    name: str,
    limit_a: float,
    parent: str | None = None,
    *,
    margin_a: float = 0.0,
    reserve_a: float = 0.0,
) -> Circuit:
    """A circuit with the same limit on each conductor."""
    return Circuit(name, parent, each(limit_a), margin_a, each(reserve_a))


def connector(
    identity: str,
    on: str = "main",
    conductors: tuple[Conductor, ...] = CONDUCTORS,
    *,
    connector_id: int = 1,
    max_a: float = 32.0,
    failsafe_a: float = 6.0,
    priority: int = 1,
) -> Connector:
    """A connector, 3-phase and 32 A unless told otherwise."""
    key = ConnectorKey(identity, connector_id)
    return Connector(key, on, conductors, max_a, failsafe_a, priority)


def depot(
    circuits: list[Circuit],
    connectors: list[Connector],
    metered: tuple[str, ...] = ("main",),
    *,
    rules: BalancingRules | None = None,
    quiet: bool = False,
) -> Site:
    """A site; each name in ``metered`` is a circuit with a meter."""
    points: dict[str, list[Connector]] = {}
    for one in connectors:
        points.setdefault(one.key.identity, []).append(one)
    return Site(
        name="test",
        voltage_v=230.0,
        state_dir=Path("unused"),
        circuits={one.name: one for one in circuits},
        meters={
            f"meter-{name}": MeterSite(f"meter-{name}", name, "modbus-tcp", "map", "host", 502, 1)
            for name in metered
        },
        charge_points={
            identity: ChargePoint(identity, tuple(outlets)) for identity, outlets in points.items()
        },
        authorization=AuthorizationRules(tags={}),
        upstream=None,
        balancing=rules or BalancingRules(),
        ocpp=OcppListener(quiet=quiet),
        web=WebListener(),
    )
