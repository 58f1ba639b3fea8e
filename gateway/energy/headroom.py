"""The load that we do not control, per conductor of a metered circuit. The rule it keeps: unless
MeterValues say otherwise, load belongs to the building.

The meter M is read every second; what each connector draws is known only from MeterValues up to
ten seconds old. So the building is not M less the last known draws: after a vehicle stops, that
difference is too small (a hole through which others would be raised), and after a vehicle
starts, it is too large (the vehicle would be cut for its own load, and start again, for ever).

The estimate instead stays where it is for as long as that can be true, and moves no further than it
must:

* **Up, at once**, to M less all that the connectors may draw (``maybe``: a settled vehicle draws
  what it drew; one that was just raised or started, or that sends no MeterValues, may draw up to
  its limit). A step of the building shows in the very next sample; a starting vehicle does not.
* **Down**, to the highest of M less what the connectors surely draw (``surely``) over `HOLD_S`, one
  interval of MeterValues and a half: a vehicle that stopped is out of ``surely`` before the dip
  that it made becomes the truth. It is never kept above M itself, for the building is part of M.

A building that rises while a vehicle with unused room is starting is hidden for a moment. That is
harmless until M passes the limit. Then the sum of what is offered comes down by the excess, because
the targets fit into ``maybe`` less the excess. Should the meter still show the overload after
`PATIENCE_S`, only MeterValues are believed any more (``measured`` in place of ``maybe``), and from
then on, whatever the estimates say, a guard takes the excess away again, each time at least as much
as all times before, until the meter is content; it is given back after `HOLD_S`.

The estimate is rounded up to half an ampere and comes down only by a whole one, so that noise of
the meter does not write to every charge point.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.site.electrical import CONDUCTORS

HOLD_S: Final = 15.0
RECENT_S: Final = 3.0
PATIENCE_S: Final = 4.0
GRID_DA: Final = 5
DEADBAND_DA: Final = 10

PhasesDa = tuple[int, int, int]


class Load(NamedTuple):
    """One meter sample, and what the connectors below explain of it, per conductor."""

    meter_da: PhasesDa
    surely_da: PhasesDa
    maybe_da: PhasesDa
    measured_da: PhasesDa


class Uncontrolled:
    """The estimate for one circuit."""

    def __init__(self, allowed_da: PhasesDa) -> None:
        """``allowed_da`` is the limit less the margin, per conductor."""
        self._phases = tuple(_Phase(allowed_da[conductor]) for conductor in CONDUCTORS)

    def observe(self, load: Load, now_s: float) -> PhasesDa:
        """Take one sample in; call it for each sample, in order. Returns the estimate."""
        l1_da, l2_da, l3_da = (
            phase.observe(
                load.meter_da[conductor],
                load.surely_da[conductor],
                load.maybe_da[conductor],
                load.measured_da[conductor],
                now_s,
            )
            for conductor, phase in enumerate(self._phases)
        )
        return (l1_da, l2_da, l3_da)

    def reset(self) -> None:
        """The meter was away: what was known is void."""
        for phase in self._phases:
            phase.reset()


class _Phase:
    __slots__ = ("_allowed_da", "_estimate_da", "_guard", "_window")

    def __init__(self, allowed_da: int) -> None:
        self._allowed_da = allowed_da
        self._window: deque[tuple[float, int, int]] = deque()
        self._estimate_da: int | None = None
        self._guard = _Guard()

    def reset(self) -> None:
        self._window.clear()
        self._estimate_da = None
        self._guard = _Guard()

    def observe(
        self, meter_da: int, surely_da: int, maybe_da: int, measured_da: int, now_s: float
    ) -> int:
        window = self._window
        window.append((now_s, meter_da, meter_da - surely_da))
        while window[0][0] < now_s - HOLD_S:
            window.popleft()
        guard = self._guard
        guard.observe(meter_da, meter_da - self._allowed_da, now_s)
        explained_da = min(measured_da, maybe_da) if guard.lasting(now_s) else maybe_da
        at_least_da = max(0, meter_da - explained_da)
        at_most_da = max(0, at_least_da, self._ceiling_da(now_s))
        estimate_da = self._estimate_da
        if estimate_da is None or at_most_da <= estimate_da - DEADBAND_DA:
            estimate_da = _up_to_grid(at_most_da)
        if at_least_da > estimate_da:
            estimate_da = _up_to_grid(at_least_da)
        self._estimate_da = estimate_da
        return estimate_da + guard.taken_da

    def _ceiling_da(self, now_s: float) -> int:
        held_da = max(rest for _, _, rest in self._window)
        recent_da = max(meter for at_s, meter, _ in self._window if at_s >= now_s - RECENT_S)
        return min(held_da, recent_da)


@dataclass(slots=True)
class _Guard:
    """Closes the loop over the meter: an overload that lasts is answered again and again."""

    taken_da: int = 0
    _since_s: float = math.inf
    _stepped_s: float = -math.inf
    _seen_s: float = -math.inf

    def observe(self, meter_da: int, excess_da: int, now_s: float) -> None:
        if excess_da <= 0:
            self._since_s = math.inf
            if now_s - self._seen_s >= HOLD_S:
                self.taken_da = 0
            return
        self._seen_s = now_s
        self._since_s = min(self._since_s, now_s)
        if now_s - max(self._since_s, self._stepped_s) >= PATIENCE_S:
            self._stepped_s = now_s
            self.taken_da = min(
                self.taken_da + _up_to_grid(max(excess_da, self.taken_da)), _up_to_grid(meter_da)
            )

    def lasting(self, now_s: float) -> bool:
        return now_s - self._since_s >= PATIENCE_S


def _up_to_grid(current_da: int) -> int:
    return -(-current_da // GRID_DA) * GRID_DA
