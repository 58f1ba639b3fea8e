"""What a charge point says it will do, held against the profiles that it is known to hold.

The one rule: a report is read with tolerance, for it only informs (OCPP 1.6 §5.7). A limit must
differ by more than rounding, for longer than clocks and messages explain, to be a disagreement.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from gateway.errors import ProtocolViolation
from gateway.ocpp.v16.composite import composite
from gateway.ocpp.v16.datatypes import Int, Message, Text
from gateway.ocpp.v16.installed_profiles import Profiles
from gateway.ocpp.v16.messages import read, read_time
from gateway.ocpp.v16.schedules import Session

TOLERANCE_S: Final = 5
"""A limit may begin so much earlier or later: clocks differ, and messages take their time."""

_ROUNDING_A: Final = 0.1 + 1e-6
_MAX_NAMED: Final = 5
"""Differences that are named; the rest is counted."""


class ReportedPeriod(Message, frozen=True, kw_only=True):
    """A period of a report. A negative ``limit`` means that nothing limits."""

    start_period: Int
    limit: Annotated[float, Meta(ge=-1e9, le=1e9)]


class ReportedSchedule(Message, frozen=True, kw_only=True):
    """The chargingSchedule of a report. Some charge points say startSchedule, which is not theirs
    to say (errata 3.57)."""

    duration: Int | UnsetType = UNSET
    start_schedule: Text = UNSET
    charging_rate_unit: str = "A"
    charging_schedule_period: tuple[ReportedPeriod, ...] = ()


class Report(Message, frozen=True, kw_only=True):
    """GetCompositeSchedule.conf as charge points send it."""

    status: str
    schedule_start: Text = UNSET
    charging_schedule: ReportedSchedule | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Asked:
    """A GetCompositeSchedule.req: which connector, for how long, and when it was sent."""

    connector_id: int
    duration_s: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Course:
    """(begin in seconds, limit) in order of time; infinity is no limit."""

    begin_s: float
    end_s: float
    points: tuple[tuple[float, float], ...]

    def limit(self, at_s: float) -> float:
        """The limit at a second that is not before the first point."""
        return self.points[bisect_right(self.points, (at_s, math.inf)) - 1][1]


@dataclass(frozen=True, slots=True)
class _Difference:
    begin_s: float
    end_s: float
    reported: float
    expected: float


def disagreements(
    answer: bytes,
    asked: Asked,
    profiles: Profiles,
    sessions: Mapping[int, Session],
    tolerance_s: float = TOLERANCE_S,
) -> tuple[str, ...]:
    """Where a GetCompositeSchedule.conf differs from what ``profiles`` make; empty: nowhere.

    Where no profile limits, every answer agrees: what the charge point itself can or may do is its
    own affair. Elsewhere it may hold a connector lower, but no lower than ``Session.upper_a``.

    Args:
        answer: The GetCompositeSchedule.conf as it came.
        profiles: What the charge point accepted, and what was not cleared since.
        sessions: Every connector of the charge point, by connectorId.

    Returns:
        Sentences. Seconds count from the request.
    """
    try:
        report = read(Report, answer)
    except ProtocolViolation as exc:
        return (f"its answer cannot be read: {exc.detail}",)
    if report.status != "Accepted":
        return (f"it reports no schedule: {report.status}",)
    schedule = ReportedSchedule() if report.charging_schedule is UNSET else report.charging_schedule
    if schedule.charging_rate_unit not in ("A", "W"):
        return (f"it reports in {schedule.charging_rate_unit!r}, which is neither A nor W",)
    if asked.connector_id not in (0, *sessions):
        return (f"it reports for connector {asked.connector_id}, which nobody knows",)
    reported = _reported(report, schedule, asked.at)
    unlimited = {number: replace(each, upper_a=math.inf) for number, each in sessions.items()}
    held = _expected(asked, profiles, sessions, schedule.charging_rate_unit)
    free = _expected(asked, profiles, unlimited, schedule.charging_rate_unit)
    begin_s, end_s = max(reported.begin_s, 0.0), min(reported.end_s, held.end_s, free.end_s)
    if begin_s >= end_s:
        return (f"its schedule begins {reported.begin_s:+.0f} s from the request, and misses it",)
    rounding = _rounding(asked.connector_id, sessions, schedule.charging_rate_unit)
    runs = _runs(reported, held, free, end_s, rounding)
    return _sentences(
        [
            difference
            for run in runs
            if (length_s := run[-1].end_s - run[0].begin_s) > tolerance_s
            or length_s == end_s - begin_s
            for difference in run
        ],
        schedule.charging_rate_unit,
    )


def _reported(report: Report, schedule: ReportedSchedule, asked_at: datetime) -> _Course:
    """What it says, in seconds from the request. Its periods count from its own scheduleStart."""
    told = schedule.start_schedule if report.schedule_start is UNSET else report.schedule_start
    start = None if told is UNSET else read_time(told)
    begin_s = 0.0 if start is None else (start - asked_at).total_seconds()
    periods = sorted(schedule.charging_schedule_period, key=lambda period: period.start_period)
    points = [(-math.inf, math.inf)]
    points += [
        (begin_s + period.start_period, math.inf if period.limit < 0 else period.limit)
        for period in periods
    ]
    duration_s = 0 if schedule.duration is UNSET else schedule.duration
    end_s = begin_s + duration_s if duration_s > 0 else math.inf
    return _Course(begin_s, end_s, tuple(points))


def _expected(
    asked: Asked, profiles: Profiles, sessions: Mapping[int, Session], unit: str
) -> _Course:
    found = composite(profiles, asked.connector_id, asked.at, asked.duration_s, sessions, unit)
    points = tuple((float(stretch.start_s), stretch.limit) for stretch in found.stretches)
    return _Course(0.0, float(max(found.duration_s, 1)), points)


def _runs(
    reported: _Course, held: _Course, free: _Course, end_s: float, rounding: float
) -> list[list[_Difference]]:
    """Where a report is not between two courses; what follows without a gap is one run."""
    runs: list[list[_Difference]] = [[]]
    begin_s = max(reported.begin_s, 0.0)
    points = reported.points + held.points + free.points
    starts_s = {at_s for at_s, _ in points if begin_s < at_s < end_s}
    for from_s, to_s in pairwise((begin_s, *sorted(starts_s), end_s)):
        said, meant = reported.limit(from_s), free.limit(from_s)
        run = runs[-1]
        if meant == math.inf or held.limit(from_s) - rounding <= said <= meant + rounding:
            runs.append([])
        elif run and (run[-1].reported, run[-1].expected) == (said, meant):
            run[-1] = replace(run[-1], end_s=to_s)
        else:
            run.append(_Difference(from_s, to_s, said, meant))
    return [run for run in runs if run]


def _sentences(differences: Sequence[_Difference], unit: str) -> tuple[str, ...]:
    named = [
        f"from second {difference.begin_s:.0f} to {difference.end_s:.0f} it reports "
        f"{_words(difference.reported, unit)} where its profiles allow "
        f"{_words(difference.expected, unit)}"
        for difference in differences[:_MAX_NAMED]
    ]
    if len(differences) > _MAX_NAMED:
        named.append(f"and {len(differences) - _MAX_NAMED} more such stretches")
    return tuple(named)


def _words(limit: float, unit: str) -> str:
    return f"{limit:.1f} {unit}" if limit < math.inf else "no limit"


def _rounding(connector_id: int, sessions: Mapping[int, Session], unit: str) -> float:
    """What rounding each connector's current may make of the limit."""
    return _ROUNDING_A * sum(
        session.voltage_v * session.phases if unit == "W" else 1.0
        for number, session in sessions.items()
        if connector_id in (0, number)
    )
