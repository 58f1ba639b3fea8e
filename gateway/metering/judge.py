"""Whether a reading may be believed; no value is better than a wrong one.

The one rule: a current counts as import, at its full size, unless the same conductor's power says
that it flows the other way.
"""

import math
from dataclasses import dataclass
from typing import Final

from gateway.metering.sample import Reading, Sample
from gateway.site.depot import MeterSite
from gateway.site.electrical import CONDUCTORS, Conductor, PhaseCurrents

HIGHEST_A: Final = 6000.0
LOWEST_V: Final = 80.0
HIGHEST_V: Final = 300.0
POWER_FACTOR_SLACK: Final = 1.2
"""Meters take current, voltage and power at slightly different instants."""

POWER_SLACK_W: Final = 50.0
STILL_S: Final = 60.0
LOADED_A: Final = 0.5


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a reading is not believed; ``reason`` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stillness:
    """A reading, and since when the meter has repeated exactly that."""

    reading: Reading
    since_s: float


def watch(previous: Stillness | None, reading: Reading, monotonic_s: float) -> Stillness:
    """Follow whether readings still change."""
    if previous is not None and previous.reading == reading:
        return previous
    return Stillness(reading, monotonic_s)


def judge(
    meter: MeterSite, reading: Reading, monotonic_s: float, stillness: Stillness | None = None
) -> Sample | Doubt:
    """Believe ``reading``, or say why not.

    Args:
        monotonic_s: When the answer arrived.
        stillness: What `watch` made of this reading; None leaves standing values unnoticed.
    """
    fault = (
        next((fault for c in CONDUCTORS if (fault := _fault_on(reading, c))), "")
        or _total_fault(reading)
        or _stuck(reading, monotonic_s, stillness)
    )
    if fault:
        return Doubt(fault)
    l1_a, l2_a, l3_a = (_signed_a(reading, conductor) for conductor in CONDUCTORS)
    return Sample(
        meter.name,
        meter.circuit,
        PhaseCurrents(l1_a, l2_a, l3_a),
        _power_w(reading),
        _voltages_v(reading),
        monotonic_s,
    )


def _fault_on(reading: Reading, conductor: Conductor) -> str:
    name = conductor.name
    current_a = reading.currents_a[conductor]
    voltage_v = reading.voltages_v[conductor]
    power_w = reading.powers_w[conductor]
    if current_a is None or math.isnan(current_a):
        return f"no current on {name}"
    if abs(current_a) > HIGHEST_A:
        return f"{current_a:g} A on {name} cannot be"
    if voltage_v is not None and not LOWEST_V <= voltage_v <= HIGHEST_V:
        return f"{voltage_v:g} V on {name} cannot be"
    if power_w is None:
        return ""
    if not math.isfinite(power_w):
        return f"{power_w:g} W on {name} cannot be"
    highest_v = HIGHEST_V if voltage_v is None else voltage_v
    if abs(power_w) > abs(current_a) * highest_v * POWER_FACTOR_SLACK + POWER_SLACK_W:
        return f"{power_w:g} W on {name} do not fit {current_a:g} A"
    return ""


def _total_fault(reading: Reading) -> str:
    total_w = reading.power_total_w
    return "" if total_w is None or math.isfinite(total_w) else f"{total_w:g} W in all cannot be"


def _stuck(reading: Reading, monotonic_s: float, stillness: Stillness | None) -> str:
    """A loaded meter that shows voltage is never still to the last digit."""
    if stillness is None or _voltages_v(reading) is None:
        return ""
    still_s = monotonic_s - stillness.since_s
    loaded = any(
        current_a is not None and abs(current_a) > LOADED_A for current_a in reading.currents_a
    )
    return f"all values stand still since {still_s:.0f} s" if loaded and still_s >= STILL_S else ""


def _signed_a(reading: Reading, conductor: Conductor) -> float:
    """Import at its full size; export with its active part only, for only that relieves a fuse."""
    size_a = abs(reading.currents_a[conductor] or 0.0)
    power_w = reading.powers_w[conductor]
    voltage_v = reading.voltages_v[conductor]
    if power_w is None:
        return reading.currents_a[conductor] or 0.0
    if power_w >= 0.0:
        return size_a
    return -size_a if voltage_v is None else -min(size_a, -power_w / voltage_v)


def _power_w(reading: Reading) -> float | None:
    if reading.power_total_w is not None:
        return reading.power_total_w
    known = [power_w for power_w in reading.powers_w if power_w is not None]
    return sum(known) if len(known) == len(CONDUCTORS) else None


def _voltages_v(reading: Reading) -> tuple[float, float, float] | None:
    match reading.voltages_v:
        case (float() as l1_v, float() as l2_v, float() as l3_v):
            return l1_v, l2_v, l3_v
    return None
