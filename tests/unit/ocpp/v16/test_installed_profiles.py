"""Installed profiles: what replaces what, and what is refused."""

from typing import Any

import msgspec
import pytest

from gateway.errors import ProtocolViolation
from gateway.ocpp.v16.installed_profiles import (
    MAX_PROFILES,
    Profiles,
    bound,
    clear,
    end_transaction,
    install,
    restore,
)


def _profile(
    profile_id: int, purpose: str = "TxDefaultProfile", level: int = 0, **more: Any
) -> bytes:
    schedule = {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}],
    }
    return msgspec.json.encode(
        {
            "chargingProfileId": profile_id,
            "stackLevel": level,
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Absolute",
            "chargingSchedule": schedule | more.pop("schedule", {}),
        }
        | more
    )


def _ids(profiles: Profiles) -> list[int]:
    return [entry.profile.charging_profile_id for entry in profiles]


def test_the_same_id_replaces_wherever_it_was() -> None:
    profiles = install((), 1, _profile(1))
    profiles = install(profiles, 0, _profile(1, "ChargePointMaxProfile", 3))
    assert [(entry.connector_id, entry.purpose) for entry in profiles] == [
        (0, "ChargePointMaxProfile")
    ]


def test_the_same_purpose_level_and_connector_replaces() -> None:
    profiles = install((), 1, _profile(1))
    profiles = install(profiles, 2, _profile(2))
    profiles = install(profiles, 1, _profile(3, level=1))
    profiles = install(profiles, 1, _profile(4, "TxProfile"))
    assert _ids(profiles) == [1, 2, 3, 4]
    assert _ids(install(profiles, 1, _profile(5))) == [2, 3, 4, 5]


def test_clearing_asks_for_all_given_fields_and_an_id_wins() -> None:
    profiles = install((), 1, _profile(1))
    profiles = install(profiles, 1, _profile(2, level=1))
    profiles = install(profiles, 0, _profile(3))
    assert _ids(clear(profiles, connector_id=1, stack_level=1)[0]) == [1, 3]
    assert _ids(clear(profiles, connector_id=0)[0]) == [1, 2]
    assert _ids(clear(profiles, purpose="TxDefaultProfile")[0]) == []
    assert _ids(clear(profiles, 2, 0, "TxProfile", 9)[0]) == [1, 3]
    assert clear(profiles) == ((), True)
    assert clear(profiles, 9) == (profiles, False)
    assert clear(()) == ((), False)


def test_tx_profiles_end_with_their_transaction() -> None:
    profiles = install((), 1, _profile(1, "TxProfile"))
    profiles = install(profiles, 2, _profile(2, "TxProfile"))
    profiles = install(profiles, 1, _profile(3))
    assert _ids(end_transaction(profiles, 1)) == [2, 3]


def test_a_late_end_leaves_the_profiles_of_the_running_transaction() -> None:
    profiles = install((), 1, _profile(1, "TxProfile", transactionId=7))
    profiles = install(profiles, 1, _profile(2, "TxProfile", level=1, transactionId=8))
    profiles = install(profiles, 1, _profile(3, "TxProfile", level=2))
    assert _ids(end_transaction(profiles, 1, running=8)) == [2]


def test_a_profile_is_bound_to_a_transaction_and_keeps_all_else() -> None:
    payload = bound(_profile(1, "TxProfile", transactionId=-1, vendorField="kept"), 7)
    assert install((), 1, payload)[0].binds_to == 7
    assert msgspec.json.decode(payload)["vendorField"] == "kept"
    for wrong in (_profile(1), b"{}", b"["):
        with pytest.raises(ProtocolViolation):
            bound(wrong, 7)


@pytest.mark.parametrize(
    ("connector_id", "payload"),
    [
        (1, _profile(1, "ChargePointMaxProfile")),
        (0, _profile(1, "TxProfile")),
        (1, _profile(1, "Profile")),
        (1, _profile(1, level=-1)),
        (-1, _profile(1)),
        (1, _profile(1, chargingProfileKind="Sometimes")),
        (1, _profile(1, chargingProfileKind="Recurring", recurrencyKind="Daily")),
        (1, _profile(1, chargingProfileKind="Recurring", schedule={"startSchedule": "2026-01-01"})),
        (1, _profile(1, validTo="some day")),
        (1, _profile(1, schedule={"startSchedule": "222222017-10-27T10:00:00Z"})),
        (1, _profile(1, schedule={"chargingRateUnit": "V"})),
        (1, _profile(1, schedule={"chargingSchedulePeriod": []})),
        (1, _profile(1, schedule={"chargingSchedulePeriod": [{"startPeriod": 5, "limit": 1}]})),
        (1, _profile(1, schedule={"chargingSchedulePeriod": [{"startPeriod": 0, "limit": -1}]})),
        (1, _profile(1, schedule={"chargingSchedulePeriod": [{"startPeriod": 0, "limit": "nan"}]})),
        (1, _profile(1, schedule={"duration": -1})),
        (1, b"{}"),
        (1, b"["),
    ],
)
def test_what_cannot_be_carried_out_is_refused(connector_id: int, payload: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        install((), connector_id, payload)


def test_there_is_an_end_to_the_number_of_profiles() -> None:
    profiles: Profiles = ()
    for number in range(MAX_PROFILES):
        profiles = install(profiles, 1, _profile(number, level=number))
    with pytest.raises(ProtocolViolation):
        install(profiles, 1, _profile(-1, level=MAX_PROFILES))
    assert len(install(profiles, 1, _profile(5, level=5))) == MAX_PROFILES


def test_profiles_come_back_from_what_was_kept_of_them() -> None:
    profiles = install(install((), 1, _profile(1)), 2, _profile(2, "TxProfile"))
    rows = [(entry.connector_id, entry.payload) for entry in profiles]
    assert restore([*rows, (1, b"torn")]) == profiles
