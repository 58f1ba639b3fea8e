"""Clock and chance of a simulation, fulfilling the gateway's ports."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.ports import Moment
from tests.simulation.loop import EPOCH_S

DAWN: Final = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


class SimClock:
    """Both clocks, driven by the running loop.

    Args:
        ahead_s: By how much the wall clock is ahead of the true time.
    """

    def __init__(self, ahead_s: float = 0.0) -> None:
        self._ahead_s = ahead_s

    def now(self) -> Moment:
        """This instant of virtual time."""
        monotonic_s = asyncio.get_running_loop().time()
        elapsed = timedelta(seconds=monotonic_s - EPOCH_S + self._ahead_s)
        return Moment(DAWN + elapsed, monotonic_s)

    def jump(self, by_s: float) -> None:
        """Set the wall clock forward, or back; monotonic time goes on."""
        self._ahead_s += by_s


class SimChance:
    """Chance from a seed."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def unique_id(self) -> str:
        """32 hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"

    def transaction_id(self) -> int:
        """1 to 2**31 - 1."""
        return self._random.randrange(1, 2**31)

    def secret(self) -> str:
        """32 hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"

    def fraction(self) -> float:
        """From 0.0 up to, not including, 1.0."""
        return self._random.random()
