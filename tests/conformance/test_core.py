"""The 34 cases of Core: OCA test document for a CSMS, OCPP 1.6.

The one rule: what the document plays is played, no more and no less. Transactions that a
case leaves running stay so, and must not change what the next case hears.
"""

import asyncio

import pytest
from ocpp.v16 import call

from tests.conformance.catalogue import APART, BOTH, case
from tests.conformance.keys import ALL_KEYS, PROFILES
from tests.conformance.stage import Stage
from tests.conformance.station import CONNECTOR, CONNECTORS, Station, instant

HOUR_S = 3600


@case("001", BOTH)
async def test_tc_001_csms_cold_boot(stage: Stage) -> None:
    async with stage.connected() as station:
        interval_s = (await station.boots()).interval
        for _ in range(2):
            await asyncio.sleep(interval_s)  # the pace that it was given
            await station.beats()


@case("003", BOTH)
async def test_tc_003_csms_regular_session_cable_first(stage: Stage) -> None:
    async with stage.connected() as station:
        await station.tells("Preparing")
        await station.is_authorized()
        transaction_id = await station.has_started()
        await station.tells("Charging")
        assert await stage.operator.running(CONNECTOR) == transaction_id


@case("004_1", BOTH)
@pytest.mark.parametrize("order", ["as listed", "swapped"])
async def test_tc_004_1_csms_regular_session_identification_first(stage: Stage, order: str) -> None:
    async with stage.connected() as station:
        if order == "as listed":
            await station.charges()
            return
        await station.is_authorized()
        await station.tells("Preparing")
        await station.tells("Charging")
        await station.has_started()


@case("004_2", BOTH)
async def test_tc_004_2_csms_connection_time_out(stage: Stage) -> None:
    async with stage.connected() as station:
        await station.is_authorized()
        await station.tells("Preparing")
        await station.tells("Available")
        assert await stage.operator.running(CONNECTOR) is None


@case("005_1", BOTH)
@pytest.mark.parametrize("order", ["as listed", "swapped"])
async def test_tc_005_1_csms_cable_pulled_on_the_vehicles_side(stage: Stage, order: str) -> None:
    async with stage.connected() as station:
        transaction_id = await station.charges()
        await station.tells("SuspendedEV")
        if order == "swapped":
            await station.tells("Finishing")
        stopped = await station.stops(transaction_id, "EVDisconnected")
        assert stopped.id_tag_info is None, "no idTag was told, so nothing is said of one"
        if order == "as listed":
            await station.tells("Finishing")
        await station.tells("Available")
        assert await stage.operator.running(CONNECTOR) is None


@case("007", BOTH)
async def test_tc_007_csms_start_with_a_cached_identifier(stage: Stage) -> None:
    async with stage.connected() as station:
        await station.tells("Preparing")
        await station.has_started()
        await station.tells("Charging")


@case("061", BOTH)
async def test_tc_061_csms_clear_the_authorization_cache(stage: Stage) -> None:
    async with stage.connected():
        assert await stage.operator.orders("ClearCache") == {"status": "Accepted"}


@case("010", BOTH)
async def test_tc_010_csms_remote_start_cable_first(stage: Stage) -> None:
    async with stage.connected() as station:
        await station.tells("Preparing")
        await _starts_remotely(stage)
        await station.is_authorized()
        await station.has_started()
        await station.tells("Charging")


@case("011_1", BOTH)
async def test_tc_011_1_csms_remote_start_command_first(stage: Stage) -> None:
    async with stage.connected() as station:
        await _starts_remotely(stage)
        await station.is_authorized()
        await station.tells("Preparing")
        await station.has_started()
        await station.tells("Charging")


@case("011_2", BOTH)
async def test_tc_011_2_csms_remote_start_time_out(stage: Stage) -> None:
    async with stage.connected() as station:
        await _starts_remotely(stage)
        await station.is_authorized()
        await station.tells("Preparing")
        await station.tells("Available")
        assert await stage.operator.running(CONNECTOR) is None


@case("012", BOTH)
async def test_tc_012_csms_remote_stop(stage: Stage) -> None:
    async with stage.connected() as station:
        transaction_id = await station.charges()
        told = await stage.operator.orders("RemoteStopTransaction", transactionId=transaction_id)
        assert told == {"status": "Accepted"}
        await station.stops(transaction_id, "Remote")
        await station.tells("Finishing")
        await station.tells("Available")
        assert await stage.operator.running(CONNECTOR) is None


@case("013", BOTH)
@pytest.mark.parametrize("leaves", ["right after its answer", "later"])
async def test_tc_013_csms_hard_reset(stage: Stage, leaves: str) -> None:
    async with stage.connected() as station:
        if leaves == "right after its answer":
            station.leaves_after_its_next_answer()
        assert await stage.operator.orders("Reset", type="Hard") == {"status": "Accepted"}
        if leaves == "later":
            await station.loses_power()
    async with stage.connected() as station:
        await station.boots()


@case("014", BOTH)
@pytest.mark.parametrize("socket", ["new", "same"])
async def test_tc_014_csms_soft_reset(stage: Stage, socket: str) -> None:
    async with stage.connected() as station:
        assert await stage.operator.orders("Reset", type="Soft") == {"status": "Accepted"}
        if socket == "same":
            await station.boots()
            return
        await station.hangs_up()
    async with stage.connected() as station:
        await station.boots()


@case("017_1", BOTH)
async def test_tc_017_1_csms_unlock_without_a_session(stage: Stage) -> None:
    await _unlocks(stage, CONNECTOR, "Unlocked")


@case("017_2", BOTH)
async def test_tc_017_2_csms_unlock_a_fixed_cable(stage: Stage) -> None:
    await _unlocks(stage, CONNECTOR, "NotSupported")


@case("018_1", BOTH)
async def test_tc_018_1_csms_unlock_during_a_session(stage: Stage) -> None:
    async with stage.connected() as station:
        transaction_id = await station.charges()
        told = await stage.operator.orders("UnlockConnector", connectorId=CONNECTOR)
        assert told == {"status": "Unlocked"}
        await station.tells("Finishing")
        await station.stops(transaction_id, "UnlockCommand")
        assert await stage.operator.running(CONNECTOR) is None
        await station.tells("Available")


@case("019_1", BOTH)
async def test_tc_019_1_csms_read_all_configuration_keys(stage: Stage) -> None:
    async with stage.connected() as station:
        station.answers["GetConfiguration"] = {"configuration_key": ALL_KEYS}
        assert await stage.operator.orders("GetConfiguration") == {"configurationKey": ALL_KEYS}
    assert station.asked == [("GetConfiguration", {})]
    kept = await stage.operator.record("configuration")
    assert {key: entry.get("value") for key, entry in kept["keys"].items()} == {
        entry["key"]: entry["value"] for entry in ALL_KEYS
    }
    assert {key for key, entry in kept["keys"].items() if entry.get("readonly")} == {
        entry["key"] for entry in ALL_KEYS if entry["readonly"]
    }


@case("019_2", BOTH)
async def test_tc_019_2_csms_read_one_configuration_key(stage: Stage) -> None:
    async with stage.connected() as station:
        station.answers["GetConfiguration"] = {"configuration_key": [PROFILES]}
        told = await stage.operator.orders("GetConfiguration", key=["SupportedFeatureProfiles"])
        assert told == {"configurationKey": [PROFILES]}
    assert station.asked == [("GetConfiguration", {"key": ["SupportedFeatureProfiles"]})]
    kept = await stage.operator.record("configuration")
    assert kept["keys"]["SupportedFeatureProfiles"]["value"] == PROFILES["value"]


@case("021", BOTH)
async def test_tc_021_csms_change_a_configuration_key(stage: Stage) -> None:
    await _changes(stage, "MeterValueSampleInterval", "60", "Accepted")
    kept = await stage.operator.record("configuration")
    assert kept["keys"]["MeterValueSampleInterval"]["value"] == "60"


@case("023_1", BOTH)
async def test_tc_023_1_csms_authorize_an_unknown_identifier(stage: Stage) -> None:
    async with stage.connected() as station:
        assert (await station.authorizes("UNKNOWN"))["status"] == "Invalid"


@case("023_2", BOTH)
async def test_tc_023_2_csms_authorize_an_expired_identifier(stage: Stage) -> None:
    async with stage.connected() as station:
        assert (await station.authorizes("EXPIRED"))["status"] == "Expired"


@case("023_3", BOTH)
async def test_tc_023_3_csms_authorize_a_blocked_identifier(stage: Stage) -> None:
    async with stage.connected() as station:
        assert (await station.authorizes("BLOCKED"))["status"] == "Blocked"


@case("024", BOTH)
async def test_tc_024_csms_connector_lock_failure(stage: Stage) -> None:
    async with stage.connected() as station:
        await station.is_authorized()
        await station.tells("Preparing")
        await station.tells("Faulted", error_code="ConnectorLockFailure")
        connector = await stage.operator.connector(CONNECTOR)
        told = (connector["status"], connector["error_code"])
        assert told == ("Faulted", "ConnectorLockFailure")


@case("026", BOTH)
async def test_tc_026_csms_remote_start_rejected(stage: Stage) -> None:
    before = await stage.operator.running(CONNECTOR)
    async with stage.connected() as station:
        station.answers["RemoteStartTransaction"] = {"status": "Rejected"}
        await _starts_remotely(stage, "Rejected")
        assert await stage.operator.running(CONNECTOR) == before


@case("028", BOTH)
async def test_tc_028_csms_remote_stop_rejected(stage: Stage) -> None:
    async with stage.connected() as station:
        transaction_id = await station.charges()
        station.answers["RemoteStopTransaction"] = {"status": "Rejected"}
        unknown_id = transaction_id ^ 1
        told = await stage.operator.orders("RemoteStopTransaction", transactionId=unknown_id)
        assert told == {"status": "Rejected"}
        assert (await stage.operator.last_call())["status"] == "Rejected"
        assert await stage.operator.running(CONNECTOR) == transaction_id


@case("030", BOTH)
async def test_tc_030_csms_unlock_failed(stage: Stage) -> None:
    await _unlocks(stage, CONNECTOR, "UnlockFailed")


@case("031", BOTH)
async def test_tc_031_csms_unlock_an_unknown_connector(stage: Stage) -> None:
    await _unlocks(stage, CONNECTORS + 1, "NotSupported")


@case("032_1", BOTH)
async def test_tc_032_1_csms_power_failure(stage: Stage) -> None:
    async with stage.connected() as station:
        transaction_id = await station.charges()
        await station.loses_power()
    async with stage.connected() as station:
        await station.boots(c1="Finishing")
        assert await stage.operator.running(CONNECTOR) == transaction_id
        await station.stops(transaction_id, "PowerLoss")
        assert await stage.operator.running(CONNECTOR) is None
    _, told, after = stage.log().rpartition(f"transaction.stopped charge_point={station.id} ")
    assert told
    assert after.startswith(f"transaction={transaction_id} reason=PowerLoss")


@case("037_1", BOTH)
async def test_tc_037_1_csms_start_while_offline_valid_identifier(stage: Stage) -> None:
    async with stage.connected() as station:
        await station.loses_power()
    async with stage.connected() as station:
        transaction_id = await station.has_started(timestamp=instant(-HOUR_S))
        await station.tells("Charging")
        assert await stage.operator.running(CONNECTOR) == transaction_id


@case("037_3", BOTH)
async def test_tc_037_3_csms_start_while_offline_invalid_identifier(stage: Stage) -> None:
    async with stage.connected() as station:
        await station.loses_power()
    async with stage.connected() as station:
        started = await station.starts("UNKNOWN", timestamp=instant(-HOUR_S))
        assert started.id_tag_info["status"] == "Invalid"
        await station.tells("Charging")
        assert await stage.operator.running(CONNECTOR) != started.transaction_id
        await station.stops(started.transaction_id, "DeAuthorized")
        await station.tells("Finishing")


@case("039", BOTH)
async def test_tc_039_csms_whole_transaction_while_offline(stage: Stage) -> None:
    async with stage.connected() as station:
        await station.loses_power()
    async with stage.connected() as station:
        transaction_id = await station.has_started(timestamp=instant(-2 * HOUR_S))
        stopped = await station.stops(
            transaction_id, "Local", id_tag="VALID", timestamp=instant(-HOUR_S)
        )
        assert stopped.id_tag_info["status"] == "Accepted"
        assert await stage.operator.running(CONNECTOR) != transaction_id


@case("040_1", BOTH)
async def test_tc_040_1_csms_change_an_unknown_configuration_key(stage: Stage) -> None:
    await _changes(stage, "NoSuchKey", "1", "NotSupported")
    kept = await stage.operator.record("configuration")
    assert "NoSuchKey" not in kept.get("keys", {})


@case("040_2", APART)
async def test_tc_040_2_csms_change_a_key_to_an_invalid_value(stage: Stage, edition: str) -> None:
    value = "-1" if edition == "2024" else "twice a day"
    await _changes(stage, "MeterValueSampleInterval", value, "Rejected")
    kept = (await stage.operator.record("configuration")).get("keys", {})
    assert kept.get("MeterValueSampleInterval", {}).get("value") != value


@case("064", BOTH)
async def test_tc_064_csms_data_transfer_of_an_unknown_vendor(stage: Stage) -> None:
    async with stage.connected() as station:
        message = call.DataTransfer(vendor_id="org.example", message_id="Hello", data="x")
        answer = await station.says_to(message)
        assert (answer.status, answer.data) == ("UnknownVendorId", None)


async def _starts_remotely(stage: Stage, status: str = "Accepted") -> None:
    told = await stage.operator.orders(
        "RemoteStartTransaction", connectorId=CONNECTOR, idTag="VALID"
    )
    assert told == {"status": status}
    assert (await stage.operator.last_call())["status"] == status


async def _unlocks(stage: Stage, connector_id: int, status: str) -> None:
    async with stage.connected() as station:
        station.answers["UnlockConnector"] = {"status": status}
        told = await stage.operator.orders("UnlockConnector", connectorId=connector_id)
        assert told == {"status": status}
    assert (await stage.operator.last_call())["status"] == status


async def _changes(stage: Stage, key: str, value: str, status: str) -> Station:
    async with stage.connected() as station:
        station.answers["ChangeConfiguration"] = {"status": status}
        told = await stage.operator.orders("ChangeConfiguration", key=key, value=value)
        assert told == {"status": status}
    assert station.asked == [("ChangeConfiguration", {"key": key, "value": value})]
    assert (await stage.operator.last_call())["status"] == status
    return station
