"""The laws of a depot, held against the truth once a second.

**Fuses.** No conductor of any circuit carries more than its limit for longer than `REACTION_S`.
Seconds do not count in which the load out of the gateway's reach is too much all by itself: the
building and those charge points that cannot be steered, because the gateway is dead, the link is
gone, or the charge point refuses. Such an excursion ends with the leases at the latest: nothing,
for whatever reason, lasts longer than `LEASE_END_S`.

**Patience.** Nobody whose vehicle wants current in a running transaction is paused for longer than
`PATIENCE_S`, during all of which 6 A were free for it: on every conductor of its connector, in
every circuit up to the feeder, limit less margin, less the building, less what the others may
claim, was 6 A or more. The building counts at its highest of the last `MEMORY_S`, and `DOUBT_A`
more. Another connector claims the highest of pilot and draw in the last `MEMORY_S`; its fail-safe
current while its charge point is away without a transaction; and its maximum while the gateway
cannot know better: when its charge point could not be steered within the last `LEASE_END_S`, or
the gateway is younger than `YOUNG_S`. Seconds without a working meter do not count.
"""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Final

from gateway.demo.vehicle import PILOT_MINIMUM_A
from gateway.site.circuits import below, path_to_feeder
from gateway.site.depot import Connector, ConnectorKey
from gateway.site.electrical import CONDUCTORS, Conductor
from tests.simulation.depot import Depot
from tests.simulation.loop import EPOCH_S
from tests.simulation.sim_meter import MeterFault

REACTION_S: Final = 15
PATIENCE_S: Final = 45
MEMORY_S: Final = 25
LEASE_END_S: Final = 150
YOUNG_S: Final = 200
DOUBT_A: Final = 2.0
TINY_A: Final = 0.01

Row = tuple[str, Conductor]


@dataclass(slots=True)
class _State:
    """One connector in one second."""

    connector: Connector
    supply_a: tuple[float, float, float]
    steerable: bool
    running: bool
    paused: bool
    claim_now_a: float


@dataclass(slots=True)
class Laws:
    """Watches a depot, second by second.

    Attributes:
        broken: A sentence for each breach, with the minute in which it was found.
    """

    depot: Depot
    broken: list[str] = field(default_factory=list)
    worst_excursion_s: int = 0
    longest_wait_s: int = 0
    samples: int = 0
    _over_s: dict[Row, int] = field(default_factory=lambda: defaultdict(int))
    _over_anyhow_s: dict[Row, int] = field(default_factory=lambda: defaultdict(int))
    _waiting_s: dict[ConnectorKey, int] = field(default_factory=lambda: defaultdict(int))
    _claims: dict[ConnectorKey, deque[float]] = field(default_factory=dict)
    _unsteerable_s: dict[ConnectorKey, float] = field(default_factory=dict)
    _building: deque[tuple[float, float, float]] = field(
        default_factory=lambda: deque(maxlen=MEMORY_S)
    )
    _meter_bad_s: float = -1e9

    async def watch(self) -> None:
        """Look once a second, for ever."""
        while True:
            self.look()
            await asyncio.sleep(1.0)

    def look(self) -> None:
        """Hold every law against this instant."""
        now_s = self.depot.now_s()
        self.samples += 1
        self._building.append(tuple(self.depot.building))  # type: ignore[arg-type]
        if self.depot.meter.fault is not MeterFault.NONE:
            self._meter_bad_s = now_s
        states = [self._state(connector, now_s) for connector in self.depot.site.connectors()]
        self._hold_fuses(states)
        self._hold_patience(states, now_s)
        if self.samples % 60 == 0:
            self.depot.trace.add(now_s, "load", repr(tuple(self.depot.feeder_load())))

    def _state(self, connector: Connector, now_s: float) -> _State:
        charge_point = self.depot.charge_points[connector.key.identity]
        outlet = charge_point.outlet(connector.key.connector_id)
        steerable = self.depot.can_be_steered(connector.key.identity)
        if not steerable:
            self._unsteerable_s[connector.key] = now_s
        running = outlet.transaction is not None
        pilot_a = outlet.pilot_a(now_s)
        wants = outlet.wanted_a(now_s) >= PILOT_MINIMUM_A
        return _State(
            connector,
            tuple(outlet.supply_currents(now_s)),  # type: ignore[arg-type]
            steerable,
            running,
            paused=running and wants and pilot_a == 0.0 and charge_point.powered,
            claim_now_a=max(pilot_a, outlet.draw_a(now_s)),
        )

    def _hold_fuses(self, states: list[_State]) -> None:
        circuits = self.depot.site.circuits
        for circuit in circuits.values():
            inside = below(circuits, circuit.name)
            members = [state for state in states if state.connector.circuit in inside]
            for conductor in CONDUCTORS:
                building_a = self.depot.building[conductor] if circuit.parent is None else 0.0
                load_a = building_a + sum(state.supply_a[conductor] for state in members)
                beyond_a = building_a + sum(
                    state.supply_a[conductor] for state in members if not state.steerable
                )
                limit_a = circuit.limit_a[conductor] + TINY_A
                row = (circuit.name, conductor)
                over = load_a > limit_a
                self._over_anyhow_s[row] = self._over_anyhow_s[row] + 1 if over else 0
                self._over_s[row] = self._over_s[row] + 1 if over and beyond_a <= limit_a else 0
                self.worst_excursion_s = max(self.worst_excursion_s, self._over_s[row])
                if self._over_s[row] == REACTION_S + 1:
                    self._breach(f"{load_a:.1f} A on {circuit.name} {conductor.name}")
                if self._over_anyhow_s[row] == LEASE_END_S + 1:
                    self._breach(f"{load_a:.1f} A on {circuit.name} {conductor.name} for ever")

    def _hold_patience(self, states: list[_State], now_s: float) -> None:
        claims = {state.connector.key: self._claim_a(state, now_s) for state in states}
        meter_good = now_s - self._meter_bad_s > MEMORY_S
        for state in states:
            key = state.connector.key
            deserves = (
                state.paused
                and meter_good
                and now_s - self._unsteerable_s.get(key, -1e9) > MEMORY_S
                and self._six_free(state, states, claims)
            )
            self._waiting_s[key] = self._waiting_s[key] + 1 if deserves else 0
            self.longest_wait_s = max(self.longest_wait_s, self._waiting_s[key])
            if self._waiting_s[key] == PATIENCE_S + 1:
                self._breach(f"{key} paused while 6 A are free")

    def _claim_a(self, state: _State, now_s: float) -> float:
        """The most that the gateway may have to count a connector at."""
        connector = state.connector
        memory = self._claims.setdefault(connector.key, deque(maxlen=MEMORY_S))
        memory.append(state.claim_now_a)
        claim_a = max(memory)
        since_s = self.depot.gateway_since_s
        young = since_s is None or now_s - since_s < YOUNG_S
        away = now_s - self._unsteerable_s.get(connector.key, -1e9) < LEASE_END_S
        if away or (young and state.running):
            return connector.max_a
        return claim_a if state.running or state.steerable else max(claim_a, connector.failsafe_a)

    def _six_free(
        self, state: _State, states: list[_State], claims: dict[ConnectorKey, float]
    ) -> bool:
        circuits = self.depot.site.circuits
        for circuit in path_to_feeder(circuits, state.connector.circuit):
            inside = below(circuits, circuit.name)
            for conductor in state.connector.conductors:
                others_a = sum(
                    claims[other.connector.key]
                    for other in states
                    if other is not state
                    and other.connector.circuit in inside
                    and conductor in other.connector.conductors
                )
                building_a = 0.0
                if circuit.parent is None:
                    building_a = DOUBT_A + max(load[conductor] for load in self._building)
                room_a = circuit.limit_a[conductor] - circuit.margin_a - building_a - others_a
                if room_a < PILOT_MINIMUM_A:
                    return False
        return True

    def _breach(self, what: str) -> None:
        second = self.depot.now_s() - EPOCH_S
        self.broken.append(f"minute {second / 60:.1f} ({second:.0f} s): {what}")
