"""The depot of the demo on paper: charge points, fuses, tags, and its site file.

The fuse is the smallest usual one that carries every fail-safe current and the building, so that
sharing matters.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.site.depot import Connector, ConnectorKey
from gateway.site.electrical import ROTATIONS, Conductor

VOLTAGE_V: Final = 230.0
FAILSAFE_A: Final = 6.0
OUTLET_A: Final = 32.0
MARGIN_A: Final = 2.0
RESERVE_A: Final = 30.0
SLACK_A: Final = 4.0
USUAL_FUSES_A: Final = (50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000)

VISITOR_TAG: Final = "VISITOR-13"
"""The site does not know it, and the cloud refuses it."""

SINGLE_PHASE_EVERY: Final = 3
ROTATION_ORDER: Final = ("RST", "STR", "TRS")
CARS: Final = ((3, 16.0), (3, 32.0), (1, 32.0), (3, 20.0), (2, 16.0))


@dataclass(frozen=True, slots=True)
class Place:
    """A charge point of the plan; each has one connector."""

    identity: str
    index: int
    circuit: str
    phases: int
    rotation: str

    @property
    def connector(self) -> Connector:
        """Its outlet as the charge point is built."""
        conductors = ROTATIONS[self.rotation][: self.phases]
        key = ConnectorKey(self.identity, 1)
        return Connector(key, self.circuit, conductors, OUTLET_A, FAILSAFE_A, 1)


@dataclass(frozen=True, slots=True)
class SitePlan:
    """The whole depot. ``limit_a`` is that of the feeder; ``limits_a`` those of the circuits."""

    charge_points: tuple[Place, ...]
    limit_a: float
    limits_a: dict[str, float]


@dataclass(frozen=True, slots=True)
class CarPlan:
    """A vehicle that comes by; the fields are those of `gateway.demo.vehicle.Vehicle`."""

    phases: int
    max_a: float
    battery_wh: float
    charged_wh: float
    reaction_down_s: float
    reaction_up_s: float


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports on loopback."""

    ocpp: int
    web: int
    meter: int


def site_plan(charge_points: int) -> SitePlan:
    """A depot with this many charge points, 1 or more."""
    in_hall = max(1, charge_points * 2 // 3)
    places = []
    for index in range(charge_points):
        single = index % SINGLE_PHASE_EVERY == SINGLE_PHASE_EVERY - 1
        rotation = ROTATION_ORDER[index // (SINGLE_PHASE_EVERY if single else 1) % 3]
        circuit = "hall" if index < in_hall else "yard"
        places.append(Place(f"CP-{index + 1:02d}", index, circuit, 1 if single else 3, rotation))
    circuits = {place.circuit: None for place in places}
    limits_a = {
        name: _fuse_a(
            _failsafe_a([p for p in places if p.circuit == name]) + MARGIN_A + 6 * SLACK_A
        )
        for name in circuits
    }
    limit_a = _fuse_a(_failsafe_a(places) + RESERVE_A + MARGIN_A + SLACK_A)
    return SitePlan(tuple(places), limit_a, limits_a)


def tag_for(index: int, *, guest: bool) -> str:
    """A driver's tag: a guest's is known to the cloud alone."""
    return f"{'GUEST' if guest else 'FLEET'}-{index + 1:04d}"


def car_for(place: Place, chance: random.Random) -> CarPlan:
    """Somebody's vehicle; some are nearly full."""
    phases, max_a = (3, OUTLET_A) if place.index < SINGLE_PHASE_EVERY * 2 else chance.choice(CARS)
    battery_wh = chance.choice([40_000.0, 60_000.0, 77_000.0, 300_000.0])
    nearly_full = place.index > SINGLE_PHASE_EVERY * 2 and chance.random() < 0.25
    charged_wh = battery_wh - 60.0 if nearly_full else battery_wh * chance.uniform(0.1, 0.6)
    return CarPlan(
        min(phases, place.phases),
        max_a,
        battery_wh,
        charged_wh,
        reaction_down_s=round(chance.uniform(0.5, 2.0), 2),
        reaction_up_s=round(chance.uniform(1.0, 3.0), 2),
    )


def site_file(plan: SitePlan, ports: Ports, cloud_url: str, seconds: float) -> str:
    """The gateway's ``site.toml``. The state directory stands beside the file.

    Args:
        seconds: Length of the run; in a short one the meter values come more often, and a free
            current is given out sooner.
    """
    meter_values_s = max(2, min(10, round(seconds / 12)))
    raise_hold_s = max(1.0, min(10.0, seconds / 20))
    lines = [
        "[site]",
        'name = "Demo depot"',
        f"voltage_v = {VOLTAGE_V:g}",
        'state_dir = "state"',
        "[circuits.feeder]",
        f"limit_a = {plan.limit_a:g}",
        f"margin_a = {MARGIN_A:g}",
        f"reserve_a = {RESERVE_A:g}",
    ]
    for name, limit_a in plan.limits_a.items():
        lines += [f"[circuits.{name}]", 'parent = "feeder"', f"limit_a = {limit_a:g}"]
    lines += [
        "[meters.grid]",
        'circuit = "feeder"',
        'driver = "modbus-tcp"',
        'map = "eastron_sdm630_v2"',
        'host = "127.0.0.1"',
        f"port = {ports.meter}",
        "unit = 1",
    ]
    for place in plan.charge_points:
        lines += _charge_point(place)
    for place in plan.charge_points:
        lines += ["[[tags]]", f"id_tag = {json.dumps(tag_for(place.index, guest=False))}"]
    lines += [
        "[balancing]",
        f"raise_hold_s = {raise_hold_s:g}",
        "[upstream]",
        f"url = {json.dumps(cloud_url)}",
        "backoff_max_s = 2",
        "[ocpp]",
        'host = "127.0.0.1"',
        f"port = {ports.ocpp}",
        f"meter_values_interval_s = {meter_values_s}",
        "[web]",
        'host = "127.0.0.1"',
        f"port = {ports.web}",
    ]
    return "\n".join(lines) + "\n"


def _charge_point(place: Place) -> list[str]:
    return [
        f"[charge_points.{json.dumps(place.identity)}]",
        f'circuit = "{place.circuit}"',
        f"phases = {place.phases}",
        f'phase_rotation = "{place.rotation}"',
        f"max_a = {OUTLET_A:g}",
        f"failsafe_a = {FAILSAFE_A:g}",
        "allow_without_password = true",
    ]


def _failsafe_a(places: Sequence[Place]) -> float:
    """The sum of the fail-safe currents on the conductor that has most of them."""
    sums = dict.fromkeys(Conductor, 0.0)
    for place in places:
        for conductor in place.connector.conductors:
            sums[conductor] += FAILSAFE_A
    return max(sums.values())


def _fuse_a(needed_a: float) -> float:
    return next((float(fuse_a) for fuse_a in USUAL_FUSES_A if fuse_a >= needed_a), needed_a)
