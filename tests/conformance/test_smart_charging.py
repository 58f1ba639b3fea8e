"""The 5 cases of Smart Charging: OCA test document for a CSMS, OCPP 1.6."""

from typing import Any

import pytest

from tests.conformance.catalogue import APART, BOTH, case
from tests.conformance.profiles import (
    DURATION_S,
    LIMITS,
    has_first_period,
    has_kind,
    profile,
    schedule,
)
from tests.conformance.stage import Stage
from tests.conformance.station import CONNECTOR, Station, instant

STACK_LEVEL = 1


@case("056", APART)
@pytest.mark.parametrize("unit", LIMITS)
async def test_tc_056_csms_default_profile(stage: Stage, edition: str, unit: str) -> None:
    async with stage.connected() as station:
        sent = await _sets(stage, station, CONNECTOR, profile(56, unit=unit))
    assert sent["stackLevel"] == STACK_LEVEL
    assert sent["chargingProfilePurpose"] == "TxDefaultProfile"
    assert sent.keys() >= {"validFrom", "validTo"}
    has_kind(sent, "Absolute")
    has_first_period(sent, unit)
    if edition == "2025":
        assert not sent.keys() & {"transactionId", "recurrencyKind"}
    assert 56 in await _installed(stage)


@case("057", APART)
@pytest.mark.parametrize("kind", ["Absolute", "Relative"])
async def test_tc_057_csms_profile_for_a_transaction(stage: Stage, edition: str, kind: str) -> None:
    async with stage.connected() as station:
        transaction_id = await station.charges()
        wanted = profile(57, "TxProfile", kind=kind, transaction_id=transaction_id)
        sent = await _sets(stage, station, CONNECTOR, wanted)
    assert sent["chargingProfilePurpose"] == "TxProfile"
    assert sent["transactionId"] == transaction_id
    if edition == "2025":
        has_kind(sent, "Absolute", "Relative")
    assert 57 in await _installed(stage)


@case("059", APART)
async def test_tc_059_csms_remote_start_with_a_profile(stage: Stage, edition: str) -> None:
    kind = "Relative" if edition == "2024" else "Absolute"
    async with stage.connected() as station:
        told = await stage.operator.orders(
            "RemoteStartTransaction",
            connectorId=CONNECTOR,
            idTag="VALID",
            chargingProfile=profile(59, "TxProfile", kind=kind),
        )
        assert told == {"status": "Accepted"}
        await station.is_authorized()
        await station.tells("Preparing")
        await station.has_started()
        await station.tells("Charging")
    ((_, ordered),) = station.asked
    sent = ordered["chargingProfile"]
    assert (ordered["idTag"], ordered["connectorId"]) == ("VALID", CONNECTOR)
    assert sent["chargingProfilePurpose"] == "TxProfile"
    assert "transactionId" not in sent
    assert sent["chargingSchedule"]["chargingSchedulePeriod"][0]["startPeriod"] == 0
    has_kind(sent, *(["Relative"] if edition == "2024" else ["Absolute", "Relative"]))


@case("066", BOTH)
async def test_tc_066_csms_composite_schedule(stage: Stage) -> None:
    start = instant()
    async with stage.connected() as station:
        station.answers["GetCompositeSchedule"] = {
            "status": "Accepted",
            "connector_id": CONNECTOR,
            "schedule_start": start,
            "charging_schedule": schedule(absolute=False),
        }
        told = await stage.operator.orders(
            "GetCompositeSchedule",
            connectorId=CONNECTOR,
            duration=DURATION_S,
            chargingRateUnit="A",
        )
    assert told == {
        "status": "Accepted",
        "connectorId": CONNECTOR,
        "scheduleStart": start,
        "chargingSchedule": schedule(absolute=False),
    }
    assert station.asked[0][1]["chargingRateUnit"] == "A"


@case("067", APART)
async def test_tc_067_csms_clear_charging_profiles(stage: Stage, edition: str) -> None:
    async with stage.connected() as station:
        transaction_id = await station.charges() if edition == "2025" else 0
        placed = _placed(edition, transaction_id)
        sent = [await _sets(stage, station, connector_id, p) for connector_id, p in placed]
        ids = [found["chargingProfileId"] for found in sent]
        assert len(set(ids)) == 3
        assert set(ids) <= await _installed(stage)
        by_fields = {
            "connectorId": CONNECTOR,
            "chargingProfilePurpose": "TxDefaultProfile",
            "stackLevel": STACK_LEVEL + (1 if edition == "2024" else 0),
        }
        left = [{ids[1], ids[2]}, {ids[2]}, set()]
        for fields, remaining in zip(({"id": ids[0]}, by_fields, {}), left, strict=True):
            told = await stage.operator.orders("ClearChargingProfile", **fields)
            assert told == {"status": "Accepted"}
            assert station.asked[-1] == ("ClearChargingProfile", fields)
            assert set(ids) & await _installed(stage) == remaining
    assert await _installed(stage) == set()


def _placed(edition: str, transaction_id: int) -> list[tuple[int, dict[str, Any]]]:
    """The three profiles, each with its connector."""
    if edition == "2024":
        levels = range(STACK_LEVEL, STACK_LEVEL + 3)
        return [(CONNECTOR, profile(670 + level, stack_level=level)) for level in levels]
    running = profile(673, "TxProfile", kind="Relative", transaction_id=transaction_id)
    return [
        (0, profile(671, "ChargePointMaxProfile")),
        (CONNECTOR, profile(672)),
        (CONNECTOR, running),
    ]


async def _sets(
    stage: Stage, station: Station, connector_id: int, wanted: dict[str, Any]
) -> dict[str, Any]:
    """The operator sets a profile; returns it as it arrived."""
    told = await stage.operator.orders(
        "SetChargingProfile", connectorId=connector_id, csChargingProfiles=wanted
    )
    assert told == {"status": "Accepted"}
    action, arrived = station.asked[-1]
    assert (action, arrived["connectorId"]) == ("SetChargingProfile", connector_id)
    found: dict[str, Any] = arrived["csChargingProfiles"]
    return found


async def _installed(stage: Stage) -> set[int]:
    """The ids of the profiles that the charge point holds, by the record."""
    kept = (await stage.operator.record("charging-profiles")).get("profiles", [])
    return {held["profile"]["chargingProfileId"] for held in kept}
