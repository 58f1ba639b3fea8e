"""The charging profiles that a charge point took."""

import json
from typing import Any

from gateway.records.profiles import (
    ChargingProfiles,
    after_clear,
    after_set,
    after_transaction,
    installed,
)
from tests.unit.records.exchanges import exchange


def profile(profile_id: int, purpose: str = "TxDefaultProfile", level: int = 0) -> dict[str, Any]:
    return {
        "chargingProfileId": profile_id,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
        },
    }


def put(
    record: ChargingProfiles,
    connector_id: int,
    what: dict[str, Any],
    status: str = "Accepted",
) -> ChargingProfiles:
    request = {"connectorId": connector_id, "csChargingProfiles": what}
    return after_set(record, exchange(request, {"status": status}))


def ids(record: ChargingProfiles) -> list[tuple[int, int]]:
    return [
        (held.connector_id, json.loads(bytes(held.profile))["chargingProfileId"])
        for held in record.profiles
    ]


def test_only_an_accepted_profile_is_held() -> None:
    record = put(ChargingProfiles(), 1, profile(1), status="Rejected")
    assert ids(put(record, 1, profile(2))) == [(1, 2)]


def test_the_newer_of_one_stack_level_stands() -> None:
    record = put(put(ChargingProfiles(), 1, profile(1)), 1, profile(2))
    assert ids(record) == [(1, 2)]
    assert [entry.profile.charging_profile_id for entry in installed(record)] == [2]


def test_clearing_by_id_and_clearing_all() -> None:
    record = put(put(ChargingProfiles(), 1, profile(1)), 2, profile(2))
    accepted = {"status": "Accepted"}
    assert ids(after_clear(record, exchange({"id": 1}, accepted))) == [(2, 2)]
    assert ids(after_clear(record, exchange({}, accepted))) == []
    assert after_clear(record, exchange({"id": 9}, {"status": "Unknown"})) is record


def test_a_transaction_takes_its_profiles_along() -> None:
    record = put(put(ChargingProfiles(), 1, profile(1)), 1, profile(2, "TxProfile"))
    after = after_transaction(record, 1)
    assert ids(after) == [(1, 1)]
    assert after_transaction(after, 1) is after


def test_a_profile_that_nobody_can_carry_out_is_not_held() -> None:
    nonsense = profile(1) | {"chargingProfileKind": "Recurring"}
    assert put(ChargingProfiles(), 1, nonsense).profiles == ()
