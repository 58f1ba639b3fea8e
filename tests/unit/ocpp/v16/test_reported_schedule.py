"""Reports: what charge points say of their schedules, held against their profiles."""

from typing import Any

import msgspec
import pytest

from gateway.ocpp.v16.installed_profiles import Profiles
from gateway.ocpp.v16.reported_schedule import Asked, disagreements
from gateway.ocpp.v16.schedules import Session
from tests.unit.ocpp.v16.profiles import NOON, with_profile

CHARGING = Session(NOON, 7, 230.0, 3)
LEASE = with_profile((), 1, "TxProfile", (0, 16), (120, 6))


def _report(*periods: tuple[int, float], unit: str = "A", **more: Any) -> bytes:
    schedule = {
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [
            {"startPeriod": start_s, "limit": limit} for start_s, limit in periods
        ],
    } | more.pop("schedule", {})
    told = {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": "2026-08-01T12:00:00Z",
        "chargingSchedule": schedule,
    }
    return msgspec.json.encode(told | more)


def _found(
    answer: bytes,
    profiles: Profiles = LEASE,
    connector_id: int = 1,
    duration_s: int = 300,
    session: Session = CHARGING,
) -> tuple[str, ...]:
    asked = Asked(connector_id, duration_s, NOON)
    return disagreements(answer, asked, profiles, {1: session})


def test_a_charge_point_that_does_as_it_was_told_is_agreed_with() -> None:
    assert _found(_report((0, 16), (120, 6))) == ()
    assert _found(_report((0, 11040), (120, 4140), unit="W")) == ()


def test_it_says_from_which_second_which_limit_differs() -> None:
    assert _found(_report((0, 16))) == (
        "from second 120 to 300 it reports 16.0 A where its profiles allow 6.0 A",
    )
    assert _found(_report((0, 11040), unit="W")) == (
        "from second 120 to 300 it reports 11040.0 W where its profiles allow 4140.0 W",
    )
    assert _found(_report((0, 13), (60, 16), (120, 6))) == (
        "from second 0 to 60 it reports 13.0 A where its profiles allow 16.0 A",
    )


@pytest.mark.parametrize("periods", [[(0, -1.0)], []])
def test_a_negative_limit_and_no_limit_at_all_mean_no_limit(
    periods: list[tuple[int, float]],
) -> None:
    assert _found(_report(*periods)) == (
        "from second 0 to 120 it reports no limit where its profiles allow 16.0 A",
        "from second 120 to 300 it reports no limit where its profiles allow 6.0 A",
    )
    assert _found(_report(*periods), profiles=()) == ()


def test_rounding_and_a_few_seconds_are_no_disagreement() -> None:
    assert _found(_report((0, 15.9), (120, 6.1))) == ()
    assert _found(_report((0, 16), (117, 6))) == ()
    assert _found(_report((0, 16), (125, 6))) == ()
    assert _found(_report((0, 16), (126, 6))) != ()
    assert _found(_report((0, 10980), (120, 4140), unit="W")) == ()
    assert _found(_report((0, 10900), (120, 4140), unit="W")) != ()


def test_a_window_shorter_than_the_tolerance_is_still_compared() -> None:
    assert _found(_report((0, 10)), duration_s=3) == (
        "from second 0 to 3 it reports 10.0 A where its profiles allow 16.0 A",
    )


def test_periods_count_from_the_start_that_is_reported() -> None:
    earlier = {"scheduleStart": "2026-08-01T11:59:00Z"}
    assert _found(_report((0, 16), (180, 6), **earlier)) == ()
    stated: dict[str, Any] = {"schedule": {"startSchedule": "2026-08-01T11:59:00Z"}}
    assert _found(_report((0, 16), (180, 6), scheduleStart=None, **stated)) == ()
    assert _found(_report((0, 16), (120, 6), **stated)) == ()
    unclear = {"scheduleStart": "some day"}
    assert _found(_report((0, 16), (120, 6), **unclear)) == ()
    other_day = {"scheduleStart": "2026-08-02T12:00:00Z"}
    assert _found(_report((0, 16), (120, 6), **other_day)) == (
        "its schedule begins +86400 s from the request, and misses it",
    )


def test_what_was_not_reported_is_not_judged() -> None:
    assert _found(_report((0, 16), schedule={"duration": 100})) == ()
    assert _found(_report((0, 16), schedule={"duration": 0})) != ()


def test_a_charge_point_may_hold_itself_to_what_it_can() -> None:
    weak = Session(NOON, 7, 230.0, 3, upper_a=10.0)
    assert _found(_report((0, 10), (120, 6)), session=weak) == ()
    assert _found(_report((0, 9), (120, 6)), session=weak) != ()
    assert _found(_report((0, 16), (120, 6)), session=weak) == ()
    assert _found(_report((0, 17), (120, 6)), session=weak) != ()


def test_connector_0_is_held_against_the_sum() -> None:
    profiles = with_profile((), 0, "TxDefaultProfile", (0, 6))
    asked = Asked(0, 60, NOON)
    both = {1: CHARGING, 2: CHARGING}
    assert disagreements(_report((0, 12)), asked, profiles, both) == ()
    assert disagreements(_report((0, 6)), asked, profiles, both) == (
        "from second 0 to 60 it reports 6.0 A where its profiles allow 12.0 A",
    )


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b'{"status":"Rejected"}', "it reports no schedule: Rejected"),
        (b"{}", "its answer cannot be read: status is missing"),
        (_report((0, 16), unit="V"), "it reports in 'V', which is neither A nor W"),
    ],
)
def test_what_is_no_schedule_is_said_to_be_none(answer: bytes, sentence: str) -> None:
    assert _found(answer) == (sentence,)


def test_a_connector_that_nobody_knows_is_named() -> None:
    assert _found(_report((0, 16)), connector_id=9) == (
        "it reports for connector 9, which nobody knows",
    )


def test_many_differences_are_counted() -> None:
    answer = _report(*((10 * i, 30.0 + i) for i in range(12)))
    sentences = _found(answer)
    assert len(sentences) == 6
    assert sentences[-1] == "and 8 more such stretches"
