"""Schedules: what the profiles allow, instant by instant."""

import pytest

from gateway.ocpp.v16.installed_profiles import Profiles
from gateway.ocpp.v16.schedules import Session, charge_point_limit_a, limit_a
from tests.unit.ocpp.v16.profiles import NOON, after, with_profile


def _limit(
    profiles: Profiles, after_s: float, started_s: float | None = 0.0, phases: int = 3
) -> float | None:
    started_at = None if started_s is None else after(started_s)
    return limit_a(profiles, 1, after(after_s), Session(started_at, 7, 230.0, phases))


def test_without_profiles_nothing_limits() -> None:
    assert _limit((), 0) is None
    assert charge_point_limit_a((), NOON, 230.0) is None


def test_periods_follow_each_other_and_the_last_holds() -> None:
    profiles = with_profile((), 1, "TxDefaultProfile", (0, 16), (60, 10))
    assert [_limit(profiles, s) for s in (-1, 0, 59, 60, 1e7)] == [None, 16.0, 16.0, 10.0, 10.0]


def test_a_profile_for_the_transaction_beats_every_default() -> None:
    profiles = with_profile((), 0, "TxDefaultProfile", (0, 32), stackLevel=9)
    profiles = with_profile(profiles, 1, "TxDefaultProfile", (0, 20))
    assert _limit(profiles, 1) == 20.0
    profiles = with_profile(profiles, 1, "TxProfile", (0, 25), transactionId=7)
    assert _limit(profiles, 1) == 25.0
    assert _limit(profiles, 1, started_s=None) == 20.0
    assert limit_a(profiles, 1, after(1), Session(NOON, 8, 230.0, 3)) == 20.0
    assert limit_a(profiles, 1, after(1), Session(NOON, None, 230.0, 3)) == 20.0
    assert limit_a(profiles, 2, after(1), Session(NOON, 7, 230.0, 3)) == 32.0


def test_the_highest_level_that_has_a_value_wins() -> None:
    profiles = with_profile((), 1, "TxDefaultProfile", (0, 16))
    profiles = with_profile(
        profiles, 1, "TxDefaultProfile", (0, 8), stackLevel=1, schedule={"duration": 100}
    )
    profiles = with_profile(
        profiles, 1, "TxDefaultProfile", (0, 6), stackLevel=2, validTo="2026-08-01T12:00:30Z"
    )
    profiles = with_profile(
        profiles, 1, "TxDefaultProfile", (0, 7), stackLevel=3, validFrom="2026-08-01T12:05:00Z"
    )
    assert [_limit(profiles, s) for s in (0, 30, 99, 100, 300)] == [6.0, 8.0, 8.0, 16.0, 7.0]


def test_a_relative_schedule_begins_with_the_transaction() -> None:
    profiles = with_profile(
        (), 1, "TxDefaultProfile", (0, 16), (60, 10), chargingProfileKind="Relative"
    )
    assert _limit(profiles, 100, started_s=50) == 16.0
    assert _limit(profiles, 110, started_s=50) == 10.0
    assert _limit(profiles, 1e6, started_s=None) == 16.0


@pytest.mark.parametrize(("recurrence", "days"), [("Daily", 1), ("Weekly", 7)])
def test_a_recurring_schedule_begins_anew(recurrence: str, days: int) -> None:
    profiles = with_profile(
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
    three = with_profile((), 1, "TxDefaultProfile", (0, 6900), unit="W")
    assert _limit(three, 1) == pytest.approx(10.0)
    assert _limit(three, 1, phases=1) == pytest.approx(30.0)
    one = with_profile((), 1, "TxDefaultProfile", (0, 6900), unit="W", phases=1)
    assert _limit(one, 1) == pytest.approx(30.0)


def test_the_charge_points_limit_is_for_all_of_it() -> None:
    profiles = with_profile((), 0, "ChargePointMaxProfile", (0, 13800), unit="W")
    assert charge_point_limit_a(profiles, after(1), 230.0) == pytest.approx(20.0)
    assert charge_point_limit_a(profiles, after(-1), 230.0) is None
    assert _limit(profiles, 1) is None
    relative = with_profile(
        (), 0, "ChargePointMaxProfile", (0, 32), (60, 10), (90, 20), chargingProfileKind="Relative"
    )
    assert charge_point_limit_a(relative, NOON, 230.0) == 10.0


def test_a_gap_of_the_profile_for_the_transaction_uncovers_the_default() -> None:
    profiles = with_profile((), 0, "TxDefaultProfile", (0, 32))
    profiles = with_profile(
        profiles, 1, "TxDefaultProfile", (0, 20), validTo="2026-08-01T12:02:00Z"
    )
    profiles = with_profile(profiles, 1, "TxProfile", (0, 25), schedule={"duration": 60})
    assert [_limit(profiles, s) for s in (59, 60, 119, 120)] == [25.0, 20.0, 20.0, 32.0]


def test_validity_is_exact_to_the_fraction_of_a_second() -> None:
    profiles = with_profile(
        (),
        1,
        "TxDefaultProfile",
        (0, 16),
        validFrom="2026-08-01T12:00:00.250Z",
        validTo="2026-08-01T12:00:00.750Z",
    )
    fractions_s = (0.249999, 0.25, 0.749999, 0.75)
    assert [_limit(profiles, s) for s in fractions_s] == [None, 16.0, 16.0, None]


def test_periods_beyond_the_duration_or_the_recurrence_are_not_executed() -> None:
    cut = with_profile((), 1, "TxDefaultProfile", (0, 16), (60, 10), schedule={"duration": 60})
    assert [_limit(cut, s) for s in (59, 60)] == [16.0, None]
    empty = with_profile((), 1, "TxDefaultProfile", (0, 16), schedule={"duration": 0})
    assert _limit(empty, 0) is None
    daily = with_profile(
        (),
        1,
        "TxDefaultProfile",
        (0, 16),
        (90_000, 10),
        chargingProfileKind="Recurring",
        recurrencyKind="Daily",
        schedule={"duration": 200_000},
    )
    assert [_limit(daily, s) for s in (86_399, 86_400, 90_000, 1e6)] == [16.0] * 4


def test_a_recurring_schedule_says_nothing_before_its_first_start() -> None:
    profiles = with_profile(
        (),
        1,
        "TxDefaultProfile",
        (0, 16),
        chargingProfileKind="Recurring",
        recurrencyKind="Daily",
        schedule={"startSchedule": "2030-01-01T00:00:00Z"},
    )
    assert _limit(profiles, 0) is None


def test_an_absolute_schedule_without_a_start_begins_with_the_transaction() -> None:
    profiles = with_profile(
        (), 1, "TxDefaultProfile", (0, 16), (60, 10), without=("startSchedule",)
    )
    assert _limit(profiles, 100, started_s=50) == 16.0
    assert _limit(profiles, 110, started_s=50) == 10.0
    assert _limit(profiles, 100, started_s=200) == 16.0  # the clock went back since


def test_a_limit_for_more_phases_than_there_are_is_used_as_it_is() -> None:
    ampere = with_profile((), 1, "TxDefaultProfile", (0, 16), phases=3)
    assert _limit(ampere, 1, phases=1) == 16.0
    watt = with_profile((), 1, "TxDefaultProfile", (0, 3680), unit="W", phases=3)
    assert _limit(watt, 1, phases=1) == pytest.approx(16.0)
    assert _limit(watt, 1, phases=2) == pytest.approx(8.0)


def test_the_charge_points_watts_are_for_the_phases_that_it_has() -> None:
    profiles = with_profile((), 0, "ChargePointMaxProfile", (0, 6900), unit="W")
    assert charge_point_limit_a(profiles, after(1), 230.0, 1) == pytest.approx(30.0)
    assert charge_point_limit_a(profiles, after(1), 230.0, 3) == pytest.approx(10.0)


def test_a_charge_point_has_no_start_of_charging_to_count_a_duration_from() -> None:
    profiles = with_profile(
        (),
        0,
        "ChargePointMaxProfile",
        (0, 32),
        (60, 10),
        chargingProfileKind="Relative",
        schedule={"duration": 30},
        validTo="2026-08-01T13:00:00Z",
    )
    assert [charge_point_limit_a(profiles, after(s), 230.0) for s in (0, 3599, 3600)] == [
        10.0,
        10.0,
        None,
    ]


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
    assert _limit(profiles, 0) == 16.0
