"""gateway.charge_points.service"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from gateway.authorization.decide import Source, TagDecision
from gateway.charge_points.service import ChargePointService
from gateway.events import (
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    CloudDecidedTag,
    ConnectorStatusChanged,
)
from gateway.ocpp.calls import Answered, Offline
from gateway.ports import LimitOutcome
from gateway.site.depot import ConnectorKey
from gateway.storage.charge_points import SqliteChargePoints
from gateway.transactions.ledger import Transaction
from tests.unit.service_bench import IDENTITY, UPSTREAM, Bench, FakeCloud, Peer, play

KEY = ConnectorKey(IDENTITY, 1)
BOOT = {"chargePointModel": "M", "chargePointVendor": "V"}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
CONTINUE = UPSTREAM + '\n[authorization]\nlate_refusal = "continue"\n'


class SlowTags:
    """One tag is known; the others take 20 s."""

    def decide_now(self, identity: str, id_tag: str) -> TagDecision | None:
        return TagDecision("Accepted", Source.SITE) if id_tag == "KNOWN" else None

    async def decide(self, identity: str, id_tag: str, request: bytes | None = None) -> TagDecision:
        await asyncio.sleep(20)
        return TagDecision("Blocked", Source.CLOUD)


class Ledger:
    """A transaction runs, or not."""

    def __init__(self) -> None:
        self.transaction: Transaction | None = Transaction(
            7, KEY, "TAG", "t", 0, None, None, None, None, datetime(2026, 1, 1, tzinfo=UTC)
        )

    def running(self, key: ConnectorKey) -> Transaction | None:
        return self.transaction

    async def begin(self, identity: str, payload: bytes) -> bytes:
        return b'{"idTagInfo":{"status":"Accepted"},"transactionId":7}'

    async def end(self, identity: str, payload: bytes) -> bytes:
        return b"{}"

    async def meter(self, identity: str, payload: bytes) -> bytes:
        return b"{}"


class Front:
    """The service with charge points that the test plays."""

    def __init__(self, site_text: str) -> None:
        self.bench = Bench(site_text)
        self.bench.listen(
            ChargePointConnected, ChargePointDisconnected, ChargePointBooted, ConnectorStatusChanged
        )
        self.cloud = FakeCloud()
        self.ledger = Ledger()
        self.store = SqliteChargePoints(self.bench.database)
        self.service = ChargePointService(
            self.bench.site,
            self.bench.bus,
            self.bench.clock,
            self.bench.chance,
            SlowTags(),
            self.ledger,
            self.cloud,
            self.store,
        )
        self.serving: list[asyncio.Task[None]] = []

    async def connect(self) -> Peer:
        peer = Peer()
        self.serving.append(asyncio.ensure_future(self.service.serve(IDENTITY, peer)))
        await asyncio.sleep(0.01)
        return peer

    async def ask(self, peer: Peer, action: str, payload: object) -> object:
        peer.say(2, self.bench.chance.unique_id(), action, payload)
        return (await peer.next())[2]

    def limit(self) -> "asyncio.Task[LimitOutcome]":
        return asyncio.ensure_future(self.service.apply_limit(KEY, 163, 60, 120.0, urgent=True))


def scene(played: Callable[[Front], Awaitable[None]], site_text: str = UPSTREAM) -> None:
    async def main() -> None:
        front = Front(site_text)
        try:
            await played(front)
        finally:
            await front.service.close()
            await asyncio.gather(*front.serving)

    play(main)


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


@pytest.mark.parametrize(("site_text", "stopped"), [(UPSTREAM, True), (CONTINUE, False)])
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
