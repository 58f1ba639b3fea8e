"""The profiles that we write: what OCPP allows, and low when anything fails."""

from datetime import UTC, datetime

import msgspec

from gateway.ocpp.schema import Direction, violations
from gateway.ocpp.v16.charging_profiles import lease, standing_profile

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def test_the_standing_profile_holds_everywhere_and_for_ever() -> None:
    payload = standing_profile(60)
    assert violations("SetChargingProfile", Direction.REQUEST, payload) == []
    assert msgspec.json.decode(payload) == {
        "connectorId": 0,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "startSchedule": "1970-01-01T00:00:00.000Z",
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
            },
        },
    }


def test_a_lease_falls_to_fail_safe_by_itself() -> None:
    payload = lease(2, 4711, 163, 60, NOON, 120.0)
    assert violations("SetChargingProfile", Direction.REQUEST, payload) == []
    assert msgspec.json.decode(payload) == {
        "connectorId": 2,
        "csChargingProfiles": {
            "chargingProfileId": 102,
            "transactionId": 4711,
            "stackLevel": 1,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "startSchedule": "2026-08-01T11:59:00.000Z",
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [
                    {"startPeriod": 0, "limit": 16.3},
                    {"startPeriod": 180, "limit": 6.0},
                ],
            },
        },
    }


def test_every_lease_of_a_connector_has_the_same_id() -> None:
    def profile_id(connector_id: int, limit_da: int) -> int:
        decoded = msgspec.json.decode(lease(connector_id, 1, limit_da, 0, NOON, 60.0))
        number: int = decoded["csChargingProfiles"]["chargingProfileId"]
        return number

    assert profile_id(1, 60) == profile_id(1, 320) != profile_id(2, 60)
