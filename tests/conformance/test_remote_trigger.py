"""The 2 cases of Remote Trigger: OCA test document for a CSMS, OCPP 1.6."""

import pytest

from tests.conformance.catalogue import APART, BOTH, case
from tests.conformance.stage import Stage
from tests.conformance.station import CONNECTOR, CONNECTORS


@case("054", BOTH)
@pytest.mark.parametrize("firmware", ["Accepted", "NotImplemented"])
async def test_tc_054_csms_trigger_messages(stage: Stage, firmware: str) -> None:
    async with stage.connected() as station:
        await _triggers(stage, "MeterValues", connectorId=CONNECTOR)
        await station.meters()
        await _triggers(stage, "Heartbeat")
        await station.beats()
        await _triggers(stage, "StatusNotification", connectorId=CONNECTOR)
        await station.tells("Available")
        await _triggers(stage, "DiagnosticsStatusNotification")
        await station.tells_diagnostics("Idle")
        station.answers["TriggerMessage"] = {"status": firmware}
        await _triggers(stage, "FirmwareStatusNotification", status=firmware)
        if firmware == "Accepted":
            await station.tells_firmware("Idle")
    assert "idle_at" in await stage.operator.record("diagnostics")


@case("055", APART)
async def test_tc_055_csms_trigger_rejected(stage: Stage, edition: str) -> None:
    async with stage.connected() as station:
        station.answers["TriggerMessage"] = {"status": "Rejected"}
        connector_id = CONNECTORS + 1 if edition == "2024" else CONNECTOR
        await _triggers(stage, "MeterValues", status="Rejected", connectorId=connector_id)
        assert (await stage.operator.last_call())["status"] == "Rejected"


async def _triggers(
    stage: Stage, message: str, *, status: str = "Accepted", **connector: int
) -> None:
    fields = {"requestedMessage": message, **connector}
    assert await stage.operator.orders("TriggerMessage", **fields) == {"status": status}
