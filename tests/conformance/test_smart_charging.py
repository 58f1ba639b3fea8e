"""The Smart Charging and Remote Trigger cases of the OCA's test document for a CSMS."""

import asyncio
from typing import Any

import pytest

from tests.conformance.station import CONNECTOR, CONNECTORS, Station, operator, order, play
from tests.e2e.gateway_process import GatewayProcess

SCHEDULE: dict[str, Any] = {
    "duration": 300,
    "startSchedule": "2026-01-01T00:00:00Z",
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0, "numberPhases": 3}],
}
DEFAULT: dict[str, Any] = {
    "chargingProfileId": 7,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "validFrom": "2026-01-01T00:00:00Z",
    "validTo": "2036-01-01T00:00:00Z",
    "chargingSchedule": SCHEDULE,
}


def test_tc_056_tx_default_profile(gateway: GatewayProcess) -> None:
    async def scene(_: Station) -> None:
        answer = await order(
            gateway, "SetChargingProfile", connectorId=CONNECTOR, csChargingProfiles=DEFAULT
        )
        assert answer == {"status": "Accepted"}

    ((action, payload),) = play(gateway, scene).asked
    profile = payload["cs_charging_profiles"]
    assert (action, payload["connector_id"]) == ("SetChargingProfile", CONNECTOR)
    assert "transaction_id" not in profile
    assert "recurrency_kind" not in profile
    assert profile["charging_schedule"]["charging_schedule_period"] == [
        {"start_period": 0, "limit": 6.0, "number_phases": 3}
    ]


def test_tc_057_tx_profile(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        transaction_id = await station.charges()
        profile = DEFAULT | {"chargingProfilePurpose": "TxProfile", "transactionId": transaction_id}
        await order(
            gateway, "SetChargingProfile", connectorId=CONNECTOR, csChargingProfiles=profile
        )
        await station.stops(transaction_id, "Local")
        (_, payload), *_ = station.asked
        assert payload["cs_charging_profiles"]["transaction_id"] == transaction_id

    play(gateway, scene)


def test_tc_059_remote_start_with_a_profile(gateway: GatewayProcess) -> None:
    profile = {
        "chargingProfileId": 8,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {key: SCHEDULE[key] for key in SCHEDULE if key != "startSchedule"},
    }

    async def scene(station: Station) -> None:
        await order(
            gateway,
            "RemoteStartTransaction",
            idTag="VALID",
            connectorId=CONNECTOR,
            chargingProfile=profile,
        )
        await station.stops(await station.charges(), "Remote")
        (_, payload), *_ = station.asked
        assert payload["charging_profile"]["charging_profile_kind"] == "Relative"
        assert "transaction_id" not in payload["charging_profile"]

    play(gateway, scene)


def test_tc_066_composite_schedule(gateway: GatewayProcess) -> None:
    async def scene(_: Station) -> None:
        answer = await order(
            gateway,
            "GetCompositeSchedule",
            connectorId=CONNECTOR,
            duration=300,
            chargingRateUnit="A",
        )
        assert answer["status"] == "Accepted"

    assert play(gateway, scene).asked == [
        (
            "GetCompositeSchedule",
            {"connector_id": CONNECTOR, "duration": 300, "charging_rate_unit": "A"},
        )
    ]


def test_tc_067_clear_charging_profile(gateway: GatewayProcess) -> None:
    by_fields = {
        "connectorId": CONNECTOR,
        "chargingProfilePurpose": "TxDefaultProfile",
        "stackLevel": 0,
    }

    async def scene(_: Station) -> None:
        for fields in ({"id": 7}, by_fields, {}):
            answer = await order(gateway, "ClearChargingProfile", **fields)
            assert answer == {"status": "Accepted"}

    assert [payload for _, payload in play(gateway, scene).asked] == [
        {"id": 7},
        {
            "connector_id": CONNECTOR,
            "charging_profile_purpose": "TxDefaultProfile",
            "stack_level": 0,
        },
        {},
    ]


@pytest.mark.parametrize("message", ["MeterValues", "Heartbeat", "StatusNotification"])
def test_tc_054_trigger(gateway: GatewayProcess, message: str) -> None:
    async def scene(_: Station) -> None:
        answer = await order(gateway, "TriggerMessage", requestedMessage=message)
        assert answer == {"status": "Accepted"}

    assert play(gateway, scene).asked == [("TriggerMessage", {"requested_message": message})]


def test_tc_055_trigger_for_a_connector_that_is_not_there(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        station.answers["TriggerMessage"] = {"status": "Rejected"}
        answer = await order(
            gateway, "TriggerMessage", requestedMessage="MeterValues", connectorId=CONNECTORS + 1
        )
        assert answer == {"status": "Rejected"}

    play(gateway, scene)


def test_what_ocpp_does_not_allow_is_not_sent(gateway: GatewayProcess) -> None:
    async def scene(_: Station) -> None:
        status, problem = await asyncio.to_thread(operator, gateway, "Reset", {"type": "Lukewarm"})
        assert (status, problem["type"]) == (400, "urn:depot-gateway:problem:payload-not-allowed")

    assert play(gateway, scene).asked == []


def test_a_charge_point_that_is_away_is_told_apart(gateway: GatewayProcess) -> None:
    status, problem = operator(gateway, "Reset", {"type": "Soft"})
    assert (status, problem["type"]) == (503, "urn:depot-gateway:problem:offline")
