"""What a connector draws and has counted, out of MeterValues.

The one rule: each sampled value stands alone. One that cannot be used is passed over and the others
still count; what cannot be a measurement (NaN, text, absurd numbers) never leaves this file.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from msgspec import UNSET

from gateway.ocpp.v16.datatypes import Text
from gateway.ocpp.v16.messages import (
    MeterValue,
    MeterValuesRequest,
    SampledValue,
    read_time,
)

MAX_CURRENT_A: Final = 1000.0
MAX_ENERGY_WH: Final = 1e12
"""Readings beyond these are no measurements of a connector."""

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE | re.ASCII)
_PHASES: Final = {"L1": 0, "L1-N": 0, "L2": 1, "L2-N": 1, "L3": 2, "L3-N": 2}
_CURRENT: Final = "Current.Import"
_POWER: Final = "Power.Active.Import"
_ENERGY: Final = "Energy.Active.Import.Register"
_UNITS: Final = {
    _CURRENT: {"a": 1.0},
    _POWER: {"w": 1.0, "kw": 1000.0},
    _ENERGY: {"wh": 1.0, "kwh": 1000.0},
}
"""Factor to the base unit, which is also what an absent unit means."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What a connector takes.

    Args:
        currents_a: One for each phase of the connector, in its own order L1, L2, L3; 0 or more.
        energy_wh: Its energy register.
    """

    currents_a: tuple[float, ...]
    energy_wh: float | None


class _Reading(NamedTuple):
    measurand: str
    phase: int | None
    value: float
    at_outlet: bool


def draw(values: MeterValuesRequest, phase_count: int, voltage_v: float) -> Draw | None:
    """The newest currents in ``values``; None when they tell of none.

    Currents of single phases count before one for all, and currents before powers. A power is
    turned into a current with ``voltage_v``, a total one spread over all phases.

    Args:
        phase_count: Phases of the connector, 1 to 3.
        voltage_v: Phase to neutral, more than 0.
    """
    groups = _newest_first(values.meter_value)
    for readings in groups:
        currents_a = _currents(readings, phase_count, voltage_v)
        if currents_a is not None:
            return Draw(currents_a, _energy_wh(groups))
    return None


def energy_wh(values: MeterValuesRequest) -> float | None:
    """The newest energy register in ``values``; the sum of the phases where there is no total."""
    return _energy_wh(_newest_first(values.meter_value))


def _energy_wh(groups: Sequence[Sequence[_Reading]]) -> float | None:
    for readings in groups:
        total, phases = _split(_of(readings, _ENERGY))
        if total is not None:
            return total
        if phases:
            return sum(phases.values())
    return None


def _currents(
    readings: Sequence[_Reading], phase_count: int, voltage_v: float
) -> tuple[float, ...] | None:
    total_a, phases_a = _split(_of(readings, _CURRENT))
    total_w, phases_w = _split(_of(readings, _POWER))
    if phases_a:
        return _spread(phases_a, phase_count)
    if total_a is not None:
        return (total_a,) * phase_count
    if phases_w:
        return _plausible(_spread({p: w / voltage_v for p, w in phases_w.items()}, phase_count))
    if total_w is not None:
        return _plausible((total_w / voltage_v / phase_count,) * phase_count)
    return None


def _spread(phases: dict[int, float], phase_count: int) -> tuple[float, ...]:
    """One value a phase; a phase that is not told of carries nothing.

    A connector on one phase may call it by its place in the supply: there the largest counts.
    """
    if phase_count == 1:
        return (max(phases.values()),)
    return tuple(phases.get(phase, 0.0) for phase in range(phase_count))


def _plausible(currents_a: tuple[float, ...]) -> tuple[float, ...] | None:
    return currents_a if max(currents_a) <= MAX_CURRENT_A else None


def _split(readings: Sequence[_Reading]) -> tuple[float | None, dict[int, float]]:
    """The value for all phases, and those of single ones; the last of each kind counts."""
    total: float | None = None
    phases: dict[int, float] = {}
    for reading in readings:
        if reading.phase is None:
            total = reading.value
        else:
            phases[reading.phase] = reading.value
    return total, phases


def _of(readings: Sequence[_Reading], measurand: str) -> Sequence[_Reading]:
    """Readings of ``measurand``: those at the outlet if there are any, else all."""
    fitting = [reading for reading in readings if reading.measurand == measurand]
    return [reading for reading in fitting if reading.at_outlet] or fitting


def _newest_first(values: Iterable[MeterValue]) -> list[list[_Reading]]:
    """Readings by instant. Without a readable timestamp the place in the message tells the age."""
    groups: list[tuple[datetime | None, list[_Reading]]] = []
    for value in values:
        at = None if value.timestamp is UNSET else read_time(value.timestamp)
        readings = [r for s in value.sampled_value if (r := _reading(s)) is not None]
        if groups and at is not None and groups[-1][0] == at:
            groups[-1][1].extend(readings)
        else:
            groups.append((at, readings))
    groups.reverse()
    if all(at is not None for at, _ in groups):
        groups.sort(key=lambda group: group[0] or datetime.min, reverse=True)  # noqa: DTZ901 - all set
    return [readings for _, readings in groups]


def _reading(sampled: SampledValue) -> _Reading | None:
    measurand = _word(sampled.measurand, _ENERGY)
    factors = _UNITS.get(measurand)
    if factors is None or _word(sampled.format, "Raw") != "Raw":
        return None
    factor = 1.0 if sampled.unit is UNSET else factors.get(sampled.unit.strip().lower())
    number = _number(sampled.value)
    phase_word = _word(sampled.phase, "")
    phase = _PHASES.get(phase_word)
    if factor is None or number is None or (phase_word and phase is None):
        return None
    limit = MAX_CURRENT_A if measurand == _CURRENT else MAX_ENERGY_WH
    value = number * factor
    if value > limit:
        return None
    at_outlet = _word(sampled.location, "Outlet") == "Outlet"
    return _Reading(measurand, phase, max(0.0, value), at_outlet)


def _number(text: str) -> float | None:
    """``text`` as a finite number. Python's own reading takes "nan", "inf" and "1_000"."""
    tidy = text.strip()
    if _NUMBER.fullmatch(tidy) is None:
        return None
    number = float(tidy)
    return number if math.isfinite(number) else None


def _word(text: Text, absent: str) -> str:
    return absent if text is UNSET else text.strip()
