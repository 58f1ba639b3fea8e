"""gateway.charge_points.service: who may take part, from the first boot to the next start."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import StorageFailed
from gateway.events import ChargePointBooted, DeviationSeen, Provisioned, StandingLimitConfirmed
from gateway.ocpp.calls import Answered, Caller, Withheld
from gateway.ports import LimitOutcome
from gateway.provisioning.service import ProvisioningService
from gateway.records.service import RecordService
from gateway.site.depot import BootPolicy
from gateway.storage.documents import SqliteDocuments
from tests.unit.charge_points.front import BOOT, Front, scene
from tests.unit.service_bench import IDENTITY, UPSTREAM

STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


def site_text(boot: str, **more: str) -> str:
    lines = "".join(f"{key} = {value}\n" for key, value in more.items())
    return UPSTREAM + f'\n[ocpp]\nboot = "{boot}"\n{lines}'


def test_pending_from_the_first_boot_to_the_accepted_one() -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        assert await front.ask(peer, "Authorize", {"idTag": "KNOWN"}) == "SecurityError"
        seen = front.bench.heard[-1]
        assert isinstance(seen, DeviationSeen)
        assert (seen.action, seen.rule, seen.refused) == ("Authorize", "registration", True)
        answer = await front.ask(peer, "BootNotification", BOOT)
        assert (answer["status"], answer["interval"]) == ("Pending", 17)
        assert await front.ask(peer, "Authorize", {"idTag": "KNOWN"}) == "SecurityError"
        reading = front.call("GetConfiguration")
        await peer.answer("GetConfiguration", {"configurationKey": []})
        assert isinstance(await reading, Answered)
        starting = front.call("RemoteStartTransaction", idTag="KNOWN")
        assert isinstance(await starting, Withheld)
        assert isinstance(front.calls[-1].outcome, Withheld)
        triggering = front.call("TriggerMessage", requestedMessage="StatusNotification")
        await peer.answer("TriggerMessage", {"status": "Accepted"})
        await triggering
        assert await front.ask(peer, "StatusNotification", STATUS) == {}
        assert await front.ask(peer, "Heartbeat", {}) == "SecurityError"
        await front.service.decide_boot(IDENTITY, BootPolicy.ACCEPT)
        call = await peer.answer("TriggerMessage", {"status": "Accepted"})
        assert call[3] == {"requestedMessage": "BootNotification"}
        answer = await front.ask(peer, "BootNotification", BOOT)
        assert (answer["status"], answer["interval"]) == ("Accepted", 300)
        assert "currentTime" in await front.ask(peer, "Heartbeat", {})
        await asyncio.sleep(0.1)
        await front.restart()
        peer = await front.connect()
        assert "currentTime" in await front.ask(peer, "Heartbeat", {})
        assert front.service.registration(IDENTITY) == "Accepted"
        assert front.service.boot_policy(IDENTITY) is BootPolicy.ACCEPT

    scene(played, site_text("pending", boot_retry_s="17"))


def test_a_transaction_is_refused_so_that_it_is_sent_again_and_counts_once_accepted() -> None:
    async def played(front: Front) -> None:
        start = {
            "connectorId": 1,
            "idTag": "KNOWN",
            "meterStart": 0,
            "timestamp": "2026-01-01T00:00:00Z",
        }
        peer = await front.connect()
        assert await front.boot(peer) == "Pending"
        peer.say(2, "start", "StartTransaction", start)
        assert (await peer.next())[:3] == [4, "start", "SecurityError"]
        await front.service.decide_boot(IDENTITY, BootPolicy.ACCEPT)
        await peer.answer("TriggerMessage", {"status": "Rejected"})
        assert await front.boot(peer) == "Accepted"
        peer.say(2, "start", "StartTransaction", start)
        assert (await peer.next())[2]["transactionId"] == 7

    scene(played, site_text("pending"))


def test_a_triggered_message_may_overtake_the_answer_to_its_trigger() -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        await front.boot(peer)
        triggering = front.call("TriggerMessage", requestedMessage="StatusNotification")
        call = await peer.next()
        assert await front.ask(peer, "StatusNotification", STATUS) == {}
        peer.say(3, call[1], {"status": "Accepted"})
        await triggering

    scene(played, site_text("pending"))


@pytest.mark.parametrize(
    "refusal", [[3, {"status": "Rejected"}], [3, {}], [4, "NotSupported", "", {}]]
)
def test_a_trigger_that_was_not_accepted_opens_nothing(refusal: list[Any]) -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        await front.boot(peer)
        triggering = front.call("TriggerMessage", requestedMessage="StatusNotification")
        call = await peer.next()
        peer.say(refusal[0], call[1], *refusal[1:])
        await triggering
        assert await front.ask(peer, "StatusNotification", STATUS) == "SecurityError"

    scene(played, site_text("pending"))


def test_a_rejected_charge_point_is_sent_nothing_and_nobody_hears_of_it() -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        assert await front.boot(peer) == "Rejected"
        for action in ("GetConfiguration", "TriggerMessage", "RemoteStopTransaction"):
            assert isinstance(await front.call(action), Withheld)
        assert await front.limit() is LimitOutcome.REFUSED
        assert await front.ask(peer, "Heartbeat", {}) == "SecurityError"
        await front.service.decide_boot(IDENTITY, BootPolicy.ACCEPT)
        await asyncio.sleep(1)
        assert peer.nothing_sent()
        assert not any(isinstance(event, ChargePointBooted) for event in front.bench.heard)
        assert await front.store.boots() == {}
        assert await front.boot(peer) == "Accepted"
        assert isinstance(front.bench.heard[-1], ChargePointBooted)

    scene(played, site_text("reject"))


def test_what_is_decided_against_an_accepted_one_waits_for_its_next_boot() -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        assert await front.boot(peer) == "Accepted"
        await front.service.decide_boot(IDENTITY, BootPolicy.PENDING)
        await asyncio.sleep(1)
        assert peer.nothing_sent()
        assert "currentTime" in await front.ask(peer, "Heartbeat", {})
        await front.restart()
        peer = await front.connect()
        assert "currentTime" in await front.ask(peer, "Heartbeat", {})
        assert await front.boot(peer) == "Pending"
        await front.service.decide_boot(IDENTITY, None)
        await peer.answer("TriggerMessage", {"status": "Accepted"})
        assert await front.boot(peer) == "Accepted"

    scene(played, site_text("accept"))


def test_one_that_is_prepared_is_asked_to_boot_once_it_holds_everything() -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        assert await front.boot(peer) == "Pending"
        front.bench.bus.publish(StandingLimitConfirmed(IDENTITY))
        await asyncio.sleep(1)
        assert peer.nothing_sent()
        front.bench.bus.publish(Provisioned(IDENTITY))
        call = await peer.answer("TriggerMessage", {"status": "Accepted"})
        assert call[3] == {"requestedMessage": "BootNotification"}
        assert await front.boot(peer) == "Accepted"
        assert front.calls[-1].caller is Caller.GATEWAY
        front.bench.bus.publish(Provisioned(IDENTITY))
        await asyncio.sleep(1)
        assert peer.nothing_sent()

    scene(played, site_text("prepare"))


def test_one_that_booted_before_this_version_is_accepted_after_the_start() -> None:
    async def played(front: Front) -> None:
        await front.store.remember_boot(IDENTITY, json.dumps(BOOT).encode())
        await front.restart()
        peer = await front.connect()
        assert "currentTime" in await front.ask(peer, "Heartbeat", {})

    scene(played, site_text("pending"))


@pytest.mark.parametrize(
    ("strict", "good"),
    [("true", lambda got: got == "SecurityError"), ("false", lambda got: "currentTime" in got)],
)
def test_one_that_never_boots_is_served_unless_the_site_is_strict(
    strict: str, good: Callable[[Any], bool]
) -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        assert good(await front.ask(peer, "Heartbeat", {}))

    scene(played, site_text("accept", strict=strict))


def test_a_decision_that_cannot_be_kept_is_none() -> None:
    async def played(front: Front) -> None:
        async def broken(work: Callable[[sqlite3.Connection], object]) -> object:
            raise StorageFailed("disk full")

        front.bench.database.run = broken  # type: ignore[method-assign,assignment]
        with pytest.raises(StorageFailed):
            await front.service.decide_boot(IDENTITY, BootPolicy.REJECT)
        assert front.service.boot_policy(IDENTITY) is BootPolicy.ACCEPT

    scene(played, site_text("accept"))


def test_an_unreadable_registration_is_one_that_never_was() -> None:
    async def played(front: Front) -> None:
        await front.service._documents.keep(IDENTITY, "boot", b"?")
        await front.restart()
        assert front.service.registration(IDENTITY) is None
        assert await front.boot(await front.connect()) == "Pending"

    scene(played, site_text("pending"))


def test_preparing_in_full_ends_with_the_boot_that_is_accepted() -> None:
    async def played(front: Front) -> None:
        bench = front.bench
        records = RecordService(bench.site, bench.bus, bench.clock, SqliteDocuments(bench.database))
        provisioning = ProvisioningService(bench.site, bench.bus, front.service, records)
        peer = await front.connect()
        assert await front.boot(peer) == "Pending"
        await peer.answer("SetChargingProfile", {"status": "Rejected"})
        entry = {"key": "ConnectionTimeOut", "readonly": False, "value": "60"}
        await peer.answer("GetConfiguration", {"configurationKey": [entry]})
        change = await peer.answer("ChangeConfiguration", {"status": "Rejected"})
        assert change[3] == {"key": "ConnectionTimeOut", "value": "45"}
        await asyncio.sleep(30)
        assert await front.boot(peer) == "Pending"
        await peer.answer("SetChargingProfile", {"status": "Accepted"})
        trigger = await peer.answer("TriggerMessage", {"status": "Accepted"})
        assert trigger[3] == {"requestedMessage": "BootNotification"}
        assert await front.boot(peer) == "Accepted"
        await asyncio.sleep(120)
        assert peer.nothing_sent()
        await provisioning.close()
        await records.close()

    text = site_text("prepare", meter_values_interval_s="0")
    scene(played, text + "[configuration]\nConnectionTimeOut = 45\n")
