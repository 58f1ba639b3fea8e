"""gateway.transactions.service"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.authorization.decide import Source, TagDecision
from gateway.errors import StorageFailed
from gateway.events import (
    ConnectorStatusChanged,
    DrawMeasured,
    TransactionBegan,
    TransactionEnded,
)
from gateway.ocpp.v16.messages import wire_time
from gateway.site.depot import ConnectorKey
from gateway.site.electrical import PhaseCurrents
from gateway.storage.inline import InlineDatabase
from gateway.storage.transactions import SqliteTransactions
from gateway.transactions.service import TransactionService
from tests.unit.service_bench import IDENTITY, UPSTREAM, Bench, FakeCloud, play

KEY = ConnectorKey(IDENTITY, 1)
START = {"connectorId": 1, "idTag": "TAG", "meterStart": 5, "timestamp": "2026-01-01T00:00:00Z"}


class Tags:
    """Every tag has one standing."""

    def __init__(self) -> None:
        self.status = "Accepted"

    def decide_now(self, identity: str, id_tag: str) -> TagDecision | None:
        return TagDecision(self.status, Source.SITE)

    async def decide(self, identity: str, id_tag: str, request: bytes | None = None) -> TagDecision:
        return TagDecision(self.status, Source.SITE)


class Counter:
    """The ledger's service behind its counter."""

    def __init__(self, bench: Bench | None = None) -> None:
        self.bench = bench or Bench(UPSTREAM + "\n[charge_points.CP-01.upstream]\nenabled = true\n")
        self.bench.listen(TransactionBegan, TransactionEnded, DrawMeasured)
        self.tags = Tags()
        self.cloud = FakeCloud()
        self.ledger = SqliteTransactions(self.bench.database)
        self.service = TransactionService(
            self.bench.site,
            self.bench.bus,
            self.bench.clock,
            self.bench.chance,
            self.ledger,
            self.tags,
            self.cloud,
        )

    async def start(self, **changes: Any) -> dict[str, Any]:
        payload = json.dumps(START | changes).encode()
        answer: dict[str, Any] = json.loads(await self.service.begin(IDENTITY, payload))
        return answer

    async def stop(self, transaction_id: int, **more: Any) -> dict[str, Any]:
        request = {
            "transactionId": transaction_id,
            "meterStop": 9,
            "timestamp": "2026-01-01T01:00:00Z",
            **more,
        }
        answer: dict[str, Any] = json.loads(
            await self.service.end(IDENTITY, json.dumps(request).encode())
        )
        return answer

    async def meter(self, **more: Any) -> bytes:
        value = [
            {"value": "10.5", "measurand": "Current.Import", "phase": phase, "unit": "A"}
            for phase in ("L1", "L2", "L3")
        ]
        request = {
            "connectorId": 1,
            "meterValue": [{"timestamp": "2026-01-01T00:10:00Z", "sampledValue": value}],
            **more,
        }
        answer = self.service.meter(IDENTITY, json.dumps(request).encode())
        return answer if isinstance(answer, bytes) else await answer

    def status(self, status: str) -> None:
        self.bench.bus.publish(ConnectorStatusChanged(KEY, status, "NoError"))

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.bench.heard]


def scene(played: Callable[[Counter], Awaitable[None]]) -> None:
    async def main() -> None:
        await played(Counter())

    play(main)


def test_a_start_is_answered_from_the_ledger_and_told() -> None:
    async def played(counter: Counter) -> None:
        answer = await counter.start()
        assert answer["idTagInfo"] == {"status": "Accepted"}
        running = counter.service.running(KEY)
        assert running is not None
        assert running.local_transaction_id == answer["transactionId"] > 0
        (began,) = counter.bench.heard
        assert (began.key, began.meter_start_wh, began.resumed) == (KEY, 5, False)
        assert await counter.ledger.open_transactions() == [running]

    scene(played)


def test_a_retried_start_gets_the_same_id_and_begins_nothing_new() -> None:
    async def played(counter: Counter) -> None:
        first, again = await counter.start(), await counter.start()
        assert first == again
        assert counter.kinds() == ["TransactionBegan"]

    scene(played)


def test_a_start_retried_after_its_stop_does_not_run_again() -> None:
    async def played(counter: Counter) -> None:
        transaction_id = (await counter.start())["transactionId"]
        await counter.stop(transaction_id)
        assert (await counter.start())["transactionId"] == transaction_id
        assert counter.service.running(KEY) is None

    scene(played)


def test_a_start_without_a_timestamp_begins_when_it_comes_and_not_twice() -> None:
    async def played(counter: Counter) -> None:
        payload = json.dumps({"connectorId": 1, "idTag": "TAG", "meterStart": 0}).encode()

        async def undated() -> Any:
            await asyncio.sleep(60.0)
            return json.loads(await counter.service.begin(IDENTITY, payload))["transactionId"]

        first = await undated()
        assert await undated() == first
        running = counter.service.running(KEY)
        assert running is not None
        assert running.started_at == wire_time(running.recorded_at)
        await counter.stop(first)
        assert await undated() != first
        assert counter.service.running(KEY) is not None

    scene(played)


def test_a_refused_tag_gets_an_id_and_no_current() -> None:
    async def played(counter: Counter) -> None:
        counter.tags.status = "Blocked"
        answer = await counter.start()
        assert answer["idTagInfo"] == {"status": "Blocked"}
        assert answer["transactionId"] > 0
        assert counter.bench.heard == []

    scene(played)


@pytest.mark.parametrize("transaction_id", [-1, 0, 12345, 2**31, 2**70])
def test_a_stop_that_nobody_knows_is_answered_and_stops_nothing(transaction_id: int) -> None:
    async def played(counter: Counter) -> None:
        await counter.start()
        assert await counter.stop(transaction_id) == {}
        assert counter.service.running(KEY) is not None

    scene(played)


def test_a_stop_with_a_tag_says_what_the_tag_is_worth() -> None:
    async def played(counter: Counter) -> None:
        answer = await counter.stop((await counter.start())["transactionId"], idTag="TAG")
        assert answer == {"idTagInfo": {"status": "Accepted"}}
        assert counter.kinds() == ["TransactionBegan", "TransactionEnded"]

    scene(played)


def test_a_new_start_ends_what_ran_there() -> None:
    async def played(counter: Counter) -> None:
        await counter.start()
        await counter.start(timestamp="2026-01-01T05:00:00Z")
        assert counter.kinds() == ["TransactionBegan", "TransactionEnded", "TransactionBegan"]

    scene(played)


def test_an_available_connector_charges_nothing_until_meter_values_say_otherwise() -> None:
    async def played(counter: Counter) -> None:
        transaction_id = (await counter.start())["transactionId"]
        counter.status("Charging")
        assert counter.service.running(KEY) is not None
        counter.status("Available")
        assert counter.service.running(KEY) is None
        await counter.meter(transactionId=transaction_id)
        running = counter.service.running(KEY)
        assert running is not None
        assert running.local_transaction_id == transaction_id

    scene(played)


def test_meter_values_go_to_the_balancing_and_to_the_cloud() -> None:
    async def played(counter: Counter) -> None:
        transaction_id = (await counter.start())["transactionId"]
        assert await counter.meter(transactionId=transaction_id) == b"{}"
        assert counter.bench.heard[-1] == DrawMeasured(KEY, PhaseCurrents(10.5, 10.5, 10.5), None)
        (stored,) = counter.cloud.stored
        assert (stored[0], stored[2]) == ("MeterValues", transaction_id)

    scene(played)


@pytest.mark.parametrize("transaction_id", [-1, 4711, 2**63])
def test_meter_values_of_an_unknown_transaction_are_stored_as_nobody_s(
    transaction_id: int,
) -> None:
    async def played(counter: Counter) -> None:
        await counter.meter(transactionId=transaction_id)
        assert [stored[2] for stored in counter.cloud.stored] == [None]

    scene(played)


def test_meter_values_that_nobody_waits_for_are_answered_at_once() -> None:
    async def played(counter: Counter) -> None:
        transaction_id = (await counter.start())["transactionId"]
        counter.cloud.mirrored = False
        payload = json.dumps({"connectorId": 1, "transactionId": transaction_id, "meterValue": []})
        assert counter.service.meter(IDENTITY, payload.encode()) == b"{}"

    scene(played)


def test_meter_values_without_an_id_belong_to_what_runs_there() -> None:
    async def played(counter: Counter) -> None:
        await counter.meter(transactionId=-1)
        transaction_id = (await counter.start())["transactionId"]
        await counter.meter(transactionId=-1)
        assert [stored[2] for stored in counter.cloud.stored] == [None, transaction_id]

    scene(played)


def test_a_stop_without_an_id_ends_what_its_tag_began() -> None:
    async def played(counter: Counter) -> None:
        await counter.start()
        assert await counter.stop(-1, idTag="tag") == {"idTagInfo": {"status": "Accepted"}}
        assert counter.service.running(KEY) is None

    scene(played)


def test_a_start_tells_which_reservation_it_used() -> None:
    async def played(counter: Counter) -> None:
        await counter.start(reservationId=7)
        assert counter.bench.heard[0].reservation_id == 7

    scene(played)


def test_open_transactions_are_taken_up_after_a_restart() -> None:
    async def played(counter: Counter) -> None:
        transaction_id = (await counter.start())["transactionId"]
        reborn = Counter(counter.bench)
        counter.bench.heard.clear()
        await reborn.service.load()
        (began,) = set(counter.bench.heard)
        assert (began.local_transaction_id, began.resumed) == (transaction_id, True)

    scene(played)


def test_a_disk_that_fails_gives_no_answer_and_leaves_nothing_behind() -> None:
    async def fails() -> None:
        raise StorageFailed("the disk is full")

    async def played(counter: Counter) -> None:
        database = counter.bench.database
        assert isinstance(database, InlineDatabase)
        database.before_commit = fails
        with pytest.raises(StorageFailed):
            await counter.start()
        database.before_commit = None
        assert counter.bench.heard == []
        assert await counter.ledger.open_transactions() == []

    scene(played)
