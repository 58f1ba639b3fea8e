"""Composite schedules: the window to come, cut into whole seconds without ever erring high."""

import math
from typing import Any

import msgspec
import pytest

from gateway.ocpp.schema import Direction, violations
from gateway.ocpp.v16.composite import (
    MAX_STRETCHES,
    MAX_WINDOW_S,
    Composite,
    Stretch,
    composite,
    composite_response,
)
from gateway.ocpp.v16.installed_profiles import Profiles
from gateway.ocpp.v16.messages import encode
from gateway.ocpp.v16.schedules import Session
from tests.unit.ocpp.v16.profiles import NOON, after, with_profile

IDLE = Session(None, None, 230.0, 3, upper_a=32.0)
CHARGING = Session(NOON, 7, 230.0, 3, upper_a=32.0)
SINGLE = Session(None, None, 230.0, 1, upper_a=32.0)


def _found(
    profiles: Profiles,
    after_s: float = 0.0,
    duration_s: int = 300,
    session: Session = CHARGING,
    unit: str = "A",
) -> list[tuple[int, float]]:
    return _pairs(composite(profiles, 1, after(after_s), duration_s, {1: session}, unit))


def _whole(
    profiles: Profiles, *sessions: Session, unit: str = "A", upper_a: float = math.inf
) -> list[tuple[int, float]]:
    connectors = dict(enumerate(sessions, 1))
    return _pairs(composite(profiles, 0, NOON, 300, connectors, unit, upper_a))


def _pairs(found: Composite) -> list[tuple[int, float]]:
    return [(stretch.start_s, stretch.limit) for stretch in found.stretches]


def test_it_is_the_lowest_of_all_and_changes_where_they_do() -> None:
    profiles = with_profile((), 1, "TxProfile", (0, 16), (100, 10), (200, 40))
    profiles = with_profile(profiles, 0, "ChargePointMaxProfile", (0, 33), (150, 8), (160, 18))
    expected = [(0, 16.0), (50, 10.0), (100, 8.0), (110, 10.0), (150, 18.0)]
    assert _found(profiles, after_s=50) == expected


def test_a_recurring_schedule_shows_every_day() -> None:
    profiles = with_profile(
        (),
        1,
        "TxDefaultProfile",
        (0, 16),
        (3600, 10),
        chargingProfileKind="Recurring",
        recurrencyKind="Daily",
    )
    assert _found(profiles, after_s=1800, duration_s=2 * 86400) == [
        (0, 16.0),
        (1800, 10.0),
        (84600, 16.0),
        (88200, 10.0),
        (171000, 16.0),
    ]


def test_a_second_shows_the_lowest_limit_anywhere_in_it() -> None:
    profiles = with_profile((), 1, "TxDefaultProfile", (0, 16))
    profiles = with_profile(
        profiles,
        1,
        "TxProfile",
        (0, 6),
        validFrom="2026-08-01T12:00:10.400Z",
        validTo="2026-08-01T12:00:20.400Z",
    )
    assert _found(profiles) == [(0, 16.0), (10, 6.0), (21, 16.0)]
    assert _found(profiles, after_s=0.4) == [(0, 16.0), (10, 6.0), (20, 16.0)]
    assert _found(profiles, after_s=0.5) == [(0, 16.0), (9, 6.0), (20, 16.0)]


def test_a_dip_within_one_second_is_not_lost() -> None:
    profiles = with_profile((), 1, "TxDefaultProfile", (0, 16))
    profiles = with_profile(
        profiles,
        1,
        "TxDefaultProfile",
        (0, 6),
        stackLevel=1,
        validFrom="2026-08-01T12:00:10.400Z",
        validTo="2026-08-01T12:00:10.401Z",
    )
    assert _found(profiles) == [(0, 16.0), (10, 6.0), (11, 16.0)]


def test_a_start_is_told_as_exactly_as_it_was_used() -> None:
    found = composite((), 1, after(0.0012), 60, {1: IDLE})
    assert found.start == after(0.001)
    assert composite_response(found).schedule_start == "2026-08-01T12:00:00.001Z"


def test_without_a_transaction_charging_is_taken_to_begin_with_the_window() -> None:
    profiles = with_profile(
        (), 1, "TxDefaultProfile", (0, 16), (60, 10), chargingProfileKind="Relative"
    )
    assert _found(profiles, after_s=30, session=IDLE) == [(0, 16.0), (60, 10.0)]
    assert _found(profiles, after_s=30, session=CHARGING) == [(0, 16.0), (30, 10.0)]


def test_connector_0_is_the_sum_under_the_charge_points_limit() -> None:
    profiles = with_profile((), 0, "TxDefaultProfile", (0, 16), (100, 20))
    profiles = with_profile(profiles, 2, "TxDefaultProfile", (0, 10), (200, 12))
    assert _whole(profiles, IDLE, IDLE) == [(0, 26.0), (100, 30.0), (200, 32.0)]
    profiles = with_profile(profiles, 0, "ChargePointMaxProfile", (0, 50), (150, 28))
    assert _whole(profiles, IDLE, IDLE) == [(0, 26.0), (100, 30.0), (150, 28.0)]
    assert _whole(profiles, IDLE, IDLE, upper_a=20.0) == [(0, 20.0)]
    assert _whole(profiles) == [(0, 0.0)]


def test_connector_0_adds_up_the_watts_of_connectors_with_unlike_phases() -> None:
    profiles = with_profile((), 0, "TxDefaultProfile", (0, 10))
    assert _whole(profiles, IDLE, SINGLE, unit="W") == [(0, 6900.0 + 2300.0)]
    assert _whole((), IDLE, SINGLE, unit="W") == [(0, 22080.0 + 7360.0)]


def test_units_are_converted_before_they_are_compared() -> None:
    profiles = with_profile((), 1, "TxDefaultProfile", (0, 6900), (100, 16560), unit="W")
    profiles = with_profile(profiles, 0, "ChargePointMaxProfile", (0, 20))
    assert _found(profiles) == [(0, 10.0), (100, 20.0)]
    assert _found(profiles, unit="W") == [(0, 6900.0), (100, 13800.0)]


def test_a_limit_in_watt_is_told_in_watt_as_it_was_set() -> None:
    profiles = with_profile((), 1, "TxDefaultProfile", (0, 7001.3), unit="W", phases=1)
    assert _found(profiles, unit="W") == [(0, 7001.3)]


def test_a_window_without_profiles_or_without_length_still_has_a_limit() -> None:
    found = composite((), 1, NOON, 2**40, {1: IDLE})
    assert (found.duration_s, found.stretches) == (MAX_WINDOW_S, (Stretch(0, 32.0),))
    found = composite((), 1, NOON, 0, {1: IDLE})
    assert (found.duration_s, found.stretches) == (0, (Stretch(0, 32.0),))
    free = Session(None, None, 230.0, 3)
    assert _found((), session=free) == [(0, math.inf)]
    assert _found((), session=free, unit="W") == [(0, math.inf)]


def _daily(*periods: tuple[int, float], level: int = 0, **schedule: Any) -> Profiles:
    return with_profile(
        (),
        1,
        "TxDefaultProfile",
        *periods,
        chargingProfileKind="Recurring",
        recurrencyKind="Daily",
        stackLevel=level,
        schedule=schedule,
    )


def test_an_answer_that_would_grow_too_long_reaches_less_far_and_says_so() -> None:
    profiles = _daily(*((60 * i, 6.0 + i % 2) for i in range(500)))
    found = composite(profiles, 1, NOON, MAX_WINDOW_S, {1: IDLE})
    assert len(found.stretches) == MAX_STRETCHES
    assert found.duration_s == 2 * 86_400
    assert found.stretches[-1] == Stretch(86_400 + 60 * 499, 7.0)


def test_an_answer_ends_early_too_where_much_happens_below_the_surface() -> None:
    profiles = _daily(*((i, 40.0 + i % 2) for i in range(500)))
    for level in range(1, 20):
        start = f"2026-08-01T12:{10 * level // 60:02}:{10 * level % 60:02}Z"
        profiles += _daily(
            *((i, 40.0 + i % 2) for i in range(500)),
            level=level,
            startSchedule=start,
            duration=600,
        )
    found = composite(profiles, 1, NOON, MAX_WINDOW_S, {1: IDLE})
    assert found.stretches == (Stretch(0, 32.0),)
    assert 86_400 < found.duration_s < MAX_WINDOW_S


@pytest.mark.parametrize(("unit", "limit"), [("A", 16.6), ("W", 11500.0)])
def test_the_answer_is_what_ocpp_allows_and_rounds_down(unit: str, limit: float) -> None:
    session = Session(None, None, 230.0, 3, upper_a=50 / 3)
    found = composite((), 1, NOON, 2**40, {1: session}, unit)
    payload = encode(composite_response(found))
    assert violations("GetCompositeSchedule", Direction.RESPONSE, payload) == []
    schedule = msgspec.json.decode(payload)["chargingSchedule"]
    assert schedule["chargingSchedulePeriod"][0]["limit"] == limit
    assert schedule["duration"] == MAX_WINDOW_S
    assert "startSchedule" not in schedule


def test_hostile_instants_do_not_overflow() -> None:
    profiles = with_profile(
        (),
        1,
        "TxDefaultProfile",
        (0, 16),
        (2**62, 10),
        schedule={"startSchedule": "0001-01-02T00:00:00Z", "duration": 2**62},
        validTo="9999-12-31T23:59:59Z",
    )
    assert _found(profiles) == [(0, 16.0)]
