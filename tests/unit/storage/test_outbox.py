"""Messages that wait for the cloud: in order, and none leaves unanswered."""

from collections.abc import Callable

from gateway.ports import Database
from gateway.storage.outbox import SqliteOutbox
from gateway.storage.transactions import SqliteTransactions
from gateway.upstream.backlog import StoredMessage
from tests.unit.storage.conftest import Scenario
from tests.unit.storage.examples import NOON, message, start, stop

Play = Callable[[Scenario], None]


def unique_ids(stored: object) -> list[str]:
    assert isinstance(stored, list)
    return [s.message.unique_id for s in stored]


def test_messages_come_back_whole_in_order_and_per_charge_point(play: Play) -> None:
    async def scenario(database: Database) -> None:
        outbox = SqliteOutbox(database)
        first = message("a", local_transaction_id=7)
        await outbox.append(first)
        await outbox.append(message("b", identity="CP-2"))
        await outbox.append(message("c"))
        await outbox.append(message("d"))
        head = await outbox.head("CP-1", 2)
        assert unique_ids(head) == ["a", "c"]
        assert head[0] == StoredMessage(head[0].seq, first, 0, None)
        assert head[0].seq < head[1].seq
        assert unique_ids(await outbox.head("CP-2", 9)) == ["b"]
        assert await outbox.head("CP-3", 9) == []
        assert await outbox.waiting() == {"CP-1": 3, "CP-2": 1}

    play(scenario)


def test_a_delivered_message_is_gone_and_others_are_not(play: Play) -> None:
    async def scenario(database: Database) -> None:
        outbox = SqliteOutbox(database)
        for name in "abc":
            await outbox.append(message(name))
        head = await outbox.head("CP-1", 9)
        await outbox.delivered(head[0].seq, None)
        assert unique_ids(await outbox.head("CP-1", 9)) == ["b", "c"]

    play(scenario)


def test_a_place_in_the_order_never_comes_back(play: Play) -> None:
    async def scenario(database: Database) -> None:
        outbox = SqliteOutbox(database)
        await outbox.append(message("a"))
        (first,) = await outbox.head("CP-1", 9)
        await outbox.delivered(first.seq, None)
        assert await outbox.waiting() == {}
        await outbox.append(message("b"))
        await outbox.delivered(first.seq, None)
        await outbox.refused(first.seq, "late", give_up=True)
        assert unique_ids(await outbox.head("CP-1", 9)) == ["b"]

    play(scenario)
    play(scenario_after_restart)


async def scenario_after_restart(database: Database) -> None:
    outbox = SqliteOutbox(database)
    (left,) = await outbox.head("CP-1", 9)
    await outbox.delivered(left.seq, None)
    await outbox.append(message("c"))
    (new,) = await outbox.head("CP-1", 9)
    assert new.seq > left.seq


def test_the_clouds_id_of_a_start_is_known_to_the_messages_behind_it(play: Play) -> None:
    async def scenario(database: Database) -> None:
        outbox, store = SqliteOutbox(database), SqliteTransactions(database)
        await store.begin(start(), 42, message("start"), NOON)
        await outbox.append(message("meter", action="MeterValues", local_transaction_id=42))
        await store.end(stop(42), message("stop", action="StopTransaction"))
        head = await outbox.head("CP-1", 9)
        assert [s.cloud_transaction_id for s in head] == [None, None, None]
        await outbox.delivered(head[0].seq, 9001)
        behind = await outbox.head("CP-1", 9)
        assert [(s.message.unique_id, s.cloud_transaction_id) for s in behind] == [
            ("meter", 9001),
            ("stop", 9001),
        ]
        transaction = await store.find(42)
        assert transaction is not None
        assert transaction.cloud_transaction_id == 9001
        assert transaction.stopped_at is not None

    play(scenario)


def test_a_cloud_id_of_any_size_comes_back(play: Play) -> None:
    async def scenario(database: Database) -> None:
        outbox, store = SqliteOutbox(database), SqliteTransactions(database)
        await store.begin(start(), 42, message("start"), NOON)
        (head,) = await outbox.head("CP-1", 1)
        await outbox.delivered(head.seq, 2**70)
        await outbox.append(message("meter", local_transaction_id=42))
        (behind,) = await outbox.head("CP-1", 1)
        assert behind.cloud_transaction_id == 2**70

    play(scenario)


def test_a_refused_message_keeps_its_place_and_is_counted(play: Play) -> None:
    async def scenario(database: Database) -> None:
        outbox = SqliteOutbox(database)
        await outbox.append(message("a"))
        await outbox.append(message("b"))
        first, _ = await outbox.head("CP-1", 9)
        await outbox.refused(first.seq, "InternalError", give_up=False)
        await outbox.refused(first.seq, "InternalError", give_up=False)
        head = await outbox.head("CP-1", 9)
        assert [(s.message.unique_id, s.attempts) for s in head] == [("a", 2), ("b", 0)]

    play(scenario)


def test_a_message_given_up_is_set_aside_whole_with_its_reason(play: Play) -> None:
    async def scenario(database: Database) -> None:
        outbox = SqliteOutbox(database)
        await outbox.append(message("a", local_transaction_id=5))
        await outbox.append(message("b"))
        first, _ = await outbox.head("CP-1", 9)
        await outbox.refused(first.seq, "InternalError", give_up=False)
        await outbox.refused(first.seq, "FormationViolation: no", give_up=True)
        assert unique_ids(await outbox.head("CP-1", 9)) == ["b"]
        (kept,) = await database.run(
            lambda db: [dict(row) for row in db.execute("SELECT * FROM set_aside")]
        )
        assert kept["unique_id"] == "a"
        assert kept["payload"] == first.message.payload
        assert kept["local_transaction_id"] == 5
        assert kept["attempts"] == 2
        assert kept["reason"] == "FormationViolation: no"

    play(scenario)
