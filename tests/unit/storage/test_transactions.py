"""The ledger on disk: each start once, each stop once, nothing lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.ports import Database
from gateway.site.depot import ConnectorKey
from gateway.storage.outbox import SqliteOutbox
from gateway.storage.transactions import SqliteTransactions
from gateway.transactions.ledger import MAX_TRANSACTION_ID, StartRequest, StopRequest, Transaction
from tests.unit.storage.conftest import Scenario
from tests.unit.storage.examples import NOON, message, start, stop

Play = Callable[[Scenario], None]


async def waiting(database: Database, identity: str = "CP-1") -> list[tuple[str, int | None]]:
    """The unique id and the local transaction id of every message in the outbox."""
    stored = await SqliteOutbox(database).head(identity, 100)
    return [(s.message.unique_id, s.message.local_transaction_id) for s in stored]


async def orphans(database: Database) -> list[tuple[object, object]]:
    """Each orphan's transactionId and the transaction that it stopped a second time."""
    return await database.run(
        lambda db: [
            (row["transaction_id"], row["local_transaction_id"])
            for row in db.execute("SELECT * FROM orphan_stops ORDER BY seq")
        ]
    )


def test_a_start_and_its_report_are_recorded_together(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        begun = await store.begin(start(), 42, message("u1"), NOON)
        assert begun.fresh
        assert begun.transaction == Transaction(
            local_transaction_id=42,
            key=ConnectorKey("CP-1", 1),
            id_tag="Tag",
            started_at="2025-06-01T12:00:00Z",
            meter_start_wh=100,
            cloud_transaction_id=None,
            stopped_at=None,
            meter_stop_wh=None,
            stop_reason=None,
            recorded_at=NOON,
        )
        assert await store.find(42) == begun.transaction
        assert await waiting(database) == [("u1", 42)]

    play(scenario)


def test_a_retried_start_finds_the_first_and_reports_nothing(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        first = await store.begin(start(), 42, message("u1"), NOON)
        later = NOON + timedelta(days=1)
        again = await store.begin(start(id_tag="TAG"), 77, message("u2"), later)
        assert not again.fresh
        assert again.transaction == first.transaction
        assert await store.find(77) is None
        assert await waiting(database) == [("u1", 42)]

    play(scenario)


@pytest.mark.parametrize(
    "other",
    [
        start(identity="CP-2"),
        start(connector_id=2),
        start(id_tag="other"),
        start(timestamp="2025-06-01T12:00:01Z"),
        start(meter_start_wh=101),
    ],
)
def test_a_start_that_differs_in_anything_is_another_one(play: Play, other: StartRequest) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        await store.begin(start(), 1, None, NOON)
        assert (await store.begin(other, 2, None, NOON)).fresh

    play(scenario)


def test_a_start_retried_after_its_stop_finds_the_stopped_transaction(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        await store.begin(start(), 42, None, NOON)
        ended = await store.end(stop(42), None)
        again = await store.begin(start(), 43, message("u"), NOON)
        assert not again.fresh
        assert again.transaction == ended.transaction
        assert await waiting(database) == []

    play(scenario)


def test_a_taken_id_gives_the_next_free_one_with_one_after_the_highest(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        given = [
            (await store.begin(start(meter_start_wh=n), MAX_TRANSACTION_ID - 1, None, NOON))
            for n in range(4)
        ]
        ids = [begun.transaction.local_transaction_id for begun in given]
        assert ids == [MAX_TRANSACTION_ID - 1, MAX_TRANSACTION_ID, 1, 2]

    play(scenario)


def test_a_stop_closes_its_transaction_and_is_reported_behind_the_start(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        begun = await store.begin(start(), 42, message("u1"), NOON)
        ended = await store.end(stop(42, reason="EVDisconnected"), message("u2"))
        assert ended.fresh
        assert ended.transaction == replace(
            begun.transaction,
            stopped_at="2025-06-01T13:00:00Z",
            meter_stop_wh=200,
            stop_reason="EVDisconnected",
        )
        assert await waiting(database) == [("u1", 42), ("u2", 42)]
        assert await store.open_transactions() == []

    play(scenario)


@pytest.mark.parametrize("id_tag", ["Tag", None])
def test_a_retried_stop_adds_nothing(play: Play, id_tag: str | None) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        await store.begin(start(), 42, None, NOON)
        first = await store.end(stop(42, id_tag=id_tag), message("u1"))
        again = await store.end(stop(42, id_tag=id_tag), message("u2"))
        assert not again.fresh
        assert again.transaction == first.transaction
        assert await waiting(database) == [("u1", 42)]
        assert await orphans(database) == []

    play(scenario)


def test_a_second_different_stop_is_kept_beside_the_first_and_not_reported(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        await store.begin(start(), 42, None, NOON)
        first = await store.end(stop(42), message("u1"))
        for _ in range(2):
            second = await store.end(stop(42, meter_stop_wh=999), message("u2"))
            assert not second.fresh
            assert second.transaction == first.transaction
        assert await waiting(database) == [("u1", 42)]
        assert await orphans(database) == [(42, 42)]

    play(scenario)


@pytest.mark.parametrize("foreign", [-1, 0, 7, 2**31, 2**63 - 1, 2**63, -(2**70), 10**30])
def test_a_stop_of_an_id_that_was_never_given_is_kept_and_reported_once(
    play: Play, foreign: int
) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        first = await store.end(stop(foreign, id_tag=None), message("u1"))
        again = await store.end(stop(foreign, id_tag=None), message("u2"))
        assert (first.transaction, first.fresh) == (None, True)
        assert (again.transaction, again.fresh) == (None, False)
        assert await waiting(database) == [("u1", None)]
        ((kept, of),) = await orphans(database)
        assert (int(str(kept)), of) == (foreign, None)

    play(scenario)


def test_two_orphans_that_differ_are_two(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        different = [
            stop(-1),
            stop(-1, id_tag=None),
            stop(-1, id_tag=""),
            stop(-1, reason="Reboot"),
            stop(-1, identity="CP-2"),
            stop(-1, meter_stop_wh=2**80),
        ]
        for orphan in different:
            assert (await store.end(orphan, None)).fresh
        assert len(await orphans(database)) == len(different)

    play(scenario)


def test_a_charge_point_cannot_stop_the_transaction_of_another(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        begun = await store.begin(start(), 42, None, NOON)
        report = message("u1", identity="CP-2", local_transaction_id=42)
        ended = await store.end(stop(42, identity="CP-2"), report)
        assert (ended.transaction, ended.fresh) == (None, True)
        assert await store.open_transactions() == [begun.transaction]
        assert await waiting(database, "CP-2") == [("u1", None)]

    play(scenario)


def test_integers_of_any_size_are_kept(play: Play) -> None:
    huge = 10**40

    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        request = replace(
            start(connector_id=huge, meter_start_wh=-huge), reservation_id=huge, id_tag="t"
        )
        begun = await store.begin(request, 42, None, NOON)
        assert not (await store.begin(request, 43, None, NOON)).fresh
        assert begun.transaction.key == ConnectorKey("CP-1", huge)
        assert begun.transaction.meter_start_wh == -huge
        ended = await store.end(stop(42, meter_stop_wh=huge), None)
        assert ended.transaction is not None
        assert ended.transaction.meter_stop_wh == huge

    play(scenario)


@pytest.mark.parametrize("unknown", [0, -1, 5, 2**31, 2**64])
def test_asking_for_an_id_that_was_never_given_finds_nothing(play: Play, unknown: int) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        await store.begin(start(), 42, None, NOON)
        assert await store.find(unknown) is None
        assert await store.find_by_cloud_id("CP-1", unknown) is None

    play(scenario)


@pytest.mark.parametrize("cloud_id", [1, 0, -3, 2**63, 10**30])
def test_the_newest_transaction_with_a_cloud_id_is_found_for_its_charge_point_only(
    play: Play, cloud_id: int
) -> None:
    async def scenario(database: Database) -> None:
        store, outbox = SqliteTransactions(database), SqliteOutbox(database)
        for number, local_id in enumerate((50, 40)):
            await store.begin(start(meter_start_wh=number), local_id, message(f"{local_id}"), NOON)
        for stored in await outbox.head("CP-1", 10):
            await outbox.delivered(stored.seq, cloud_id)
        found = await store.find_by_cloud_id("CP-1", cloud_id)
        assert found is not None
        assert (found.local_transaction_id, found.cloud_transaction_id) == (40, cloud_id)
        assert await store.find_by_cloud_id("CP-2", cloud_id) is None

    play(scenario)


def test_open_transactions_come_oldest_first_whatever_their_ids_and_clocks(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        for number, local_id in enumerate((300, 100, 200)):
            now = NOON - timedelta(hours=number)
            await store.begin(start(meter_start_wh=number), local_id, None, now)
        await store.end(stop(100), None)
        ids = [t.local_transaction_id for t in await store.open_transactions()]
        assert ids == [300, 200]

    play(scenario)


def test_the_ledger_survives_a_reopening(play: Play) -> None:
    async def write(database: Database) -> None:
        await SqliteTransactions(database).begin(start(), 42, message("u1"), NOON)

    async def read(database: Database) -> None:
        again = await SqliteTransactions(database).begin(start(), 43, message("u2"), NOON)
        assert (again.fresh, again.transaction.local_transaction_id) == (False, 42)
        assert await waiting(database) == [("u1", 42)]

    play(write)
    play(read)


def test_a_stop_without_an_id_ends_the_one_open_transaction_that_fits(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        await store.begin(start(), 42, None, NOON)
        await store.begin(start(connector_id=2, id_tag="Other"), 43, None, NOON)
        for fresh in (True, False):
            ended = await store.end(stop(-1, id_tag="TAG"), message(f"u{fresh}"))
            assert ended.transaction is not None
            assert (ended.transaction.local_transaction_id, ended.fresh) == (42, fresh)
        assert await waiting(database) == [("uTrue", 42)]
        assert await orphans(database) == []

    play(scenario)


@pytest.mark.parametrize(
    "doubtful",
    [
        stop(-1, id_tag=None),
        stop(-1, id_tag="Stranger"),
        stop(-1, identity="CP-2"),
        stop(-1, meter_stop_wh=99),
        stop(-1, timestamp="2025-06-01T11:59:59Z"),
    ],
)
def test_a_stop_without_an_id_ends_nothing_on_a_doubt(play: Play, doubtful: StopRequest) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        await store.begin(start(), 42, None, NOON)
        assert (await store.end(doubtful, None)).transaction is None
        assert len(await store.open_transactions()) == 1

    play(scenario)


def test_a_stop_without_an_id_ends_neither_of_two_that_fit(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteTransactions(database)
        await store.begin(start(), 42, None, NOON)
        await store.begin(start(connector_id=2), 43, None, NOON)
        assert (await store.end(stop(-1), None)).transaction is None

    play(scenario)
