"""gateway.charge_points.service"""

import asyncio
import json

import pytest

from gateway.events import (
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    CloudDecidedTag,
    ConnectorStatusChanged,
    DeviationSeen,
    NotificationReceived,
)
from gateway.ocpp.calls import Answered, Offline
from gateway.ports import LimitOutcome
from tests.unit.charge_points.front import BOOT, KEY, Front, scene
from tests.unit.service_bench import IDENTITY, UPSTREAM, Peer

STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
CONTINUE = UPSTREAM + '\n[authorization]\nlate_refusal = "continue"\n'
QUIET = UPSTREAM.replace("[charge_points.CP-01]\n", "[charge_points.CP-01]\nquiet = true\n")


class ReachedPeer(Peer):
    """A peer whose link knows our address."""

    local_host = "192.0.2.7"


def test_a_boot_is_accepted_at_once_and_remembered() -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        answer = await front.ask(peer, "BootNotification", BOOT)
        assert answer == {
            "status": "Accepted",
            "currentTime": front.bench.clock.now().utc.isoformat()[:19] + ".010Z",
            "interval": 300,
        }
        await asyncio.sleep(0.1)
        assert json.loads((await front.store.boots())[IDENTITY]) == BOOT
        assert [type(event) for event in front.bench.heard] == [
            ChargePointConnected,
            ChargePointBooted,
        ]

    scene(played)


def test_a_slow_authorize_does_not_delay_a_heartbeat() -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        peer.say(2, "slow", "Authorize", {"idTag": "STRANGER"})
        peer.say(2, "quick", "Heartbeat", {})
        peer.say(2, "known", "Authorize", {"idTag": "KNOWN"})
        order = [(await peer.next())[1] for _ in range(3)]
        assert order == ["quick", "known", "slow"]

    scene(played)


def test_the_newest_connection_counts_and_the_older_one_is_closed() -> None:
    async def played(front: Front) -> None:
        old = await front.connect()
        pending = asyncio.ensure_future(front.service.call(IDENTITY, "Reset", b'{"type":"Soft"}'))
        await old.next()
        new = await front.connect()
        assert await pending == Offline()
        assert old.closed
        await asyncio.sleep(0.1)
        assert front.service.is_online(IDENTITY)
        assert ChargePointDisconnected(IDENTITY) not in front.bench.heard
        await new.close()
        await asyncio.sleep(0.1)
        assert front.bench.heard[-1] == ChargePointDisconnected(IDENTITY)
        assert await front.service.call(IDENTITY, "Reset", b"{}") == Offline()

    scene(played)


def test_a_status_is_told_and_stored_for_the_cloud() -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        assert await front.ask(peer, "StatusNotification", STATUS) == {}
        assert front.bench.heard[-1] == ConnectorStatusChanged(KEY, "Charging", "NoError")
        ((action, payload, _),) = front.cloud.stored
        assert (action, json.loads(payload)) == ("StatusNotification", STATUS)

    scene(played)


def test_data_transfer_is_the_cloud_s_to_answer_when_it_can() -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        ask = {"vendorId": "org.example"}
        assert await front.ask(peer, "DataTransfer", ask) == {"status": "UnknownVendorId"}
        front.cloud.answer = Answered(b'{"status":"Accepted","data":"42"}')
        assert await front.ask(peer, "DataTransfer", ask) == {"status": "Accepted", "data": "42"}
        front.cloud.mirrored = False
        assert await front.ask(peer, "DataTransfer", ask) == {"status": "UnknownVendorId"}

    scene(played)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ([3, {"status": "Accepted"}], LimitOutcome.CONFIRMED),
        ([3, {"status": "Rejected"}], LimitOutcome.REFUSED),
        ([4, "InternalError", "", {}], LimitOutcome.REFUSED),
        (None, LimitOutcome.SILENT),
    ],
)
def test_a_limit_ends_as_the_charge_point_took_it(
    answer: list[object] | None, outcome: LimitOutcome
) -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        limiting = front.limit()
        call = await peer.next()
        profile = call[3]["csChargingProfiles"]
        assert (profile["transactionId"], profile["chargingProfilePurpose"]) == (7, "TxProfile")
        periods = profile["chargingSchedule"]["chargingSchedulePeriod"]
        assert [period["limit"] for period in periods] == [16.3, 6.0]
        if answer is not None:
            peer.say(answer[0], call[1], *answer[1:])
        assert await limiting is outcome

    scene(played)


def test_a_limit_needs_a_connection_and_a_transaction() -> None:
    async def played(front: Front) -> None:
        assert await front.limit() is LimitOutcome.OFFLINE
        peer = await front.connect()
        front.ledger.transaction = None
        assert await front.limit() is LimitOutcome.REFUSED
        assert peer.nothing_sent()

    scene(played)


@pytest.mark.parametrize(
    ("site_text", "stopped"), [(UPSTREAM, True), (CONTINUE, False), (QUIET, False)]
)
def test_a_tag_refused_late_is_stopped_by_the_site_s_rule(site_text: str, *, stopped: bool) -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        for status, local_id in (("Accepted", 7), ("Blocked", None), ("Blocked", 7)):
            info = json.dumps({"status": status}).encode()
            front.bench.bus.publish(CloudDecidedTag(IDENTITY, "TAG", info, local_id))
        await asyncio.sleep(0.1)
        assert peer.nothing_sent() is not stopped
        if stopped:
            call = await peer.answer("RemoteStopTransaction", {"status": "Accepted"})
            assert call[3] == {"transactionId": 7}
            assert peer.nothing_sent()

    scene(played, site_text)


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("DiagnosticsStatusNotification", {"status": "Uploading"}),
        ("FirmwareStatusNotification", {"status": "Installed"}),
        ("LogStatusNotification", {"status": "Uploaded", "requestId": 1}),
        ("SignedFirmwareStatusNotification", {"status": "Installed", "requestId": 1}),
        ("SecurityEventNotification", {"type": "Any", "timestamp": "2026-01-01T00:00:00Z"}),
    ],
)
def test_progress_is_told_to_whoever_wants_it(action: str, payload: dict[str, object]) -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        assert await front.ask(peer, action, payload) == {}
        event = front.bench.heard[-1]
        assert isinstance(event, NotificationReceived)
        assert (event.action, json.loads(event.payload)) == (action, payload)

    scene(played)


@pytest.mark.parametrize(("strict", "answer"), [(False, {}), (True, "FormationViolation")])
def test_a_deviation_is_told_and_refused_only_where_the_site_is_strict(
    answer: object, *, strict: bool
) -> None:
    async def played(front: Front) -> None:
        peer = await front.connect()
        odd = {**STATUS, "vendorField": 1}
        assert await front.ask(peer, "StatusNotification", odd) == answer
        seen = next(event for event in front.bench.heard if isinstance(event, DeviationSeen))
        assert (seen.identity, seen.action, seen.refused) == (
            IDENTITY,
            "StatusNotification",
            strict,
        )

    text = UPSTREAM.replace("allow_without", f"strict = {str(strict).lower()}\nallow_without")
    scene(played, text)


def test_the_address_at_which_a_charge_point_reached_us_is_known_while_it_is_there() -> None:
    async def played(front: Front) -> None:
        assert front.service.local_host(IDENTITY) is None
        await front.connect()
        assert front.service.local_host(IDENTITY) is None
        reached = ReachedPeer()
        front.serving.append(asyncio.ensure_future(front.service.serve(IDENTITY, reached)))
        await asyncio.sleep(0.01)
        assert front.service.local_host(IDENTITY) == "192.0.2.7"
        await reached.close()
        await asyncio.sleep(0.01)
        assert front.service.local_host(IDENTITY) is None

    scene(played)
