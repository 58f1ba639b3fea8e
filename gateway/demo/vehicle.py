"""A vehicle at a connector: what it draws, as a function of time and of the pilot's history.

Nothing ticks here. Between two events the draw is a straight line, so current and energy are exact
at every instant that is asked for, however rarely that happens.
"""

import math
from dataclasses import dataclass, field
from typing import Final

PILOT_MINIMUM_A: Final = 6.0
"""IEC 61851-1: a pilot cannot advertise less; below it the vehicle must not draw."""

TAPER: Final = ((0.90, 0.75), (0.95, 0.5))
"""From this state of charge on, a battery takes only this part of the vehicle's maximum."""

_RAMPED_A: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Change:
    effective_s: float
    pilot_a: float


@dataclass(slots=True)
class Vehicle:
    """A car, a van or a bus.

    Times are monotonic seconds and only go forward: asked for an instant before the latest one that
    it heard of, it answers for the latest.

    Args:
        phases: Conductors that it loads, 1 to 3, starting with the connector's L1.
        max_a: What its charger takes per conductor.
        battery_wh: Capacity.
        charged_wh: Energy in the battery at the start.
        minimum_a: It draws nothing below this; 6 A or more.
        reaction_down_s: From a lower pilot to the first change of the current.
        reaction_up_s: From a higher pilot to the first change of the current.
        ramp_a_per_s: How fast the current changes then, in both directions.
        excess_a: What it draws above the pilot, as an inexact charger does.
    """

    phases: int = 3
    max_a: float = 16.0
    battery_wh: float = 60_000.0
    charged_wh: float = 20_000.0
    minimum_a: float = PILOT_MINIMUM_A
    reaction_down_s: float = 2.0
    reaction_up_s: float = 3.0
    ramp_a_per_s: float = 10.0
    excess_a: float = 0.0
    voltage_v: float = 230.0
    _at_s: float = field(default=-math.inf, init=False)
    _draw_a: float = field(default=0.0, init=False)
    _energy_wh: float = field(default=0.0, init=False)
    _pilot_a: float = field(default=0.0, init=False)
    _promised_a: float = field(default=0.0, init=False)
    _coming: list[_Change] = field(default_factory=list, init=False)

    def set_pilot(self, limit_a: float, at_s: float) -> None:
        """The pilot advertises ``limit_a`` from ``at_s`` on; under 6 A it advertises a pause."""
        self._advance(at_s)
        pilot_a = limit_a if limit_a >= PILOT_MINIMUM_A else 0.0
        if pilot_a == self._promised_a:
            return
        down = pilot_a < self._promised_a
        effective_s = self._at_s + (self.reaction_down_s if down else self.reaction_up_s)
        self._coming = [change for change in self._coming if change.effective_s < effective_s]
        self._coming.append(_Change(effective_s, pilot_a))
        self._promised_a = pilot_a

    def cut_off(self, at_s: float) -> None:
        """The contactor opens at ``at_s``: no current, at once."""
        self._advance(at_s)
        self._coming.clear()
        self._draw_a = self._pilot_a = self._promised_a = 0.0

    def draw_a(self, at_s: float) -> float:
        """Current on each of its conductors."""
        self._advance(at_s)
        return self._draw_a

    def energy_wh(self, at_s: float) -> float:
        """Energy drawn since it was plugged in."""
        self._advance(at_s)
        return self._energy_wh

    def state_of_charge(self, at_s: float) -> float:
        """0.0 is empty, 1.0 is full."""
        self._advance(at_s)
        return min(1.0, (self.charged_wh + self._energy_wh) / self.battery_wh)

    def is_full(self, at_s: float) -> bool:
        """True once the battery takes nothing more."""
        return self.state_of_charge(at_s) >= 1.0 - 1e-9

    def wanted_a(self, at_s: float) -> float:
        """What it would draw per conductor if the pilot allowed everything; 0 when full."""
        self._advance(at_s)
        return self._accepted_a()

    def _accepted_a(self) -> float:
        charge = (self.charged_wh + self._energy_wh) / self.battery_wh
        if charge >= 1.0 - 1e-9:
            return 0.0
        parts = [part for threshold, part in TAPER if charge >= threshold - 1e-9]
        return max(self.minimum_a, self.max_a * parts[-1]) if parts else self.max_a

    def _target_a(self) -> float:
        if self._pilot_a < self.minimum_a:
            return 0.0
        return min(self._pilot_a + self.excess_a, self._accepted_a())

    def _advance(self, to_s: float) -> None:
        if self._at_s == -math.inf:
            self._at_s = to_s
        while self._at_s < to_s:
            self._step(to_s)
        self._take_due()

    def _take_due(self) -> None:
        while self._coming and self._coming[0].effective_s <= self._at_s:
            self._pilot_a = self._coming.pop(0).pilot_a

    def _step(self, to_s: float) -> None:
        """Go on to the next bend of the line, or to ``to_s`` when none comes before it."""
        self._take_due()
        target_a = self._target_a()
        gap_a = target_a - self._draw_a
        if abs(gap_a) <= _RAMPED_A:
            self._draw_a, gap_a = target_a, 0.0
        slope = math.copysign(self.ramp_a_per_s, gap_a) if gap_a else 0.0
        until_s = to_s
        if self._coming:
            until_s = min(until_s, self._coming[0].effective_s)
        ramp_s = gap_a / slope if slope else math.inf
        threshold_wh = self._next_threshold_wh()
        threshold_s = self._reaches_in_s(threshold_wh, slope)
        duration_s = min(until_s - self._at_s, ramp_s, threshold_s)
        ends_on_target = duration_s == ramp_s
        after_a = target_a if ends_on_target else max(0.0, self._draw_a + slope * duration_s)
        self._energy_wh += (self._draw_a + after_a) / 2 * duration_s * self._wh_per_ampere_second()
        if duration_s == threshold_s:
            self._energy_wh = threshold_wh
        self._draw_a = after_a
        reached_s = self._at_s + duration_s
        self._at_s = until_s if duration_s >= until_s - self._at_s else reached_s

    def _wh_per_ampere_second(self) -> float:
        return self.phases * self.voltage_v / 3600.0

    def _next_threshold_wh(self) -> float:
        """Energy drawn at which the battery next takes less; infinite when it is full."""
        for part in (*(threshold for threshold, _ in TAPER), 1.0):
            energy_wh = part * self.battery_wh - self.charged_wh
            if energy_wh > self._energy_wh + 1e-9 * self.battery_wh:
                return energy_wh
        return math.inf

    def _reaches_in_s(self, energy_wh: float, slope: float) -> float:
        """Time to ``energy_wh`` while the current changes by ``slope`` A/s; infinite if never.

        Solves draw * t + slope * t**2 / 2 = ampere seconds that are missing.
        """
        if math.isinf(energy_wh):
            return math.inf
        missing = (energy_wh - self._energy_wh) / self._wh_per_ampere_second()
        root = self._draw_a**2 + 2 * slope * missing
        if root < 0 or (divisor := self._draw_a + math.sqrt(root)) <= 0:
            return math.inf
        return 2 * missing / divisor
