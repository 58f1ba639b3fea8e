"""The service of the charge points with peers that the test plays."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from gateway.answers.service import AnswerService
from gateway.authorization.decide import Source, TagDecision
from gateway.charge_points.service import ChargePointService
from gateway.events import (
    CallEnded,
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    ConnectorStatusChanged,
    DeviationSeen,
    NotificationReceived,
)
from gateway.ocpp.calls import Caller, CallOutcome
from gateway.ports import LimitOutcome
from gateway.site.depot import ConnectorKey
from gateway.storage.charge_points import SqliteChargePoints
from gateway.storage.documents import SqliteDocuments
from gateway.transactions.ledger import Transaction
from tests.unit.service_bench import IDENTITY, UPSTREAM, Bench, FakeCloud, Peer, play

KEY: Final = ConnectorKey(IDENTITY, 1)
BOOT: Final = {"chargePointModel": "M", "chargePointVendor": "V"}


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
            ChargePointConnected,
            ChargePointDisconnected,
            ChargePointBooted,
            ConnectorStatusChanged,
            NotificationReceived,
            DeviationSeen,
        )
        self.calls: list[CallEnded] = []
        self.bench.bus.subscribe(CallEnded, self.calls.append)
        self.cloud = FakeCloud()
        self.ledger = Ledger()
        self.store = SqliteChargePoints(self.bench.database)
        self.serving: list[asyncio.Task[None]] = []
        self.service = self.started()

    def started(self) -> ChargePointService:
        """The service as it is after a start: what it knows is in the database."""
        bench = self.bench
        return ChargePointService(
            bench.site,
            bench.bus,
            bench.clock,
            bench.chance,
            AnswerService(bench.bus, bench.clock, SlowTags(), self.ledger, self.cloud),
            self.ledger,
            self.store,
            SqliteDocuments(bench.database),
        )

    async def restart(self) -> None:
        """End the service and start another one on the same database."""
        await self.service.close()
        self.service = self.started()
        await self.service.load()

    async def connect(self) -> Peer:
        peer = Peer()
        self.serving.append(asyncio.ensure_future(self.service.serve(IDENTITY, peer)))
        await asyncio.sleep(0.01)
        return peer

    async def ask(self, peer: Peer, action: str, payload: object) -> Any:
        """The CALLRESULT's payload, or the CALLERROR's code."""
        peer.say(2, self.bench.chance.unique_id(), action, payload)
        return (await peer.next())[2]

    async def boot(self, peer: Peer) -> str:
        """Send a BootNotification; the status that it gets."""
        status = (await self.ask(peer, "BootNotification", BOOT))["status"]
        await asyncio.sleep(0.01)
        return str(status)

    def call(self, action: str, **payload: Any) -> "asyncio.Task[CallOutcome]":
        """An operator's CALL under way."""
        told = json.dumps(payload).encode()
        return asyncio.ensure_future(
            self.service.call(IDENTITY, action, told, caller=Caller.OPERATOR)
        )

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
