"""What a vehicle would take, by what it does with its offer. What it leaves goes to others, and is
offered again from time to time.
"""

import math
from dataclasses import dataclass
from typing import Final

from gateway.energy.draw import RAMP_S
from gateway.site.electrical import MIN_OFFER_DA

IDLE_ROOM_DA: Final = 20
"""A vehicle that leaves more than 2 A of its offer for `IDLE_S` is asked for less ..."""
IDLE_S: Final = 30.0
NEAR_DA: Final = 10
"""... until it comes within 1 A of its offer, ..."""
PROBE_S: Final = 600.0
"""... and in any case after this long."""


@dataclass(slots=True)
class Wish:
    """The demand of one vehicle. Times are monotonic seconds."""

    limit_da: int | None = None
    """What it is thought to take; None: all it can get."""
    _low_since_s: float = math.inf
    _limited_s: float = -math.inf

    def measured(self, drawn_da: int, offer_da: int, moved_s: float, now_s: float) -> None:
        """MeterValues arrived.

        Args:
            drawn_da: On its most loaded conductor.
            offer_da: The limit in force.
            moved_s: When it was last let to take more.
        """
        if offer_da < MIN_OFFER_DA or drawn_da >= offer_da - IDLE_ROOM_DA:
            self._low_since_s = math.inf
            if offer_da >= MIN_OFFER_DA and drawn_da >= offer_da - NEAR_DA:
                self.limit_da = None
            return
        self._low_since_s = max(min(self._low_since_s, now_s), moved_s + RAMP_S)
        if now_s - self._low_since_s >= IDLE_S:
            self.limit_da = max(MIN_OFFER_DA, drawn_da + IDLE_ROOM_DA)
            self._limited_s = now_s

    def probe(self, now_s: float) -> None:
        """Offer all again when that has not been done for `PROBE_S`."""
        if self.limit_da is not None and now_s - self._limited_s >= PROBE_S:
            self.reset()

    def reset(self) -> None:
        """Think nothing of the vehicle."""
        self.limit_da = None
        self._low_since_s = math.inf
