"""Timetables: which period is in force, and until when."""

from typing import Any

from gateway.ocpp.v16.timetable import FOREVER_US, SECOND_US, Timetable, micros
from tests.unit.ocpp.v16.profiles import NOON, after, with_profile

NOON_US = micros(NOON)


def _walk(
    times: Timetable, began_s: float = 0.0, from_s: float = -10.0
) -> list[tuple[float, float]]:
    """(second after noon, limit; -1 for a gap) from change to change, five of them at most."""
    seen: list[tuple[float, float]] = []
    at_us = micros(after(from_s))
    while at_us < FOREVER_US and len(seen) < 5:
        period, until_us = times.at(at_us, micros(after(began_s)))
        assert until_us > at_us
        second = (at_us - NOON_US) / SECOND_US
        seen.append((second, -1.0 if period is None else period.limit))
        at_us = until_us
    return seen


def _times(
    *periods: tuple[int, float], purpose: str = "TxDefaultProfile", **more: Any
) -> Timetable:
    return with_profile((), 0, purpose, *periods, **more)[-1].timetable


def test_an_instant_is_counted_without_rounding() -> None:
    assert micros(after(0.000001)) - NOON_US == 1
    assert micros(after(-0.25)) - NOON_US == -250_000


def test_it_leads_from_change_to_change() -> None:
    times = _times((0, 16), (60, 10), schedule={"duration": 90})
    assert _walk(times) == [(-10, -1), (0, 16), (60, 10), (90, -1)]


def test_validity_cuts_into_periods() -> None:
    times = _times(
        (0, 16),
        (60, 10),
        validFrom="2026-08-01T12:00:00.250Z",
        validTo="2026-08-01T12:01:30.500Z",
    )
    assert _walk(times) == [(-10, -1), (0.25, 16), (60, 10), (90.5, -1)]


def test_a_span_that_recurs_begins_anew_after_its_gap() -> None:
    times = _times(
        (0, 16),
        (90_000, 10),
        chargingProfileKind="Recurring",
        recurrencyKind="Daily",
        schedule={"duration": 80_000},
    )
    assert _walk(times, from_s=3 * 86_400) == [
        (259_200, 16),
        (339_200, -1),
        (345_600, 16),
        (425_600, -1),
        (432_000, 16),
    ]


def test_a_relative_schedule_counts_from_the_start_of_charging_whatever_start_it_names() -> None:
    times = _times((0, 16), (60, 10), chargingProfileKind="Relative")
    assert _walk(times, began_s=5) == [(-10, -1), (5, 16), (65, 10)]


def test_recurrency_without_recurring_means_nothing() -> None:
    times = _times((0, 16), recurrencyKind="Daily", schedule={"duration": 60})
    assert _walk(times) == [(-10, -1), (0, 16), (60, -1)]


def test_a_charge_point_holds_its_lowest_limit_while_nobody_can_say_where_it_stands() -> None:
    times = _times(
        (0, 16),
        (60, 10),
        (90, 20),
        purpose="ChargePointMaxProfile",
        chargingProfileKind="Relative",
        schedule={"duration": 100},
        validTo="2026-08-01T12:10:00Z",
    )
    assert _walk(times) == [(-10, 10), (600, -1)]
