"""Charging profiles as OCPP 1.6 §3.13 stacks them: the simulation's own reading of it."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.demo.profile_stack import MAX_PERIODS, MAX_STACK_LEVEL, ProfileStack

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
T = NOW.timestamp()
SINCE = T - 600


def profile(*periods: float, **more: Any) -> dict[str, Any]:
    """A TxDefaultProfile from NOW on; ``periods`` are start and limit in turn."""
    schedule: dict[str, Any] = {
        "chargingRateUnit": more.pop("unit", "A"),
        "startSchedule": more.pop("start", NOW).isoformat(),
        "chargingSchedulePeriod": [
            {"startPeriod": start_s, "limit": limit}
            for start_s, limit in zip(periods[::2], periods[1::2], strict=True)
        ],
    }
    if "duration" in more:
        schedule["duration"] = more.pop("duration")
    return {
        "chargingProfileId": more.pop("number", 1),
        "stackLevel": more.pop("level", 0),
        "chargingProfilePurpose": more.pop("purpose", "TxDefaultProfile"),
        "chargingProfileKind": more.pop("kind", "Absolute"),
        "chargingSchedule": schedule,
        **more,
    }


def limit_a(stack: ProfileStack, after_s: float = 0.0, connector_id: int = 1) -> float:
    return stack.limit_a(connector_id, T + after_s, SINCE, 3)


def installed(*profiles: tuple[int, dict[str, Any]]) -> ProfileStack:
    stack = ProfileStack()
    for connector_id, payload in profiles:
        assert stack.install(connector_id, payload, 5)
    return stack


def test_nothing_installed_means_no_limit() -> None:
    assert limit_a(ProfileStack()) == math.inf


def test_periods_follow_each_other_and_the_last_one_stays() -> None:
    stack = installed((0, profile(0, 16, 60, 8)))
    assert [limit_a(stack, after_s) for after_s in (-1, 0, 59, 60, 9999)] == [
        math.inf,
        16,
        16,
        8,
        8,
    ]


def test_a_tx_profile_overrules_the_default_and_falls_back_to_it_when_it_ends() -> None:
    stack = installed(
        (0, profile(0, 6)),
        (1, profile(0, 20, number=2, purpose="TxProfile", duration=100)),
    )
    assert limit_a(stack) == 20
    assert limit_a(stack, 100) == 6
    assert limit_a(stack, connector_id=2) == 6


def test_the_highest_level_that_says_something_counts() -> None:
    stack = installed((0, profile(0, 20)), (0, profile(0, 10, number=2, level=3, duration=50)))
    assert limit_a(stack) == 10
    assert limit_a(stack, 50) == 20


def test_a_connectors_own_default_replaces_that_of_connector_0() -> None:
    stack = installed((0, profile(0, 6, level=5)), (2, profile(0, 12, number=2)))
    assert limit_a(stack, connector_id=1) == 6
    assert limit_a(stack, connector_id=2) == 12


def test_the_same_id_or_the_same_place_replaces() -> None:
    stack = installed((0, profile(0, 6)), (1, profile(0, 7)))
    assert len(stack.installed) == 1
    stack = installed((0, profile(0, 6)), (0, profile(0, 7, number=2)))
    assert len(stack.installed) == 1
    assert limit_a(stack) == 7


def test_validity_bounds_a_profile() -> None:
    stack = installed(
        (
            0,
            profile(
                0,
                6,
                validFrom=(NOW + timedelta(seconds=10)).isoformat(),
                validTo=(NOW + timedelta(seconds=20)).isoformat(),
            ),
        )
    )
    assert [limit_a(stack, after_s) for after_s in (5, 10, 19, 20)] == [math.inf, 6, 6, math.inf]


def test_relative_counts_from_the_start_of_charging() -> None:
    payload = profile(0, 16, 660, 8, kind="Relative")
    del payload["chargingSchedule"]["startSchedule"]
    stack = installed((0, payload))
    assert limit_a(stack, 59) == 16
    assert limit_a(stack, 60) == 8


def test_recurring_comes_back_every_day() -> None:
    stack = installed((0, profile(0, 10, 3600, 20, kind="Recurring", recurrencyKind="Daily")))
    day_s = 86_400
    assert limit_a(stack, 3 * day_s + 10) == 10
    assert limit_a(stack, 3 * day_s + 3600) == 20


def test_watt_is_shared_by_the_conductors_in_use() -> None:
    stack = installed((0, profile(0, 6900, unit="W")))
    assert stack.limit_a(1, T, SINCE, 3) == pytest.approx(10.0)
    assert stack.limit_a(1, T, SINCE, 1) == pytest.approx(30.0)


def test_bends_are_found_in_order() -> None:
    stack = installed((0, profile(0, 16, 60, 8, duration=90)))
    at, found = T, []
    while (at := stack.next_bend(1, at, SINCE)) < math.inf:
        found.append(at - T)
    assert found == [60, 90]


@pytest.mark.parametrize(
    ("connector_id", "payload", "transaction_id"),
    [
        (1, profile(0, 6, purpose="ChargePointMaxProfile"), None),
        (0, profile(0, 6, purpose="TxProfile"), 5),
        (1, profile(0, 6, purpose="TxProfile"), None),
        (1, profile(0, 6, purpose="TxProfile", transactionId=6), 5),
        (0, profile(0, 6, level=MAX_STACK_LEVEL + 1), None),
        (0, profile(*(n for n in range(MAX_PERIODS + 1) for _ in range(2))), None),
    ],
)
def test_what_a_charge_point_must_refuse(
    connector_id: int, payload: dict[str, Any], transaction_id: int | None
) -> None:
    assert not ProfileStack().install(connector_id, payload, transaction_id)


def test_clearing_takes_all_that_matches_and_says_whether_something_did() -> None:
    stack = installed(
        (0, profile(0, 6)),
        (1, profile(0, 7, number=2, level=1)),
        (2, profile(0, 8, number=3, level=1)),
    )
    assert stack.clear(stack_level=1, connector_id=2)
    assert not stack.clear(profile_id=99)
    assert stack.clear(purpose="TxDefaultProfile")
    assert stack.installed == []


def test_the_end_of_a_transaction_takes_its_profiles_only() -> None:
    stack = installed((0, profile(0, 6)), (1, profile(0, 9, number=2, purpose="TxProfile")))
    stack.end_transaction(1)
    assert [entry.profile_id for entry in stack.installed] == [1]
