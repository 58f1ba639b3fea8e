"""What installed charging profiles allow at an instant, and over a window (OCPP 1.6 §3.13).

The one rule: answers are ampere per conductor; a limit in watt is converted with the nominal
voltage and the phases that can really be used. None means that no profile limits.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec import UNSET

from gateway.ocpp.v16.datatypes import Text
from gateway.ocpp.v16.installed_profiles import (
    CHARGE_POINT_MAX,
    TX,
    TX_DEFAULT,
    Installed,
    Profiles,
)
from gateway.ocpp.v16.messages import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    GetCompositeScheduleResponse,
    read_time,
    wire_time,
)

MAX_WINDOW_S: Final = 7 * 86400
"""A composite schedule looks no further ahead."""

_RECURS_S: Final = {"Daily": 86400, "Weekly": 7 * 86400}


@dataclass(frozen=True, slots=True)
class Session:
    """What a connector is doing, as far as profiles care.

    Args:
        started_at: When its transaction began; None without one.
        transaction_id: The transaction's id in the words of whoever set the profiles.
        phases: Phases of the connector, 1 to 3.
    """

    started_at: datetime | None
    transaction_id: int | None
    voltage_v: float
    phases: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start_s`` after the window's start, until the next stretch: ``limit_a``."""

    start_s: int
    limit_a: float


def limit_a(
    profiles: Profiles,
    connector_id: int,
    at: datetime,
    transaction_started_at: datetime | None,
    transaction_id: int | None,
    voltage_v: float,
    phases: int,
) -> float | None:
    """What TxProfile and TxDefaultProfile allow a connector, per conductor.

    A TxProfile of the running transaction beats every TxDefaultProfile, one for the connector beats
    one for connector 0, and among equals the highest stack level that has a value now wins.

    Args:
        transaction_started_at: None without a transaction: schedules relative to it begin now.
    """
    origin = transaction_started_at or at
    for layer in _layers(profiles, connector_id, transaction_started_at, transaction_id):
        period = _prevailing(layer, at, origin)
        if period is not None:
            return _to_a(*period, voltage_v, phases)
    return None


def charge_point_limit_a(profiles: Profiles, at: datetime, voltage_v: float) -> float | None:
    """What ChargePointMaxProfile allows all connectors together, per conductor of three.

    A schedule without a fixed start counts with its lowest limit: nobody can say where it stands.
    """
    layer = [entry for entry in profiles if entry.purpose == CHARGE_POINT_MAX]
    period = _prevailing(layer, at, None)
    if period is None:
        return None
    unit, found = period
    return found.limit if unit == "A" else found.limit / (voltage_v * 3)


def composite(
    profiles: Profiles,
    connector_id: int,
    start: datetime,
    duration_s: int,
    session: Session,
    upper_a: Callable[[datetime], float],
) -> tuple[Stretch, ...]:
    """The limit over ``duration_s`` from ``start``: never empty, neighbours always differ.

    Args:
        connector_id: 0 for the charge point as a whole.
        upper_a: What the site allows at an instant whatever the profiles say.
    """
    stretches: list[Stretch] = []
    for start_s in _changes_s(profiles, start, min(duration_s, MAX_WINDOW_S), session):
        at = start + timedelta(seconds=start_s)
        limits_a = [upper_a(at), charge_point_limit_a(profiles, at, session.voltage_v)]
        if connector_id > 0:
            limits_a.append(_session_limit_a(profiles, connector_id, at, session))
        lowest_a = min(limit for limit in limits_a if limit is not None)
        if not stretches or stretches[-1].limit_a != lowest_a:
            stretches.append(Stretch(start_s, lowest_a))
    return tuple(stretches)


def composite_response(
    connector_id: int,
    start: datetime,
    duration_s: int,
    stretches: Sequence[Stretch],
    session: Session,
    unit: str = "A",
) -> GetCompositeScheduleResponse:
    """GetCompositeSchedule.conf for ``stretches``; limits are rounded down to one decimal.

    Args:
        unit: A or W.
    """
    factor = session.voltage_v * session.phases if unit == "W" else 1.0
    periods = tuple(
        ChargingSchedulePeriod(
            start_period=stretch.start_s,
            limit=math.floor(stretch.limit_a * factor * 10 + 1e-6) / 10,
            number_phases=session.phases,
        )
        for stretch in stretches
    )
    schedule = ChargingSchedule(
        duration=min(duration_s, MAX_WINDOW_S),
        charging_rate_unit=unit,
        charging_schedule_period=periods,
    )
    return GetCompositeScheduleResponse(
        status="Accepted",
        connector_id=connector_id,
        schedule_start=wire_time(start),
        charging_schedule=schedule,
    )


def _session_limit_a(
    profiles: Profiles, connector_id: int, at: datetime, session: Session
) -> float | None:
    return limit_a(
        profiles,
        connector_id,
        at,
        session.started_at,
        session.transaction_id,
        session.voltage_v,
        session.phases,
    )


def _layers(
    profiles: Profiles,
    connector_id: int,
    transaction_started_at: datetime | None,
    transaction_id: int | None,
) -> Iterator[list[Installed]]:
    """Profiles that may limit the connector: a whole layer counts before the next is looked at."""
    own = [entry for entry in profiles if entry.connector_id == connector_id]
    if transaction_started_at is not None:
        bound = (UNSET, transaction_id)
        yield [e for e in own if e.purpose == TX and e.profile.transaction_id in bound]
    yield [entry for entry in own if entry.purpose == TX_DEFAULT]
    yield [e for e in profiles if e.purpose == TX_DEFAULT and e.connector_id == 0]


def _prevailing(
    layer: Iterable[Installed], at: datetime, origin: datetime | None
) -> tuple[str, ChargingSchedulePeriod] | None:
    """Unit and period of the highest stack level that has a value at ``at``."""
    for entry in sorted(layer, key=lambda entry: entry.profile.stack_level, reverse=True):
        period = _period(entry.profile, at, origin)
        if period is not None:
            return entry.profile.charging_schedule.charging_rate_unit, period
    return None


def _period(
    profile: ChargingProfile, at: datetime, origin: datetime | None
) -> ChargingSchedulePeriod | None:
    valid_from, valid_to = _instant(profile.valid_from), _instant(profile.valid_to)
    if (valid_from is not None and at < valid_from) or (valid_to is not None and at >= valid_to):
        return None
    schedule = profile.charging_schedule
    start = _start(profile, at, origin)
    if start is None:
        return min(schedule.charging_schedule_period, key=lambda period: period.limit)
    offset_s = (at - start).total_seconds()
    if offset_s < 0 or (schedule.duration is not UNSET and offset_s >= schedule.duration):
        return None
    started = [p for p in schedule.charging_schedule_period if p.start_period <= offset_s]
    return started[-1]


def _start(profile: ChargingProfile, at: datetime, origin: datetime | None) -> datetime | None:
    """The instant from which the schedule's periods count."""
    fixed = _instant(profile.charging_schedule.start_schedule)
    if profile.charging_profile_kind == "Relative" or fixed is None:
        return origin
    if profile.charging_profile_kind == "Recurring" and at >= fixed:
        every_s = _recurs_s(profile)
        return fixed + timedelta(seconds=(at - fixed).total_seconds() // every_s * every_s)
    return fixed


def _recurs_s(profile: ChargingProfile) -> int:
    kind = profile.recurrency_kind
    return _RECURS_S["Daily" if kind is UNSET else kind]


def _instant(text: Text) -> datetime | None:
    return None if text is UNSET else read_time(text)


def _to_a(unit: str, period: ChargingSchedulePeriod, voltage_v: float, phases: int) -> float:
    """A is per phase, W the sum over phases; more phases than there are cannot be used."""
    if unit == "A":
        return period.limit
    told = 3 if period.number_phases is UNSET else period.number_phases
    return period.limit / (voltage_v * min(told, phases))


def _changes_s(profiles: Profiles, start: datetime, duration_s: int, session: Session) -> list[int]:
    """Whole seconds inside the window, from 0, at which some profile may begin another limit."""
    found_s = {0.0}
    for entry in profiles:
        profile = entry.profile
        for bound in (_instant(profile.valid_from), _instant(profile.valid_to)):
            if bound is not None:
                found_s.add((bound - start).total_seconds())
        found_s.update(_schedule_changes_s(profile, start, duration_s, session))
    return sorted({math.ceil(at_s) for at_s in found_s if at_s == 0 or 0 < at_s < duration_s})


def _schedule_changes_s(
    profile: ChargingProfile, start: datetime, duration_s: int, session: Session
) -> Iterator[float]:
    origin = _start(profile, start, session.started_at or start)
    if origin is None:
        return
    schedule = profile.charging_schedule
    marks_s = [float(period.start_period) for period in schedule.charging_schedule_period]
    if schedule.duration is not UNSET:
        marks_s.append(float(schedule.duration))
    every_s = _recurs_s(profile) if profile.charging_profile_kind == "Recurring" else None
    turn_s = (origin - start).total_seconds()
    while turn_s < duration_s:
        yield from (turn_s + mark_s for mark_s in marks_s)
        if every_s is None:
            return
        turn_s += every_s
