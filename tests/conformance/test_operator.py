"""Beside the cases: how the ends of an operator's CALL are told apart, and what never leaves."""

import asyncio
from typing import Any

import ocpp.exceptions
import pytest
from ocpp.v16 import call

from tests.conformance.catalogue import played
from tests.conformance.profiles import profile
from tests.conformance.stage import Stage
from tests.conformance.station import CONNECTOR, instant

SecurityError: Any = ocpp.exceptions.SecurityError  # the package has no types

TYPED: dict[str, dict[str, Any]] = {
    "ReserveNow": {
        "connectorId": CONNECTOR,
        "expiryDate": instant(60),
        "idTag": "VALID",
        "parentIdTag": "FLEET",
        "reservationId": 7,
    },
    "SendLocalList": {
        "listVersion": 1,
        "localAuthorizationList": [
            {"idTag": "VALID", "idTagInfo": {"parentIdTag": "FLEET", "status": "Accepted"}}
        ],
        "updateType": "Full",
    },
    "SetChargingProfile": {"connectorId": CONNECTOR, "csChargingProfiles": profile(1)},
    "TriggerMessage": {"requestedMessage": "MeterValues", "connectorId": CONNECTOR},
    "UpdateFirmware": {"location": "https://files.example.org/f", "retrieveDate": instant()},
}


@pytest.mark.parametrize("action", TYPED)
@played
async def test_keys_go_out_in_schema_order_however_they_were_typed(
    stage: Stage, action: str
) -> None:
    async with stage.connected():
        await stage.operator.orders(action, **_reversed(TYPED[action]))


@played
async def test_an_optional_field_that_is_null_is_absent_on_the_wire(stage: Stage) -> None:
    async with stage.connected() as station:
        stage.operator.ordered.append(("RemoteStartTransaction", {"idTag": "VALID"}))
        status, told = await stage.operator.tries(
            "RemoteStartTransaction", connectorId=None, idTag="VALID"
        )
        assert (status, told) == (200, {"status": "Accepted"})
        assert station.asked == stage.operator.ordered


@played
async def test_a_callerror_is_told_and_the_connection_goes_on(stage: Stage) -> None:
    async with stage.connected() as station:
        station.answers["Reset"] = SecurityError("not from you")
        stage.operator.ordered.append(("Reset", {"type": "Soft"}))
        status, problem = await stage.operator.tries("Reset", type="Soft")
        assert (status, problem["type"]) == (502, "urn:depot-gateway:problem:call-error")
        assert (problem["code"], problem["description"]) == ("SecurityError", "not from you")
        assert await stage.operator.orders("ClearCache") == {"status": "Accepted"}


@played
async def test_silence_is_told_and_a_late_answer_is_dropped(stage: Stage) -> None:
    async with stage.connected() as station:
        station.answers["Reset"] = late = asyncio.Event()
        stage.operator.ordered.append(("Reset", {"type": "Soft"}))
        status, problem = await stage.operator.tries("Reset", timeout_s=1, type="Soft")
        assert (status, problem["type"]) == (504, "urn:depot-gateway:problem:time-out")
        late.set()
        assert await stage.operator.orders("ClearCache") == {"status": "Accepted"}


@played
async def test_what_ocpp_does_not_allow_is_not_sent(stage: Stage) -> None:
    async with stage.connected():
        status, problem = await stage.operator.tries("Reset", type="Lukewarm")
        assert (status, problem["type"]) == (400, "urn:depot-gateway:problem:payload-not-allowed")


@played
async def test_quiet_mode_is_silent_whatever_happens(stage: Stage) -> None:
    """For longer than the pauses that the gateway makes before it acts by itself."""
    async with stage.connected() as station:
        pace_s = (await station.boots()).interval
        await stage.operator.keeps_tag("LATER")
        await stage.operator.orders("ChangeConfiguration", key="HeartbeatInterval", value="1")
        await station.tells("Available", 0, error_code="LocalListConflict")
        await station.starts("UNKNOWN")
        await station.charges()
        await station.meters()
        for _ in range(4):
            await asyncio.sleep(pace_s)
            await station.beats()
        await stage.operator.forgets_tag("LATER")


@played
async def test_a_charge_point_that_is_away_is_told_apart(stage: Stage) -> None:
    status, problem = await stage.operator.tries("Reset", type="Soft")
    assert (status, problem["type"]) == (503, "urn:depot-gateway:problem:offline")


@played
async def test_a_retried_start_gets_the_same_id(stage: Stage) -> None:
    async with stage.connected() as station:
        at = instant()
        transaction_id = await station.has_started(timestamp=at)
        assert await station.has_started(timestamp=at) == transaction_id
        for _ in range(2):
            await station.stops(transaction_id, "Local")


@pytest.mark.parametrize("transaction_id", [-1, 0, 4711, 2**62])
@played
async def test_a_stop_that_nobody_knows_is_answered(stage: Stage, transaction_id: int) -> None:
    async with stage.connected() as station:
        stopped = await station.stops(transaction_id, "Other", id_tag="VALID")
        assert stopped.id_tag_info["status"] == "Accepted"


@played
async def test_an_id_tag_is_compared_without_case(stage: Stage) -> None:
    async with stage.connected() as station:
        answer = await station.says_to(call.Authorize(id_tag="vAlId"))
        assert answer.id_tag_info == {"status": "Accepted", "parent_id_tag": "FLEET"}


def _reversed(value: Any) -> Any:
    """``value`` with the keys of every object the other way round."""
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    if isinstance(value, list):
        return [_reversed(item) for item in value]
    return value
