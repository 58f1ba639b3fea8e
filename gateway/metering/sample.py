"""A meter's readings, and the judgement that makes one a sample. A doubtful value is never used."""

from dataclasses import dataclass

from gateway.site.electrical import PhaseCurrents


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter's driver decoded, unjudged. None: no such value, or the meter's mark for none.

    Args:
        currents_a: L1, L2, L3; unsigned on most meters.
        powers_w: L1, L2, L3; positive is import from the grid.
        voltages_v: L1 to N, L2 to N, L3 to N.
    """

    currents_a: tuple[float | None, float | None, float | None]
    powers_w: tuple[float | None, float | None, float | None]
    voltages_v: tuple[float | None, float | None, float | None]
    power_total_w: float | None = None
    energy_import_wh: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A believed reading.

    Args:
        currents: Signed by the power of the same conductor; positive is import.
        monotonic_s: When the answer arrived.
    """

    meter: str
    circuit: str
    currents: PhaseCurrents
    power_w: float | None
    voltages_v: tuple[float, float, float] | None
    monotonic_s: float

    def age_s(self, monotonic_s: float) -> float:
        """How long ago the answer arrived."""
        return monotonic_s - self.monotonic_s
