"""The depot of the simulations: two nested circuits, one- and three-phase outlets, tight fuses.

The static rule of the site holds, and no more: fail-safe currents and reserve fill the feeder less
its margin to within 1 A on two conductors, so that a mistake of a few ampere shows. Two charge
points have no fail-safe current, so that at times somebody must wait.
"""

from pathlib import Path
from typing import Final

from gateway.site.circuits import failsafe_problems
from gateway.site.depot import (
    AuthorizationRules,
    BalancingRules,
    ChargePoint,
    Circuit,
    Connector,
    ConnectorKey,
    MeterSite,
    OcppListener,
    OfflinePolicy,
    Site,
    Tag,
    UpstreamSite,
    WebListener,
)
from gateway.site.electrical import ROTATIONS, PhaseCurrents

RESERVE_A: Final = 36.0
"""What the building may take on each conductor at the most."""

KNOWN_TAGS: Final = tuple(f"FLEET-{number}" for number in range(1, 7))
GUEST_TAGS: Final = tuple(f"GUEST-{number}" for number in range(1, 5))
"""Only the cloud knows these."""

BLOCKED_TAG: Final = "STOLEN-1"
"""The cloud refuses it; the site does not know it."""

METER: Final = "grid"

_OUTLETS: Final = (
    ("CP-1", "hall", (("RST", 3, 16.0, 6.0), ("STR", 3, 16.0, 6.0))),
    ("CP-2", "hall", (("TRS", 3, 32.0, 6.0),)),
    ("CP-3", "feeder", (("RST", 3, 16.0, 0.0),)),
    ("CP-4", "feeder", (("RST", 1, 32.0, 6.0),)),
    ("CP-5", "feeder", (("STR", 1, 32.0, 6.0),)),
    ("CP-6", "feeder", (("TSR", 3, 32.0, 0.0),)),
)
"""Identity, circuit, and for each connector: rotation, phases, maximum, fail-safe current."""


def depot_site() -> Site:
    """Six charge points with seven connectors behind 63 A; three connectors behind 32 A."""
    charge_points = {
        identity: ChargePoint(
            identity,
            tuple(
                _connector(ConnectorKey(identity, number), circuit, *outlet)
                for number, outlet in enumerate(outlets, start=1)
            ),
            upstream_identity=f"cloud-{identity}",
        )
        for identity, circuit, outlets in _OUTLETS
    }
    circuits = {
        "feeder": Circuit("feeder", None, _all(63.0), 2.0, _all(RESERVE_A)),
        "hall": Circuit("hall", "feeder", _all(32.0), 1.0, _all(0.0)),
    }
    site = Site(
        name="simulated depot",
        voltage_v=230.0,
        state_dir=Path("unused"),
        circuits=circuits,
        meters={
            METER: MeterSite(
                METER, "feeder", "modbus-tcp", "eastron_sdm630_v2", "127.0.0.1", 502, 1
            )
        },
        charge_points=charge_points,
        authorization=AuthorizationRules(
            {tag.casefold(): Tag(tag) for tag in KNOWN_TAGS}, offline=OfflinePolicy.ACCEPT
        ),
        upstream=UpstreamSite("ws://cloud/ocpp"),
        balancing=BalancingRules(),
        ocpp=OcppListener(),
        web=WebListener(),
    )
    assert not failsafe_problems(circuits, tuple(site.connectors()))
    return site


def _connector(
    key: ConnectorKey,
    circuit: str,
    rotation: str,
    phases: int,
    max_a: float,
    failsafe_a: float,
) -> Connector:
    return Connector(key, circuit, ROTATIONS[rotation][:phases], max_a, failsafe_a, priority=1)


def _all(current_a: float) -> PhaseCurrents:
    return PhaseCurrents(current_a, current_a, current_a)
