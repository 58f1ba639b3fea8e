"""A second evaluation of charging profiles, naive on purpose: it walks from moment to moment.

It shares nothing with the gateway's own but the structs of the messages. A second is looked at in
quarters, so that it is exact for profiles whose instants are whole quarters of a second.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import UNSET

from gateway.ocpp.v16.messages import ChargingProfile, ChargingSchedulePeriod

QUARTER = timedelta(milliseconds=250)


@dataclass(frozen=True)
class Placed:
    """A profile and the connector that it was set for."""

    connector_id: int
    profile: ChargingProfile


@dataclass(frozen=True)
class Outlet:
    """A connector: when charging began, in which transaction, and what it can do."""

    began: datetime | None
    transaction_id: int | None
    phases: int
    upper_a: float


@dataclass(frozen=True)
class Question:
    """Which limit is asked for."""

    placed: Sequence[Placed]
    outlets: Mapping[int, Outlet]
    connector_id: int
    start: datetime
    unit: str
    voltage_v: float
    upper_a: float


def second_by_second(question: Question, seconds: Sequence[int]) -> Iterator[float]:
    """The lowest limit in each of ``seconds`` after the start; infinity without any."""
    for second in seconds:
        begin = question.start + timedelta(seconds=second)
        yield min(_limit(question, begin + quarter * QUARTER) for quarter in range(4))


def _limit(question: Question, at: datetime) -> float:
    phases = max(outlet.phases for outlet in question.outlets.values())
    limit = _of_charge_point(question, at, phases)
    if question.upper_a < math.inf:
        site = question.upper_a
        limit = min(limit, site if question.unit == "A" else site * question.voltage_v * phases)
    if question.connector_id == 0:
        total = 0.0
        for number in question.outlets:
            total += _of_connector(question, number, at)
        return min(limit, total)
    return min(limit, _of_connector(question, question.connector_id, at))


def _of_charge_point(question: Question, at: datetime, phases: int) -> float:
    for level in range(9, -1, -1):
        for entry in question.placed:
            profile = entry.profile
            if profile.charging_profile_purpose != "ChargePointMaxProfile":
                continue
            if profile.stack_level != level or not _is_valid(profile, at):
                continue
            schedule = profile.charging_schedule
            if profile.charging_profile_kind == "Relative" or schedule.start_schedule is UNSET:
                limits = [
                    _in_unit(question, profile, period, phases)
                    for period in schedule.charging_schedule_period
                    if period.limit == min(p.limit for p in schedule.charging_schedule_period)
                ]
                return limits[0]
            found = _period(profile, at, at)
            if found is not None:
                return _in_unit(question, profile, found, phases)
    return math.inf


def _of_connector(question: Question, number: int, at: datetime) -> float:
    outlet = question.outlets[number]
    upper = outlet.upper_a
    if question.unit == "W" and upper < math.inf:
        upper = upper * question.voltage_v * outlet.phases
    for purpose, place in (
        ("TxProfile", number),
        ("TxDefaultProfile", number),
        ("TxDefaultProfile", 0),
    ):
        for level in range(9, -1, -1):
            for entry in question.placed:
                profile = entry.profile
                if (entry.connector_id, profile.charging_profile_purpose) != (place, purpose):
                    continue
                if profile.stack_level != level or not _is_valid(profile, at):
                    continue
                if purpose == "TxProfile" and not _is_for(profile, outlet):
                    continue
                began = outlet.began
                if began is None or began > question.start:
                    began = question.start
                found = _period(profile, at, began)
                if found is not None:
                    return min(upper, _in_unit(question, profile, found, outlet.phases))
    return upper


def _is_for(profile: ChargingProfile, outlet: Outlet) -> bool:
    if outlet.began is None:
        return False
    return profile.transaction_id is UNSET or profile.transaction_id == outlet.transaction_id


def _is_valid(profile: ChargingProfile, at: datetime) -> bool:
    if profile.valid_from is not UNSET and at < datetime.fromisoformat(profile.valid_from):
        return False
    return profile.valid_to is UNSET or at < datetime.fromisoformat(profile.valid_to)


def _period(
    profile: ChargingProfile, at: datetime, began: datetime
) -> ChargingSchedulePeriod | None:
    schedule = profile.charging_schedule
    start = began
    if profile.charging_profile_kind != "Relative" and schedule.start_schedule is not UNSET:
        start = datetime.fromisoformat(schedule.start_schedule)
    if profile.charging_profile_kind == "Recurring":
        again = timedelta(days=7 if profile.recurrency_kind == "Weekly" else 1)
        while start + again <= at:
            start += again
    if at < start:
        return None
    if schedule.duration is not UNSET and at >= start + timedelta(seconds=schedule.duration):
        return None
    found = None
    for period in schedule.charging_schedule_period:
        if start + timedelta(seconds=period.start_period) <= at:
            found = period
    return found


def _in_unit(
    question: Question, profile: ChargingProfile, period: ChargingSchedulePeriod, phases: int
) -> float:
    told = 3 if period.number_phases is UNSET else period.number_phases
    used = min(phases, told)
    match profile.charging_schedule.charging_rate_unit, question.unit:
        case "A", "W":
            return period.limit * question.voltage_v * used
        case "W", "A":
            return period.limit / question.voltage_v / used
        case _:
            return period.limit
