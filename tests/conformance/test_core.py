"""The Core cases of the OCA's test document for a CSMS, one test each, named by the case."""

from datetime import datetime
from typing import Any

import pytest
from ocpp.v16 import call

from tests.conformance.station import CONNECTOR, Station, now, order, play
from tests.e2e.gateway_process import GatewayProcess


def test_tc_001_cold_boot(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        await station.boots()
        answer = await station.call(call.Heartbeat())
        assert datetime.fromisoformat(answer.current_time).tzinfo is not None

    assert play(gateway, scene).asked == []


def test_tc_003_regular_session_plug_in_first(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        await station.says("Preparing")
        assert (await station.authorizes())["status"] == "Accepted"
        started = await station.starts()
        assert started.id_tag_info["status"] == "Accepted"
        await station.says("Charging")
        await station.stops(started.transaction_id, "Local", id_tag="VALID")

    play(gateway, scene)


def test_tc_004_1_identification_first(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        await station.stops(await station.charges(), "Local")

    play(gateway, scene)


def test_tc_004_2_identification_first_time_out(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        await station.authorizes()
        await station.says("Preparing")
        await station.says("Available")

    play(gateway, scene)


def test_tc_005_1_vehicle_side_disconnect(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        transaction_id = await station.charges()
        await station.says("SuspendedEV")
        await station.stops(transaction_id, "EVDisconnected")
        await station.says("Finishing")
        await station.says("Available")

    play(gateway, scene)


def test_tc_007_cached_id(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        await station.says("Preparing")
        started = await station.starts()
        assert started.id_tag_info["status"] == "Accepted"
        await station.stops(started.transaction_id, "Local")

    play(gateway, scene)


def test_tc_010_remote_start_cable_first(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        await station.says("Preparing")
        answer = await order(
            gateway, "RemoteStartTransaction", idTag="VALID", connectorId=CONNECTOR
        )
        assert answer == {"status": "Accepted"}
        await station.stops(await station.charges(), "Remote")

    station = play(gateway, scene)
    assert station.asked == [
        ("RemoteStartTransaction", {"id_tag": "VALID", "connector_id": CONNECTOR})
    ]


@pytest.mark.parametrize("status", ["Accepted", "Rejected"], ids=["tc_011", "tc_026"])
def test_remote_start_without_a_transaction_after_it(gateway: GatewayProcess, status: str) -> None:
    async def scene(station: Station) -> None:
        station.answers["RemoteStartTransaction"] = {"status": status}
        answer = await order(gateway, "RemoteStartTransaction", idTag="VALID")
        assert answer == {"status": status}
        await station.authorizes()
        await station.says("Preparing")
        await station.says("Available")

    play(gateway, scene)


def test_tc_012_remote_stop(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        transaction_id = await station.charges()
        answer = await order(gateway, "RemoteStopTransaction", transactionId=transaction_id)
        assert answer == {"status": "Accepted"}
        await station.stops(transaction_id, "Remote")
        await station.says("Finishing")
        await station.says("Available")
        assert station.asked == [("RemoteStopTransaction", {"transaction_id": transaction_id})]

    play(gateway, scene)


@pytest.mark.parametrize("kind", ["Hard", "Soft"], ids=["tc_013", "tc_014"])
def test_reset(gateway: GatewayProcess, kind: str) -> None:
    async def scene(station: Station) -> None:
        assert await order(gateway, "Reset", type=kind) == {"status": "Accepted"}
        if kind == "Soft":  # a second boot on the living socket
            await station.boots()

    assert play(gateway, scene).asked == [("Reset", {"type": kind})]

    async def reconnected(station: Station) -> None:
        await station.boots()

    play(gateway, reconnected)


@pytest.mark.parametrize(
    "status",
    ["Unlocked", "NotSupported", "UnlockFailed"],
    ids=["tc_017_1", "tc_017_2", "tc_030"],
)
def test_unlock(gateway: GatewayProcess, status: str) -> None:
    async def scene(station: Station) -> None:
        station.answers["UnlockConnector"] = {"status": status}
        assert await order(gateway, "UnlockConnector", connectorId=1) == {"status": status}

    play(gateway, scene)


def test_tc_031_unlock_unknown_connector(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        station.answers["UnlockConnector"] = {"status": "NotSupported"}
        answer = await order(gateway, "UnlockConnector", connectorId=99)
        assert answer == {"status": "NotSupported"}
        assert station.asked == [("UnlockConnector", {"connector_id": 99})]

    play(gateway, scene)


def test_tc_018_1_unlock_with_running_session(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        transaction_id = await station.charges()
        await order(gateway, "UnlockConnector", connectorId=CONNECTOR)
        await station.says("Finishing")
        await station.stops(transaction_id, "UnlockCommand")
        await station.says("Available")

    play(gateway, scene)


def test_tc_019_1_all_configuration_keys(gateway: GatewayProcess) -> None:
    key = {"key": "HeartbeatInterval", "readonly": False, "value": "300"}

    async def scene(station: Station) -> None:
        station.answers["GetConfiguration"] = {"configuration_key": [key], "unknown_key": []}
        answer = await order(gateway, "GetConfiguration")
        assert answer["configurationKey"] == [key]

    assert play(gateway, scene).asked == [("GetConfiguration", {})]


def test_tc_019_2_one_configuration_key(gateway: GatewayProcess) -> None:
    async def scene(_: Station) -> None:
        await order(gateway, "GetConfiguration", key=["SupportedFeatureProfiles"])

    station = play(gateway, scene)
    assert station.asked == [("GetConfiguration", {"key": ["SupportedFeatureProfiles"]})]


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("MeterValueSampleInterval", "60", "Accepted"),
        ("NoSuchKey", "1", "NotSupported"),
        ("MeterValueSampleInterval", "-1", "Rejected"),
    ],
    ids=["tc_021", "tc_040_1", "tc_040_2"],
)
def test_change_configuration(gateway: GatewayProcess, key: str, value: str, status: str) -> None:
    async def scene(station: Station) -> None:
        station.answers["ChangeConfiguration"] = {"status": status}
        answer = await order(gateway, "ChangeConfiguration", key=key, value=value)
        assert answer == {"status": status}
        assert station.asked == [("ChangeConfiguration", {"key": key, "value": value})]

    play(gateway, scene)


@pytest.mark.parametrize(
    ("id_tag", "status"),
    [("UNKNOWN", "Invalid"), ("EXPIRED", "Expired"), ("BLOCKED", "Blocked")],
    ids=["tc_023_1", "tc_023_2", "tc_023_3"],
)
def test_authorize_refused(gateway: GatewayProcess, id_tag: str, status: str) -> None:
    async def scene(station: Station) -> None:
        assert (await station.authorizes(id_tag))["status"] == status

    play(gateway, scene)


def test_tc_024_lock_failure(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        await station.authorizes()
        await station.says("Preparing")
        await station.says("Faulted", error_code="ConnectorLockFailure")
        await station.says("Available")

    play(gateway, scene)


def test_tc_028_remote_stop_of_an_unknown_transaction(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        transaction_id = await station.charges()
        station.answers["RemoteStopTransaction"] = {"status": "Rejected"}
        answer = await order(gateway, "RemoteStopTransaction", transactionId=12345)
        assert answer == {"status": "Rejected"}
        await station.stops(transaction_id, "Local")

    play(gateway, scene)


def test_tc_032_1_power_failure(gateway: GatewayProcess) -> None:
    found: list[int] = []

    async def before(station: Station) -> None:
        found.append(await station.charges())

    async def after(station: Station) -> None:
        await station.boots()
        await station.says("Finishing")
        await station.stops(found[0], "PowerLoss")

    play(gateway, before)
    play(gateway, after)
    log = gateway.log()
    assert f"transaction.stopped charge_point=CP-1 transaction={found[0]} reason=PowerLoss" in log
    assert "transaction.unknown_stopped" not in log.partition(f"transaction={found[0]}")[2]


def test_tc_037_1_offline_start(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        started = await station.starts(timestamp="2026-01-02T03:04:05Z")
        assert started.id_tag_info["status"] == "Accepted"
        await station.says("Charging")
        await station.stops(started.transaction_id, "Local")

    play(gateway, scene)


def test_tc_037_3_offline_start_with_an_invalid_id(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        started = await station.starts("UNKNOWN", timestamp="2026-01-03T03:04:05Z")
        assert started.id_tag_info["status"] == "Invalid"
        assert started.transaction_id > 0
        await station.says("Charging")
        await station.stops(started.transaction_id, "DeAuthorized")
        await station.says("Finishing")

    play(gateway, scene)


def test_tc_039_offline_transaction(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        started = await station.starts(timestamp="2026-01-04T03:04:05Z")
        assert started.id_tag_info["status"] == "Accepted"
        await station.stops(started.transaction_id, "Local", id_tag="VALID")

    play(gateway, scene)


def test_tc_053_a_sibling_is_told_its_parent(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        info = await station.authorizes("sibling")
        assert (info["status"], info["parent_id_tag"]) == ("Accepted", "FLEET")

    play(gateway, scene)


def test_tc_061_clear_cache(gateway: GatewayProcess) -> None:
    async def scene(_: Station) -> None:
        assert await order(gateway, "ClearCache") == {"status": "Accepted"}

    assert play(gateway, scene).asked == [("ClearCache", {})]


def test_tc_064_data_transfer_of_an_unknown_vendor(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        answer = await station.call(call.DataTransfer(vendor_id="org.example", data="x"))
        assert (answer.status, answer.data) == ("UnknownVendorId", None)

    play(gateway, scene)


def test_a_retried_start_gets_the_same_id(gateway: GatewayProcess) -> None:
    async def scene(station: Station) -> None:
        at = now()
        first, second = [await station.starts(timestamp=at) for _ in range(2)]
        assert first.transaction_id == second.transaction_id
        for _ in range(2):
            await station.stops(first.transaction_id, "Local")

    play(gateway, scene)


@pytest.mark.parametrize("transaction_id", [-1, 0, 4711, 2**62])
def test_a_stop_that_nobody_knows_is_answered(gateway: GatewayProcess, transaction_id: int) -> None:
    async def scene(station: Station) -> None:
        answer: Any = await station.stops(transaction_id, "Other", id_tag="VALID")
        assert answer.id_tag_info["status"] == "Accepted"

    play(gateway, scene)
