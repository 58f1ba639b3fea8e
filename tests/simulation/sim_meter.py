"""The meter at the feeder: it shows what really flows, unless it is told to fail."""

import asyncio
import enum
import math
import random
from collections.abc import Callable

from gateway.errors import MeterSilent
from gateway.metering.sample import Reading
from gateway.site.electrical import PhaseCurrents

NOISE_A = 0.05
NOISE_V = 0.5
NOMINAL_V = 230.0


class MeterFault(enum.Enum):
    """How a meter fails."""

    NONE = "it works"
    SILENT = "no answer"
    NAN = "not a number, as a meter sends it for what it does not know"


class SimMeter:
    """Fulfils `gateway.ports.Meter`.

    Args:
        load: What flows through it now.
    """

    def __init__(self, seed: str, load: Callable[[], PhaseCurrents]) -> None:
        self.fault = MeterFault.NONE
        self._load = load
        self._chance = random.Random(f"{seed}/meter")

    async def read(self) -> Reading:
        """Read it once."""
        await asyncio.sleep(0.02 + 0.08 * self._chance.random())
        if self.fault is MeterFault.SILENT:
            await asyncio.sleep(0.9)
            raise MeterSilent("no answer within 1 s")
        load = self._load()
        await asyncio.sleep(0.02 + 0.08 * self._chance.random())
        if self.fault is MeterFault.NAN:
            return Reading((math.nan,) * 3, (math.nan,) * 3, (NOMINAL_V,) * 3)
        volts = [NOMINAL_V + NOISE_V * self._noise() for _ in range(3)]
        amps = [max(0.0, current_a + NOISE_A * self._noise()) for current_a in load]
        return Reading(
            currents_a=(amps[0], amps[1], amps[2]),
            powers_w=(amps[0] * volts[0], amps[1] * volts[1], amps[2] * volts[2]),
            voltages_v=(volts[0], volts[1], volts[2]),
        )

    async def close(self) -> None:
        """Nothing to let go of."""

    def _noise(self) -> float:
        return self._chance.uniform(-1.0, 1.0)
