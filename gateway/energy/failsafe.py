"""When a meter may be believed. One old sample ends the trust; three fresh in a row restore it."""

import math
from dataclasses import dataclass
from typing import Final

FRESH_SAMPLES: Final = 3


@dataclass(slots=True)
class MeterWatch:
    """The trust in one circuit's meter: none at the start. Times are monotonic seconds.

    Args:
        stale_s: A sample older than this is not fresh.
    """

    stale_s: float
    trusted: bool = False
    sampled_s: float = -math.inf
    _streak: int = 0

    def sampled(self, at_s: float) -> None:
        """A believed sample arrived at ``at_s``."""
        if at_s <= self.sampled_s:
            return
        fresh = at_s - self.sampled_s <= self.stale_s
        self._streak = self._streak + 1 if fresh else 1
        if not fresh:
            self.trusted = False
        self.sampled_s = at_s
        if self._streak >= FRESH_SAMPLES:
            self.trusted = True

    def check(self, now_s: float) -> bool:
        """Whether the last sample may be used at ``now_s``."""
        if now_s - self.sampled_s > self.stale_s:
            self.trusted = False
            self._streak = 0
        return self.trusted

    def age_s(self, now_s: float) -> float | None:
        """Age of the last sample; None before the first."""
        return None if self.sampled_s == -math.inf else now_s - self.sampled_s
