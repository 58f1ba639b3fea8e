"""When an offer may change: down at once, up only for what has been free for a while.

Cuts have no dead-band and no delay. A raise is worth at least 1 A, is never more than the lowest
target seen while it was held back, and needs room for everybody's highest possible limit
(make-before-break); the last is the balancer's to check.
"""

import math
from dataclasses import dataclass
from typing import Final

from gateway.site.electrical import MIN_OFFER_DA

STEP_DA: Final = 10
"""A raise of less than 1 A is not worth a message."""
FIRST_S: Final = 0.5
"""A charge point that was just given its transaction id needs a moment before it knows it."""
QUICK_S: Final = 2.0
"""What a fresh transaction or a paused vehicle waits for its first offer."""
APART_S: Final = 5.0
"""Raises of one connector are at least this far apart."""
RETRY_S: Final = 5.0
RETRY_MAX_S: Final = 60.0


@dataclass(slots=True)
class RaiseHold:
    """How long a higher target has been free for one connector. Times are monotonic seconds."""

    hold_s: float
    raised_s: float = -math.inf
    _since_s: float = math.inf
    _level_da: int = 0

    def observe(self, offer_da: int, target_da: int, now_s: float) -> None:
        """One cycle: ``target_da`` would be free for a connector that is offered ``offer_da``."""
        if target_da < offer_da + STEP_DA:
            self._since_s = math.inf
        elif self._since_s == math.inf:
            self._since_s = now_s
            self._level_da = target_da
        else:
            self._level_da = min(self._level_da, target_da)

    def free_da(self, offer_da: int, now_s: float, *, fresh: bool) -> int:
        """What the connector may be raised to now; 0 when it has to wait.

        A fresh transaction gets all that was free for `QUICK_S`; one that leaves 0 A gets 6 A then,
        and the rest like everybody.
        """
        if self._since_s == math.inf or now_s - self.raised_s < APART_S:
            return 0
        held_s = now_s - self._since_s
        if held_s >= self.hold_s or (fresh and held_s >= QUICK_S):
            return self._level_da
        if offer_da == 0 and held_s >= QUICK_S:
            return MIN_OFFER_DA
        return 0

    def raised(self, now_s: float) -> None:
        """A raise was sent."""
        self.raised_s = now_s
        self._since_s = math.inf

    def reset(self) -> None:
        """A new transaction: nothing is held back yet."""
        self.raised_s = -math.inf
        self._since_s = math.inf


def retry_pause_s(failures: int) -> float:
    """How long to wait after the n-th failure in a row before the same is tried again."""
    return min(RETRY_S * 2.0 ** min(failures - 1, 10), RETRY_MAX_S)
