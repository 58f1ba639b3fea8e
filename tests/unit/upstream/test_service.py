"""gateway.upstream.service"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from gateway.errors import ProtocolViolation
from gateway.events import (
    BacklogChanged,
    ChargePointBooted,
    CloudDecidedTag,
    MessageStored,
    UpstreamConnected,
    UpstreamDisconnected,
)
from gateway.ocpp.calls import Answered, Offline
from gateway.ocpp.v16.conversation import Request
from gateway.site.depot import ConnectorKey
from gateway.storage.outbox import SqliteOutbox
from gateway.storage.transactions import SqliteTransactions
from gateway.transactions.ledger import StartRequest
from gateway.upstream.service import ATTEMPTS, UpstreamService
from tests.unit.service_bench import BOOT, IDENTITY, Bench, Peer, ScriptedDialler, play

BOOTED = {"status": "Accepted", "currentTime": "2026-01-01T00:00:00Z", "interval": 120}
START = b'{"connectorId":1,"idTag":"TAG","meterStart":5,"timestamp":"2026-01-01T00:00:00Z"}'
STATUS = b'{"connectorId":1,"errorCode":"NoError","status":"Available"}'


class Commands:
    """What the cloud commanded, answered with Accepted."""

    def __init__(self) -> None:
        self.carried_out: list[Request] = []

    async def carry_out(self, identity: str, request: Request) -> bytes:
        self.carried_out.append(request)
        if request.action == "Reset":
            raise ProtocolViolation("InternalError", "no")
        return b'{"status":"Accepted"}'


class Leg:
    """The upstream service with its store, and the test as the cloud."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.bench.listen(UpstreamConnected, UpstreamDisconnected, BacklogChanged, CloudDecidedTag)
        self.dialler = ScriptedDialler()
        self.outbox = SqliteOutbox(self.bench.database)
        self.ledger = SqliteTransactions(self.bench.database)
        self.commands = Commands()
        self.service = UpstreamService(
            self.bench.site,
            self.bench.bus,
            self.bench.clock,
            self.bench.chance,
            self.dialler,
            self.outbox,
        )

    def link(self) -> Peer:
        """Let the next dial succeed."""
        peer = Peer()
        self.dialler.links.append(peer)
        return peer

    async def begin(self) -> int:
        """A transaction begins; returns our id."""
        begun = await self.ledger.begin(
            StartRequest(ConnectorKey(IDENTITY, 1), "TAG", "2026-01-01T00:00:00Z", 5),
            4711,
            self.service.report(IDENTITY, "StartTransaction", START),
            self.bench.clock.now().utc,
        )
        self.bench.bus.publish(MessageStored(IDENTITY))
        return begun.transaction.local_transaction_id

    async def meter(self, local_id: int) -> None:
        """MeterValues of a transaction are stored."""
        payload = b'{"connectorId":1,"transactionId":%d,"meterValue":[]}' % local_id
        await self.service.store(IDENTITY, "MeterValues", payload, local_id)

    def of(self, kind: type) -> list[Any]:
        """Every event of ``kind``."""
        return [event for event in self.bench.heard if isinstance(event, kind)]


def scene(play_it: Callable[[Leg], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        leg = Leg()
        running = asyncio.ensure_future(leg.service.run(leg.commands, {IDENTITY: BOOT}))
        try:
            await play_it(leg)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await leg.service.close()

    play(main)


async def accept(peer: Peer) -> None:
    await peer.answer("BootNotification", BOOTED)


def test_the_boot_goes_out_before_the_backlog_and_the_backlog_in_order() -> None:
    async def played(leg: Leg) -> None:
        await leg.service.store(IDENTITY, "StatusNotification", STATUS)
        await leg.service.store(IDENTITY, "FirmwareStatusNotification", b'{"status":"Idle"}')
        peer = leg.link()
        await accept(peer)
        await peer.answer("StatusNotification", {})
        await peer.answer("FirmwareStatusNotification", {})
        await asyncio.sleep(0.1)
        assert await leg.outbox.waiting() == {}
        assert leg.of(BacklogChanged)[-1].waiting == 0

    scene(played)


def test_a_retry_after_a_lost_answer_carries_the_same_id() -> None:
    async def played(leg: Leg) -> None:
        peer = leg.link()
        await accept(peer)
        await leg.begin()
        first = await peer.next()
        await peer.close()
        again = leg.link()
        second = await again.next()
        assert second == first
        assert second[2] == "StartTransaction"

    scene(played)


def test_the_cloud_s_transaction_id_is_used_from_its_answer_on() -> None:
    async def played(leg: Leg) -> None:
        peer = leg.link()
        await accept(peer)
        local_id = await leg.begin()
        await leg.meter(local_id)
        await peer.answer(
            "StartTransaction", {"transactionId": 99, "idTagInfo": {"status": "Blocked"}}
        )
        values = await peer.answer("MeterValues", {})
        assert values[3]["transactionId"] == 99
        (decided,) = leg.of(CloudDecidedTag)
        assert (decided.id_tag, decided.local_transaction_id) == ("TAG", local_id)
        found = await leg.ledger.find_by_cloud_id(IDENTITY, 99)
        assert found is not None
        assert found.local_transaction_id == local_id

    scene(played)


def test_a_message_that_the_cloud_keeps_refusing_lets_the_others_through_in_the_end() -> None:
    async def played(leg: Leg) -> None:
        await leg.service.store(IDENTITY, "StatusNotification", STATUS)
        await leg.service.store(IDENTITY, "FirmwareStatusNotification", b'{"status":"Idle"}')
        peer = leg.link()
        await accept(peer)
        for _ in range(ATTEMPTS):
            call = await peer.next()
            assert call[2] == "StatusNotification"
            peer.say(4, call[1], "InternalError", "", {})
        await peer.answer("FirmwareStatusNotification", {})

    scene(played)


def test_an_authorize_does_not_wait_for_the_backlog() -> None:
    async def played(leg: Leg) -> None:
        for _ in range(3):
            await leg.service.store(IDENTITY, "StatusNotification", STATUS)
        peer = leg.link()
        await accept(peer)
        status = await peer.next()
        asking = asyncio.ensure_future(
            leg.service.ask(IDENTITY, "Authorize", b'{"idTag":"TAG"}', 5.0)
        )
        await asyncio.sleep(0.1)
        peer.say(3, status[1], {})
        await peer.answer("Authorize", {"idTagInfo": {"status": "Accepted"}})
        assert isinstance(await asking, Answered)

    scene(played)


def test_without_a_link_the_cloud_is_offline_at_once() -> None:
    async def played(leg: Leg) -> None:
        assert await leg.service.ask(IDENTITY, "Authorize", b"{}", 5.0) == Offline()

    scene(played)


def test_dials_come_ever_slower_and_a_link_that_was_accepted_starts_anew() -> None:
    async def played(leg: Leg) -> None:
        await asyncio.sleep(600)
        pauses = [b - a for a, b in zip(leg.dialler.tries, leg.dialler.tries[1:], strict=False)]
        assert pauses[0] <= 1
        assert max(pauses) <= 60
        assert pauses[-1] >= 30
        assert len(leg.of(UpstreamDisconnected)) == 1
        peer = leg.link()
        await accept(peer)
        await asyncio.sleep(1)
        await peer.close()
        tries = len(leg.dialler.tries)
        await asyncio.sleep(1.1)
        assert len(leg.dialler.tries) > tries

    scene(played)


def test_a_second_boot_of_the_charge_point_is_mirrored_on_the_living_link() -> None:
    async def played(leg: Leg) -> None:
        peer = leg.link()
        await accept(peer)
        await asyncio.sleep(1)
        leg.bench.bus.publish(ChargePointBooted(IDENTITY, BOOT))
        await accept(peer)

    scene(played)


def test_a_boot_that_is_pending_is_repeated() -> None:
    async def played(leg: Leg) -> None:
        peer = leg.link()
        await peer.answer("BootNotification", BOOTED | {"status": "Pending", "interval": 20})
        assert leg.of(UpstreamConnected) == []
        await accept(peer)
        await asyncio.sleep(0.1)
        assert leg.of(UpstreamConnected) == [UpstreamConnected(IDENTITY)]

    scene(played)


def test_in_silence_a_heartbeat_goes_out_at_the_cloud_s_interval() -> None:
    async def played(leg: Leg) -> None:
        peer = leg.link()
        await accept(peer)
        await asyncio.sleep(119)
        assert peer.nothing_sent()
        await peer.answer("Heartbeat", {"currentTime": "2026-01-01T00:00:00Z"})

    scene(played)


def test_a_cloud_that_falls_silent_is_dialled_anew() -> None:
    async def played(leg: Leg) -> None:
        peer = leg.link()
        await accept(peer)
        await leg.service.store(IDENTITY, "StatusNotification", STATUS)
        lost = await peer.next()
        again = leg.link()
        assert (await again.next())[1] == lost[1]
        assert peer.closed

    scene(played)


def test_an_answer_that_means_nothing_is_no_answer() -> None:
    async def played(leg: Leg) -> None:
        peer = leg.link()
        await accept(peer)
        await leg.begin()
        call = await peer.next()
        peer.say(3, call[1], {"transactionId": "many", "idTagInfo": {}})
        again = await peer.next()
        assert again[1] == call[1]

    scene(played)


def test_the_cloud_s_commands_are_carried_out_and_answered() -> None:
    async def played(leg: Leg) -> None:
        peer = leg.link()
        await accept(peer)
        peer.say(2, "c1", "UnlockConnector", {"connectorId": 1})
        assert await peer.next() == [3, "c1", {"status": "Accepted"}]
        peer.say(2, "c2", "Reset", {"type": "Hard"})
        assert await peer.next() == [4, "c2", "InternalError", "no", {}]
        assert [request.action for request in leg.commands.carried_out] == [
            "UnlockConnector",
            "Reset",
        ]

    scene(played)
