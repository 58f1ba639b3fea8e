"""The 6 cases of Local Authorization List Management: OCA test document for a CSMS, OCPP 1.6."""

from typing import Any

import pytest

from tests.conformance.catalogue import APART, BOTH, case
from tests.conformance.stage import Stage

FULL: dict[str, Any] = {
    "listVersion": 1,
    "localAuthorizationList": [
        {"idTag": "VALID", "idTagInfo": {"parentIdTag": "FLEET", "status": "Accepted"}},
        {"idTag": "BLOCKED", "idTagInfo": {"status": "Blocked"}},
    ],
    "updateType": "Full",
}
ADDED = "ADDED"
SITE_TAGS = "the tags of the site"
WAYS = ["the operator's own list", SITE_TAGS]


@case("042_1", BOTH)
async def test_tc_042_1_csms_get_the_list_version_not_supported(stage: Stage) -> None:
    await _asks_version(stage, -1)


@case("042_2", BOTH)
async def test_tc_042_2_csms_get_the_list_version_empty_list(stage: Stage) -> None:
    await _asks_version(stage, 0)


@case("043_1", BOTH)
@pytest.mark.parametrize("way", WAYS)
async def test_tc_043_1_csms_send_a_list_not_supported(stage: Stage, way: str) -> None:
    await _is_refused(stage, way, "NotSupported", "not-supported")


@case("043_3", BOTH)
@pytest.mark.parametrize("way", WAYS)
async def test_tc_043_3_csms_send_a_list_failed(stage: Stage, way: str) -> None:
    await _is_refused(stage, way, "Failed", "refused")


@case("043_4", BOTH)
@pytest.mark.parametrize("way", WAYS)
async def test_tc_043_4_csms_send_a_full_list(stage: Stage, way: str) -> None:
    async with stage.connected() as station:
        if way == SITE_TAGS:
            sent = await _sends_all_tags(stage, station)
        else:
            assert await stage.operator.orders("SendLocalList", **FULL) == {"status": "Accepted"}
            sent = station.asked[-1][1]
        assert sent["updateType"] == "Full"
        assert sent["localAuthorizationList"]
        assert all("idTagInfo" in entry for entry in sent["localAuthorizationList"])
    kept = await stage.operator.record("local-list")
    assert (kept["version"], kept["last_status"]) == (sent["listVersion"], "Accepted")
    assert set(kept["entries"]) == {entry["idTag"] for entry in sent["localAuthorizationList"]}


@case("043_5", APART)
@pytest.mark.parametrize("way", WAYS)
async def test_tc_043_5_csms_send_a_differential_list(stage: Stage, edition: str, way: str) -> None:
    async with stage.connected() as station:
        if way == SITE_TAGS:
            before = await _sends_all_tags(stage, station)
        else:
            before = FULL
            if edition == "2025":
                assert await stage.operator.orders("SendLocalList", **FULL) == {
                    "status": "Accepted"
                }
        station.answers["GetLocalListVersion"] = {"list_version": before["listVersion"]}
        await stage.operator.orders("GetLocalListVersion")
        if way == SITE_TAGS:
            sent = await _sends_one_more_tag(stage, station)
        else:
            sent = {
                "listVersion": before["listVersion"] + 1,
                "localAuthorizationList": [{"idTag": ADDED, "idTagInfo": {"status": "Accepted"}}],
                "updateType": "Differential",
            }
            assert await stage.operator.orders("SendLocalList", **sent) == {"status": "Accepted"}
        assert sent["updateType"] == "Differential"
        assert sent["listVersion"] > before["listVersion"]
        assert sent["localAuthorizationList"] == [
            {"idTag": ADDED, "idTagInfo": {"status": "Accepted"}}
        ]
    kept = await stage.operator.record("local-list")
    assert kept["version"] == sent["listVersion"]


async def _asks_version(stage: Stage, version: int) -> None:
    async with stage.connected() as station:
        station.answers["GetLocalListVersion"] = {"list_version": version}
        told = await stage.operator.orders("GetLocalListVersion")
        assert told == {"listVersion": version}
    assert (await stage.operator.record("local-list"))["told_version"] == version


async def _is_refused(stage: Stage, way: str, status: str, outcome: str) -> None:
    async with stage.connected() as station:
        station.answers["SendLocalList"] = {"status": status}
        if way == SITE_TAGS:
            told, heard = await stage.syncs_local_list(station, full=True)
            assert told["outcome"] == outcome
            (sent,) = _lists(heard)
            assert sent["updateType"] == "Full"
        else:
            assert await stage.operator.orders("SendLocalList", **FULL) == {"status": status}
            assert station.asked == [("SendLocalList", FULL)]
    assert (await stage.operator.record("local-list"))["last_status"] == status
    assert (await stage.operator.last_call())["status"] == status


async def _sends_all_tags(stage: Stage, station: Any) -> dict[str, Any]:
    """The operator sends everything anew; returns the one SendLocalList.req of it."""
    told, heard = await stage.syncs_local_list(station, full=True)
    assert told["outcome"] == "up-to-date", told
    assert told["left_out"] == []
    (sent,) = _lists(heard)
    assert sent["listVersion"] == told["version"]
    assert {entry["idTag"] for entry in sent["localAuthorizationList"]} <= set(
        await stage.operator.tags()
    )
    return sent


async def _sends_one_more_tag(stage: Stage, station: Any) -> dict[str, Any]:
    """The operator adds a tag and brings the list up to date; returns the SendLocalList.req."""
    await stage.operator.keeps_tag(ADDED)
    try:
        told, heard = await stage.syncs_local_list(station)
    finally:
        await stage.operator.forgets_tag(ADDED)
    assert told["outcome"] == "up-to-date", told
    (sent,) = _lists(heard)
    return sent


def _lists(heard: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Every SendLocalList.req of an attempt, which may ask for the version besides."""
    assert {action for action, _ in heard} <= {"GetLocalListVersion", "SendLocalList"}
    return [payload for action, payload in heard if action == "SendLocalList"]
