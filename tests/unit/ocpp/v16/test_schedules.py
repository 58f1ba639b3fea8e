"""Schedules: what the profiles allow, instant by instant."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from gateway.ocpp.schema import Direction, violations
from gateway.ocpp.v16.installed_profiles import Profiles, install
from gateway.ocpp.v16.messages import encode
from gateway.ocpp.v16.schedules import (
    MAX_WINDOW_S,
    Session,
    Stretch,
    charge_point_limit_a,
    composite,
    composite_response,
    limit_a,
)

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)
_NUMBERS = iter(range(1, 10_000))
IDLE = Session(None, None, 230.0, 3)


def _after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def _with(
    profiles: Profiles,
    connector_id: int,
    purpose: str,
    *periods: tuple[int, float],
    unit: str = "A",
    schedule: dict[str, Any] | None = None,
    phases: int | None = None,
    **more: Any,
) -> Profiles:
    count = {} if phases is None else {"numberPhases": phases}
    profile = {
        "chargingProfileId": next(_NUMBERS),
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "startSchedule": "2026-08-01T12:00:00Z",
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [
                {"startPeriod": start, "limit": limit} | count for start, limit in periods
            ],
        }
        | (schedule or {}),
    }
    return install(profiles, connector_id, msgspec.json.encode(profile | more))


def _limit(
    profiles: Profiles, after_s: float, started_s: float | None = 0.0, phases: int = 3
) -> float | None:
    started_at = None if started_s is None else _after(started_s)
    return limit_a(profiles, 1, _after(after_s), started_at, 7, 230.0, phases)


def test_without_profiles_nothing_limits() -> None:
    assert _limit((), 0) is None
    assert charge_point_limit_a((), NOON, 230.0) is None


def test_periods_follow_each_other_and_the_last_holds() -> None:
    profiles = _with((), 1, "TxDefaultProfile", (0, 16), (60, 10))
    assert [_limit(profiles, s) for s in (-1, 0, 59, 60, 1e7)] == [None, 16.0, 16.0, 10.0, 10.0]


def test_a_profile_for_the_transaction_beats_every_default() -> None:
    profiles = _with((), 0, "TxDefaultProfile", (0, 32), stackLevel=9)
    profiles = _with(profiles, 1, "TxDefaultProfile", (0, 20))
    assert _limit(profiles, 1) == 20.0
    profiles = _with(profiles, 1, "TxProfile", (0, 25), transactionId=7)
    assert _limit(profiles, 1) == 25.0
    assert _limit(profiles, 1, started_s=None) == 20.0
    assert limit_a(profiles, 1, _after(1), NOON, 8, 230.0, 3) == 20.0
    assert limit_a(profiles, 1, _after(1), NOON, None, 230.0, 3) == 20.0
    assert limit_a(profiles, 2, _after(1), NOON, 7, 230.0, 3) == 32.0


def test_the_highest_level_that_has_a_value_wins() -> None:
    profiles = _with((), 1, "TxDefaultProfile", (0, 16))
    profiles = _with(
        profiles, 1, "TxDefaultProfile", (0, 8), stackLevel=1, schedule={"duration": 100}
    )
    profiles = _with(
        profiles, 1, "TxDefaultProfile", (0, 6), stackLevel=2, validTo="2026-08-01T12:00:30Z"
    )
    profiles = _with(
        profiles, 1, "TxDefaultProfile", (0, 7), stackLevel=3, validFrom="2026-08-01T12:05:00Z"
    )
    assert [_limit(profiles, s) for s in (0, 30, 99, 100, 300)] == [6.0, 8.0, 8.0, 16.0, 7.0]


def test_a_relative_schedule_begins_with_the_transaction() -> None:
    profiles = _with((), 1, "TxDefaultProfile", (0, 16), (60, 10), chargingProfileKind="Relative")
    assert _limit(profiles, 100, started_s=50) == 16.0
    assert _limit(profiles, 110, started_s=50) == 10.0
    assert _limit(profiles, 1e6, started_s=None) == 16.0


@pytest.mark.parametrize(("recurrence", "days"), [("Daily", 1), ("Weekly", 7)])
def test_a_recurring_schedule_begins_anew(recurrence: str, days: int) -> None:
    profiles = _with(
        (),
        1,
        "TxDefaultProfile",
        (0, 16),
        (3600, 10),
        chargingProfileKind="Recurring",
        recurrencyKind=recurrence,
        schedule={"duration": 7200},
    )
    turn_s = days * 86400
    offsets_s = (-1, 0, 3600, 7200, turn_s - 1, turn_s, turn_s + 3600, turn_s + 7200)
    assert [_limit(profiles, s) for s in offsets_s] == [
        *(None, 16.0, 10.0, None),
        *(None, 16.0, 10.0, None),
    ]


def test_watts_are_divided_by_the_phases_that_can_be_used() -> None:
    three = _with((), 1, "TxDefaultProfile", (0, 6900), unit="W")
    assert _limit(three, 1) == pytest.approx(10.0)
    assert _limit(three, 1, phases=1) == pytest.approx(30.0)
    one = _with((), 1, "TxDefaultProfile", (0, 6900), unit="W", phases=1)
    assert _limit(one, 1) == pytest.approx(30.0)


def test_the_charge_points_limit_is_for_all_of_it() -> None:
    profiles = _with((), 0, "ChargePointMaxProfile", (0, 13800), unit="W")
    assert charge_point_limit_a(profiles, _after(1), 230.0) == pytest.approx(20.0)
    assert charge_point_limit_a(profiles, _after(-1), 230.0) is None
    assert _limit(profiles, 1) is None
    relative = _with(
        (), 0, "ChargePointMaxProfile", (0, 32), (60, 10), (90, 20), chargingProfileKind="Relative"
    )
    assert charge_point_limit_a(relative, NOON, 230.0) == 10.0


def test_the_composite_is_the_lowest_of_all_and_changes_where_they_do() -> None:
    profiles = _with((), 1, "TxProfile", (0, 16), (100, 10), (200, 20))
    profiles = _with(profiles, 0, "ChargePointMaxProfile", (0, 32), (150, 8), (160, 18))
    charging = Session(NOON, 7, 230.0, 3)
    found = composite(profiles, 1, _after(50), 300, charging, lambda at: 17.0)
    assert found == (
        Stretch(0, 16.0),
        Stretch(50, 10.0),
        Stretch(100, 8.0),
        Stretch(110, 10.0),
        Stretch(150, 17.0),
    )
    whole = composite(profiles, 0, _after(50), 300, charging, lambda at: 30.0)
    assert whole == (Stretch(0, 30.0), Stretch(100, 8.0), Stretch(110, 18.0))


def test_a_recurring_schedule_shows_in_the_composite_every_day() -> None:
    profiles = _with(
        (),
        1,
        "TxDefaultProfile",
        (0, 16),
        (3600, 10),
        chargingProfileKind="Recurring",
        recurrencyKind="Daily",
    )
    found = composite(profiles, 1, _after(1800), 2 * 86400, IDLE, lambda at: 32.0)
    assert [(stretch.start_s, stretch.limit_a) for stretch in found] == [
        (0, 16.0),
        (1800, 10.0),
        (84600, 16.0),
        (88200, 10.0),
        (171000, 16.0),
    ]


def test_a_window_without_profiles_or_without_length_still_has_a_limit() -> None:
    assert composite((), 1, NOON, 2**40, IDLE, lambda at: 16.0) == (Stretch(0, 16.0),)
    assert composite((), 1, NOON, 0, IDLE, lambda at: 16.0) == (Stretch(0, 16.0),)


@pytest.mark.parametrize(("unit", "limit"), [("A", 16.6), ("W", 11500.0)])
def test_the_answer_is_what_ocpp_allows_and_rounds_down(unit: str, limit: float) -> None:
    stretches = (Stretch(0, 50 / 3),)
    answer = composite_response(1, NOON, 2**40, stretches, IDLE, unit)
    payload = encode(answer)
    assert violations("GetCompositeSchedule", Direction.RESPONSE, payload) == []
    schedule = msgspec.json.decode(payload)["chargingSchedule"]
    assert schedule["chargingSchedulePeriod"][0]["limit"] == limit
    assert schedule["duration"] == MAX_WINDOW_S
    assert "startSchedule" not in schedule


def test_hostile_instants_do_not_overflow() -> None:
    profiles = _with(
        (),
        1,
        "TxDefaultProfile",
        (0, 16),
        (2**62, 10),
        schedule={"startSchedule": "0001-01-02T00:00:00Z", "duration": 2**62},
        validTo="9999-12-31T23:59:59Z",
    )
    assert _limit(profiles, 0) == 16.0
    assert composite(profiles, 1, NOON, 600, IDLE, lambda at: 32.0) == (Stretch(0, 16.0),)
