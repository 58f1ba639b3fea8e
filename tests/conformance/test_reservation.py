"""The 10 cases of Reservation: OCA test document for a CSMS, OCPP 1.6."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.conformance.catalogue import APART, BOTH, case
from tests.conformance.stage import Stage
from tests.conformance.station import CLOCKS_APART_S, CONNECTOR, CONNECTORS, Station, instant

OFFSET_S = 600
SHORT_S = 2
_ids = count(1)


@case("046", BOTH)
async def test_tc_046_csms_reservation_used_by_a_transaction(stage: Stage) -> None:
    async with stage.connected() as station:
        reservation_id = await _reserves(stage)
        await station.tells("Reserved")
        assert (await stage.operator.reservation(reservation_id)).get(
            "status", "active"
        ) == "active"
        transaction_id = await station.charges(reservation_id=reservation_id)
    used = await stage.operator.reservation(reservation_id)
    assert (used["status"], used["local_transaction_id"]) == ("used", transaction_id)


@case("047", BOTH)
async def test_tc_047_csms_reservation_expires(stage: Stage) -> None:
    async with stage.connected() as station:
        reservation_id = await _reserves(stage, offset_s=SHORT_S)
        ordered = station.asked[-1][1]
        assert (ordered["connectorId"], ordered["idTag"]) == (CONNECTOR, "VALID")
        expires_at = datetime.fromisoformat(ordered["expiryDate"])
        left_s = (expires_at - datetime.now(UTC)).total_seconds()
        assert SHORT_S - CLOCKS_APART_S < left_s <= SHORT_S
        await station.tells("Reserved")
        await stage.operator.sees(
            lambda: stage.operator.reservation(reservation_id),
            lambda found: found.get("status") == "expired",
        )
        await station.tells("Available")


@case("048_1", BOTH)
async def test_tc_048_1_csms_reserve_a_faulted_connector(stage: Stage) -> None:
    async with stage.connected() as station:
        await _is_refused(stage, station, "Faulted")


@case("048_2", BOTH)
async def test_tc_048_2_csms_reserve_an_occupied_connector(stage: Stage) -> None:
    async with stage.connected() as station:
        await station.tells("Preparing")
        await _is_refused(stage, station, "Occupied")


@case("048_3", BOTH)
async def test_tc_048_3_csms_reserve_an_unavailable_connector(stage: Stage) -> None:
    async with stage.connected() as station:
        told = await stage.operator.orders(
            "ChangeAvailability", connectorId=CONNECTOR, type="Inoperative"
        )
        assert told == {"status": "Accepted"}
        await station.tells("Unavailable")
        await _is_refused(stage, station, "Unavailable")
    kept = (await stage.operator.record("availability"))["connectors"][str(CONNECTOR)]
    assert (kept["status"], kept["wanted"]) == ("Unavailable", "Inoperative")


@case("048_4", BOTH)
async def test_tc_048_4_csms_reservation_rejected(stage: Stage) -> None:
    async with stage.connected() as station:
        await _is_refused(stage, station, "Rejected")


@case("049", BOTH)
async def test_tc_049_csms_reserve_the_charge_point(stage: Stage) -> None:
    async with stage.connected() as station:
        reservation_id = await _reserves(stage, connector_id=0)
        for connector_id in range(1, CONNECTORS + 1):
            await station.tells("Reserved", connector_id)
    assert (await stage.operator.reservation(reservation_id))["connector_id"] == 0


@case("051", BOTH)
async def test_tc_051_csms_cancel_a_reservation(stage: Stage) -> None:
    async with stage.connected() as station:
        reservation_id = await _reserves(stage)
        await station.tells("Reserved")
        told = await stage.operator.orders("CancelReservation", reservationId=reservation_id)
        assert told == {"status": "Accepted"}
        await station.tells("Available")
    assert (await stage.operator.reservation(reservation_id))["status"] == "cancelled"


@case("052", APART)
async def test_tc_052_csms_cancel_a_reservation_rejected(stage: Stage, edition: str) -> None:
    async with stage.connected() as station:
        station.answers["CancelReservation"] = {"status": "Rejected"}
        reservation_id = await _reserves(stage)
        await station.tells("Reserved")
        if edition == "2025":
            await station.tells("Available")  # cancelled at the charge point
        named = reservation_id if edition == "2025" else reservation_id + 1_000_000
        told = await stage.operator.orders("CancelReservation", reservationId=named)
        assert told == {"status": "Rejected"}
        assert (await stage.operator.last_call())["status"] == "Rejected"
    kept = (await stage.operator.reservation(reservation_id)).get("status", "active")
    assert kept == ("expired" if edition == "2025" else "active")


@case("053", APART)
async def test_tc_053_csms_reservation_used_through_the_parent(stage: Stage, edition: str) -> None:
    async with stage.connected() as station:
        reservation_id = await _reserves(stage, parentIdTag="FLEET")
        await station.tells("Reserved")
        if edition == "2025":
            await _charges_in_group(station, "SIBLING", reservation_id)
        else:
            transaction_id = await _charges_in_group(station, "VALID", reservation_id)
            await _is_in_group(station, "SIBLING")
            stopped = await station.stops(transaction_id, "Local", id_tag="SIBLING")
            assert stopped.id_tag_info["status"] == "Accepted"
            await station.tells("Finishing")
    assert (await stage.operator.reservation(reservation_id))["status"] == "used"


async def _reserves(stage: Stage, offset_s: float = OFFSET_S, **fields: Any) -> int:
    """The operator reserves, and the charge point agrees; returns the reservation's id."""
    reservation_id, told = await _orders(stage, offset_s, **fields)
    assert told == {"status": "Accepted"}
    return reservation_id


async def _is_refused(stage: Stage, station: Station, status: str) -> None:
    station.answers["ReserveNow"] = {"status": status}
    reservation_id, told = await _orders(stage, OFFSET_S)
    assert told == {"status": status}
    assert (await stage.operator.last_call())["status"] == status
    assert await stage.operator.reservation(reservation_id) is None


async def _orders(
    stage: Stage, offset_s: float, connector_id: int = CONNECTOR, **fields: Any
) -> tuple[int, Any]:
    """The operator reserves; returns the reservation's id, and what the charge point says."""
    reservation_id = next(_ids)
    wanted = {
        "connectorId": connector_id,
        "expiryDate": instant(offset_s),
        "idTag": "VALID",
        **fields,
        "reservationId": reservation_id,
    }
    return reservation_id, await stage.operator.orders("ReserveNow", **wanted)


async def _charges_in_group(station: Station, id_tag: str, reservation_id: int) -> int:
    """The state Charging, with the parent in every answer; returns the transaction's id."""
    await _is_in_group(station, id_tag)
    await station.tells("Preparing")
    started = await station.starts(id_tag, reservation_id=reservation_id)
    assert started.id_tag_info == {"status": "Accepted", "parent_id_tag": "FLEET"}
    await station.tells("Charging")
    return int(started.transaction_id)


async def _is_in_group(station: Station, id_tag: str) -> None:
    info = await station.authorizes(id_tag)
    assert info == {"status": "Accepted", "parent_id_tag": "FLEET"}
