"""A depot in virtual time around a `Balancer`: vehicles, charge points, a meter; a step a second.

Charge points confirm with a delay or not at all, let limits lapse, and report what they draw every
ten seconds; vehicles follow late. What really flows is known, so the fuses can be watched.
"""

import random
from dataclasses import dataclass, field

from gateway.energy.balancer import NO_CAPS, Balancer, Caps
from gateway.energy.offers import Balance
from gateway.energy.steering import SetLimit
from gateway.site.circuits import below
from gateway.site.depot import Connector, ConnectorKey, Site
from gateway.site.electrical import CONDUCTORS, PhaseCurrents


@dataclass
class Car:
    """A vehicle at a connector."""

    wants_a: float
    draws_a: float = 0.0
    limit_a: float = 6.0
    lapses_s: float = float("inf")
    limits: list[tuple[float, SetLimit]] = field(default_factory=list)
    phases: int = 3


class World:
    """The truth, and the balancer that sees only a part of it."""

    def __init__(self, site: Site, seed: int = 0, *, meter_values_s: int = 10) -> None:
        self.site = site
        self.now_s = 1000.0
        self.balancer = Balancer(site, self.now_s)
        self.chance = random.Random(seed)
        self.meter_values_s = meter_values_s
        self.connectors = {one.key: one for one in site.connectors()}
        self.cars: dict[ConnectorKey, Car] = {}
        self.building = {name: [0.0, 0.0, 0.0] for name in site.circuits}
        self.meter_works = True
        self.loss = 0.0
        self.latency_s = (0.3, 2.5)
        self.caps: Caps = NO_CAPS
        self.commands: list[SetLimit] = []
        self.sent = 0
        self.worst_a = dict.fromkeys(site.circuits, 0.0)
        self.over_s = dict.fromkeys(site.circuits, 0)
        self.longest_over_s = dict.fromkeys(site.circuits, 0)
        self.balance: Balance = Balance(0.0, {}, {})
        self._transaction = 0
        for identity in site.charge_points:
            self.balancer.connected(identity)
            self.balancer.standing_limit_confirmed(identity, self.now_s)

    def plug(self, connector: Connector, wants_a: float, phases: int = 3) -> Car:
        """A vehicle comes and its transaction starts."""
        self._transaction += 1
        car = Car(wants_a, limit_a=connector.failsafe_a, phases=phases)
        self.cars[connector.key] = car
        self.balancer.transaction_began(connector.key, self._transaction, self.now_s)
        return car

    def unplug(self, connector: Connector, transaction: int) -> None:
        """The vehicle leaves."""
        del self.cars[connector.key]
        self.balancer.transaction_ended(connector.key, transaction, self.now_s)

    def draw(self, key: ConnectorKey) -> PhaseCurrents:
        """What really flows into one vehicle."""
        currents = [0.0, 0.0, 0.0]
        if (car := self.cars.get(key)) is not None:
            for conductor in self.connectors[key].conductors[: car.phases]:
                currents[conductor] = car.draws_a
        return PhaseCurrents(*currents)

    def load(self, name: str) -> PhaseCurrents:
        """What really flows through one circuit."""
        names = below(self.site.circuits, name)
        total = PhaseCurrents(0.0, 0.0, 0.0)
        for one in names:
            total += PhaseCurrents(*self.building[one])
        for key in self.cars:
            if self.connectors[key].circuit in names:
                total += self.draw(key)
        return total

    def run(self, duration_s: int) -> None:
        """Let time pass."""
        for _ in range(duration_s):
            self.step()

    def step(self) -> None:
        """One second."""
        self.now_s += 1.0
        for key, car in self.cars.items():
            self._charge_point(key, car)
        for name, one in self.site.circuits.items():
            over_a = max(self.load(name)[c] - one.limit_a[c] for c in CONDUCTORS)
            self.worst_a[name] = max(self.worst_a[name], over_a)
            self.over_s[name] = self.over_s[name] + 1 if over_a > 1e-6 else 0
            self.longest_over_s[name] = max(self.longest_over_s[name], self.over_s[name])
        if self.meter_works:
            for meter in self.site.meters.values():
                self.balancer.sampled(meter.circuit, self.load(meter.circuit), self.now_s)
        cycle = self.balancer.cycle(self.now_s, self.caps)
        self.balance, self.commands = cycle.balance, list(cycle.commands)
        self.sent += len(cycle.commands)
        for command in cycle.commands:
            due_s = self.now_s + self.chance.uniform(*self.latency_s)
            self.cars[command.key].limits.append((due_s, command))

    def _charge_point(self, key: ConnectorKey, car: Car) -> None:
        for entry in [entry for entry in car.limits if entry[0] <= self.now_s]:
            car.limits.remove(entry)
            command = entry[1]
            if self.chance.random() < self.loss:
                if self.chance.random() < 0.5:
                    self._obey(car, command)
                self.balancer.limit_failed(command, self.now_s)
            else:
                self._obey(car, command)
                self.balancer.limit_confirmed(command, self.now_s)
        if self.now_s >= car.lapses_s:
            car.limit_a = self.connectors[key].failsafe_a
        goal_a = min(car.wants_a, car.limit_a) if car.limit_a >= 6 else 0.0
        if goal_a < car.draws_a:
            car.draws_a = max(goal_a, car.draws_a - 8.0)
        else:
            car.draws_a = min(goal_a, car.draws_a + 3.0)
        if int(self.now_s + key.connector_id) % self.meter_values_s == 0:
            self.balancer.draw_measured(key, self.draw(key), self.now_s)

    def _obey(self, car: Car, command: SetLimit) -> None:
        car.limit_a = command.limit_da / 10
        car.lapses_s = self.now_s + self.site.balancing.lease_s
