"""The composite schedule: the limit over a stretch of time to come (OCPP 1.6 §3.13.3, §5.7).

The one rule: what is reported for a second is the lowest limit that is in force anywhere in that
second, never more. Inside, every boundary is exact; only the answer is cut into whole seconds.

A connector gets the lowest of its prevailing profile, the ChargePointMaxProfile and what is allowed
whatever the profiles say. Connector 0 stands for the current or power drawn from the grid: the sum
of its connectors, under the ChargePointMaxProfile (errata 3.30).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final, TypeAlias

from gateway.ocpp.v16.installed_profiles import Installed, Profiles
from gateway.ocpp.v16.messages import (
    ChargingSchedule,
    ChargingSchedulePeriod,
    GetCompositeScheduleResponse,
    wire_time,
)
from gateway.ocpp.v16.schedules import (
    Session,
    charging_from_us,
    converted,
    heeded,
    heeded_by_all,
    prevailing,
)
from gateway.ocpp.v16.timetable import FOREVER_US, SECOND_US, micros

MAX_WINDOW_S: Final = 7 * 86400
"""A composite schedule looks no further ahead,"""

MAX_STRETCHES: Final = 1000
"""and ends before it would need more stretches; its duration then says how far it reaches."""

_MAX_STEPS: Final = 4 * MAX_STRETCHES
_TENTHS: Final = 10
_FORGIVEN: Final = 1e-6
"""What binary fractions may lack to a tenth before it counts as the tenth below."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start_s`` after the window's start, until the next stretch: ``limit``.

    Infinity where nothing limits.
    """

    start_s: int
    limit: float


@dataclass(frozen=True, slots=True)
class Composite:
    """The limit from ``start`` on, for ``duration_s``.

    Args:
        unit: A per phase, or W in total.
        phases: Phases of the connector; for connector 0, of the one that has most.
        stretches: Never empty; the first starts at 0, and neighbours differ.
    """

    connector_id: int
    start: datetime
    duration_s: int
    unit: str
    phases: int
    stretches: tuple[Stretch, ...]


_Course: TypeAlias = Callable[[int], tuple[float, int]]
"""A limit over time: asked for an instant, the limit then, and until when it stays that."""


def composite(
    profiles: Profiles,
    connector_id: int,
    start: datetime,
    duration_s: int,
    sessions: Mapping[int, Session],
    unit: str = "A",
    upper_a: float = math.inf,
) -> Composite:
    """The limit in ``unit`` over ``duration_s`` from ``start``.

    Without a transaction, what counts from the start of charging counts from ``start``.

    Args:
        connector_id: One of ``sessions``, or 0 for the charge point as a whole.
        start: Fractions of a millisecond, which OCPP does not carry, are dropped.
        duration_s: A window of no length shows its first second.
        sessions: Every connector of the charge point, by connectorId.
        upper_a: What all connectors together may draw per phase whatever the profiles say.
    """
    start -= timedelta(microseconds=start.microsecond % 1000)
    phases = max((session.phases for session in sessions.values()), default=3)
    voltage_v = max((session.voltage_v for session in sessions.values()), default=0.0)
    whole = Session(None, None, voltage_v, phases, upper_a)
    entries = heeded_by_all(profiles)
    bound = _lowest([_course(entries, start, whole, unit), _constant(whole, unit)])
    if connector_id == 0:
        asked = whole
        own = _total([_connector(profiles, *pair, start, unit) for pair in sessions.items()])
    else:
        asked = sessions[connector_id]
        own = _connector(profiles, connector_id, asked, start, unit)
    window_s = min(max(duration_s, 0), MAX_WINDOW_S)
    stretches, reach_s = _in_seconds(_lowest([own, bound]), micros(start), max(window_s, 1))
    return Composite(
        connector_id, start, min(window_s, reach_s), unit, asked.phases, tuple(stretches)
    )


def composite_response(found: Composite) -> GetCompositeScheduleResponse:
    """GetCompositeSchedule.conf; limits are finite and rounded down to the one decimal of OCPP.

    The schedule has no startSchedule (errata 3.57): its periods count from scheduleStart.
    """
    periods = tuple(
        ChargingSchedulePeriod(
            start_period=stretch.start_s,
            limit=math.floor(stretch.limit * _TENTHS + _FORGIVEN) / _TENTHS,
            number_phases=found.phases,
        )
        for stretch in found.stretches
    )
    return GetCompositeScheduleResponse(
        status="Accepted",
        connector_id=found.connector_id,
        schedule_start=wire_time(found.start),
        charging_schedule=ChargingSchedule(
            duration=found.duration_s,
            charging_rate_unit=found.unit,
            charging_schedule_period=periods,
        ),
    )


def _connector(
    profiles: Profiles, connector_id: int, session: Session, start: datetime, unit: str
) -> _Course:
    entries = heeded(profiles, connector_id, session)
    return _lowest([_course(entries, start, session, unit), _constant(session, unit)])


def _course(entries: Sequence[Installed], start: datetime, session: Session, unit: str) -> _Course:
    began_us = charging_from_us(session, micros(start))

    def course(at_us: int) -> tuple[float, int]:
        entry, period, until_us = prevailing(entries, at_us, began_us)
        if entry is None or period is None:
            return math.inf, until_us
        return converted(entry, period, unit, session.voltage_v, session.phases), until_us

    return course


def _constant(session: Session, unit: str) -> _Course:
    limit = session.upper_a
    if unit == "W" and limit < math.inf:
        limit *= session.voltage_v * session.phases
    return lambda _: (limit, FOREVER_US)


def _lowest(courses: Sequence[_Course]) -> _Course:
    return _joined(min, courses)


def _total(courses: Sequence[_Course]) -> _Course:
    return _joined(sum, courses)


def _joined(join: Callable[[Iterable[float]], float], courses: Sequence[_Course]) -> _Course:
    def course(at_us: int) -> tuple[float, int]:
        told = [each(at_us) for each in courses]
        until_us = min((until_us for _, until_us in told), default=FOREVER_US)
        return join(limit for limit, _ in told), until_us

    return course


def _steps(course: _Course, start_us: int, end_us: int) -> Iterator[tuple[int, int, float]]:
    """From change to change: begin and end in µs after ``start_us``, and the limit between."""
    at_us = start_us
    while at_us < end_us:
        limit, until_us = course(at_us)
        until_us = min(until_us, end_us)
        yield at_us - start_us, until_us - start_us, limit
        at_us = until_us


def _in_seconds(course: _Course, start_us: int, window_s: int) -> tuple[list[Stretch], int]:
    """The stretches of the window, and how many of its seconds they cover."""
    lowest: dict[int, float] = {}
    reach_s = window_s
    for count, (begin_us, end_us, limit) in enumerate(
        _steps(course, start_us, start_us + window_s * SECOND_US)
    ):
        first_s, last_s = begin_us // SECOND_US, (end_us - 1) // SECOND_US
        if count >= _MAX_STEPS and first_s > 0:
            reach_s = first_s
            break
        lowest[first_s] = min(lowest.get(first_s, math.inf), limit)
        if last_s > first_s:  # the next step may lower the last second, but not those before it
            lowest[first_s + 1] = lowest[last_s] = limit
    stretches: list[Stretch] = []
    for start_s, limit in takewhile(lambda item: item[0] < reach_s, lowest.items()):
        if stretches and stretches[-1].limit == limit:
            continue
        if len(stretches) == MAX_STRETCHES:
            return stretches, start_s
        stretches.append(Stretch(start_s, limit))
    return stretches, reach_s
