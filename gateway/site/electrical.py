"""Electrical quantities. The unit is part of every name; nothing here converts in silence.

Measured values are floats in ampere; limits are decided in whole deci-ampere (``_da``), because
OCPP 1.6 carries one decimal and sums of integers have no rounding error. Rounding is always down.
"""

import enum
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MIN_OFFER_DA: Final = 60
"""IEC 61851-1: the lowest current that a control pilot can advertise is 6 A. Below it: paused."""

DA_PER_A: Final = 10


class Conductor(enum.IntEnum):
    """A line conductor of the supply, as the index of a `PhaseCurrents`."""

    L1 = 0
    L2 = 1
    L3 = 2


CONDUCTORS: Final = (Conductor.L1, Conductor.L2, Conductor.L3)

ROTATIONS: Final = {
    "RST": (Conductor.L1, Conductor.L2, Conductor.L3),
    "RTS": (Conductor.L1, Conductor.L3, Conductor.L2),
    "SRT": (Conductor.L2, Conductor.L1, Conductor.L3),
    "STR": (Conductor.L2, Conductor.L3, Conductor.L1),
    "TRS": (Conductor.L3, Conductor.L1, Conductor.L2),
    "TSR": (Conductor.L3, Conductor.L2, Conductor.L1),
}
"""ConnectorPhaseRotation (OCPP 1.6 §9.1.9): the supply conductor on a connector's L1, L2, L3."""


@dataclass(frozen=True, slots=True)
class PhaseCurrents:
    """Current on each line conductor, in ampere. Positive flows from the grid into the site."""

    l1_a: float
    l2_a: float
    l3_a: float

    def __iter__(self) -> Iterator[float]:
        yield self.l1_a
        yield self.l2_a
        yield self.l3_a

    def __getitem__(self, conductor: int) -> float:
        return (self.l1_a, self.l2_a, self.l3_a)[conductor]

    def __add__(self, other: "PhaseCurrents") -> "PhaseCurrents":
        return PhaseCurrents(self.l1_a + other.l1_a, self.l2_a + other.l2_a, self.l3_a + other.l3_a)

    @property
    def worst_a(self) -> float:
        """The most loaded conductor; fuses blow one at a time."""
        return max(self.l1_a, self.l2_a, self.l3_a)


NO_CURRENT: Final = PhaseCurrents(0.0, 0.0, 0.0)


def to_da(current_a: float) -> int:
    """Whole deci-ampere in ``current_a``, rounded down; 1e-6 A forgives binary fractions."""
    return math.floor(current_a * DA_PER_A + 1e-5)


def to_a(current_da: int) -> float:
    """Ampere with one decimal, as OCPP 1.6 carries a limit."""
    return current_da / DA_PER_A
