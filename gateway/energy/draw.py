"""What a connector draws, as far as its MeterValues tell: bounds, never a guess.

MeterValues come every ten seconds or so and the site's meter every second, so an old value says
little about a vehicle that is starting, stopping or following a new limit.
"""

import math
from dataclasses import dataclass
from typing import Final

from gateway.site.electrical import Conductor, PhaseCurrents, to_da

FRESH_S: Final = 15.0
"""MeterValues older than this say nothing: three halves of the usual interval."""
RAMP_S: Final = 10.0
"""A vehicle needs up to this long to take up a raised limit."""
SKEW_S: Final = 3.0
"""For this long after new MeterValues, the meter sample in hand may be older than they are."""
OBEY_S: Final = 10.0
"""After this long at an unchanged limit, a higher draw means that the limit is not obeyed."""
TOLERANCE_DA: Final = 10
"""A draw of up to 1 A above the limit is a matter of accuracy."""


@dataclass(slots=True)
class Draw:
    """The measured draw of one connector. Times are monotonic seconds."""

    conductors: tuple[Conductor, ...]
    currents: PhaseCurrents | None = None
    measured_s: float = -math.inf
    moved_s: float = -math.inf
    """When it was last let to take more: a raise, a start, a vehicle that woke."""
    changed_s: float = -math.inf
    """When its limit last changed in either direction."""
    _now_da: tuple[int, int, int] = (0, 0, 0)
    _low_da: tuple[int, int, int] = (0, 0, 0)
    _high_da: tuple[int, int, int] = (0, 0, 0)

    def measure(self, currents: PhaseCurrents, now_s: float) -> None:
        """MeterValues arrived; ``currents`` are on the supply conductors."""
        before = self._now_da
        l1_da, l2_da, l3_da = (max(0, to_da(current_a)) for current_a in currents)
        self._now_da = (l1_da, l2_da, l3_da)
        self._low_da = (min(before[0], l1_da), min(before[1], l2_da), min(before[2], l3_da))
        self._high_da = (max(before[0], l1_da), max(before[1], l2_da), max(before[2], l3_da))
        self.currents = currents
        self.measured_s = now_s

    def forget(self) -> None:
        """A transaction began: what was measured before says nothing about it."""
        self.currents = None
        self.measured_s = -math.inf
        self._now_da = self._low_da = self._high_da = (0, 0, 0)

    def known(self, now_s: float) -> bool:
        """There are fresh MeterValues."""
        return now_s - self.measured_s <= FRESH_S

    def worst_da(self) -> int:
        """The highest current on a conductor by the last MeterValues."""
        return max(self._now_da)

    def surely_da(self, least_da: int, now_s: float) -> tuple[int, int, int]:
        """Per conductor, what it surely draws, if it has not stopped since its MeterValues.

        Args:
            least_da: The lowest limit that may be in force.
        """
        if not self.known(now_s):
            return (0, 0, 0)
        l1_da, l2_da, l3_da = self._low_da if self._skewed(now_s) else self._now_da
        return (min(l1_da, least_da), min(l2_da, least_da), min(l3_da, least_da))

    def measured_da(self, most_da: int, now_s: float) -> tuple[int, int, int]:
        """Per conductor, what MeterValues explain and nothing more; 0 when they are old."""
        if not self.known(now_s):
            return (0, 0, 0)
        l1_da, l2_da, l3_da = self._high_da if self._skewed(now_s) else self._now_da
        return (min(l1_da, most_da), min(l2_da, most_da), min(l3_da, most_da))

    def maybe_da(self, most_da: int, now_s: float) -> tuple[int, int, int]:
        """Per conductor, what it may draw now.

        A settled vehicle draws what it drew. One whose MeterValues are old, or were taken before it
        had time to follow a raise, may draw up to ``most_da``, the highest limit in force lately.
        """
        if self.known(now_s) and self.measured_s >= self.moved_s + RAMP_S:
            return self.measured_da(most_da, now_s)
        currents = [0, 0, 0]
        for conductor in self.conductors:
            currents[conductor] = most_da
        return (currents[0], currents[1], currents[2])

    def excess_da(self, counted_da: int, now_s: float) -> int:
        """How much more than ``counted_da`` it draws; 0 while it may still be following.

        Only MeterValues taken well after the limit's last change accuse it.
        """
        if not self.known(now_s) or self.measured_s < self.changed_s + OBEY_S:
            return 0
        excess_da = self.worst_da() - counted_da
        return excess_da if excess_da > TOLERANCE_DA else 0

    def _skewed(self, now_s: float) -> bool:
        return now_s - self.measured_s < SKEW_S
