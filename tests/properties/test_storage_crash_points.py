"""Death before or after every statement of a day's work; then a reopening, and the same day again.

What a process leaves behind when it dies is what its files hold: they are copied at that moment,
and the copy is opened.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.ports import Database
from gateway.storage.connection import connect
from gateway.storage.inline import InlineDatabase
from gateway.storage.outbox import SqliteOutbox
from gateway.storage.transactions import SqliteTransactions
from tests.unit.storage.examples import NOON, message, start, stop

IDENTITY: Final = "CP-1"
STARTS: Final = 3
FIRST_CLOUD_ID: Final = 9000


class DeathError(BaseException):
    """The process is gone; nobody catches this."""


class MortalConnection(sqlite3.Connection):
    """Dies before or after its k-th statement; afterwards nothing works any more."""

    statements_left = -1
    dies_after = False
    dead = False

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        if self.dead:
            raise DeathError
        self.statements_left -= 1
        if self.statements_left != 0:
            return super().execute(*arguments)
        self.dead = True
        if self.dies_after:
            super().execute(*arguments)
        raise DeathError


@dataclass
class Answers:
    """What the world was told before the death."""

    starts: dict[int, int] = field(default_factory=dict)
    """Local transaction id by meterStart."""
    stops: set[int] = field(default_factory=set)
    delivered: set[str] = field(default_factory=set)


async def a_day(database: Database, answers: Answers) -> None:
    """Starts, a delivery in the middle, meter values, stops; each is a retry when done before."""
    store, outbox = SqliteTransactions(database), SqliteOutbox(database)
    for number in range(STARTS):
        begun = await store.begin(
            start(meter_start_wh=number), 100, message(f"start-{number}"), NOON
        )
        local_id = begun.transaction.local_transaction_id
        assert answers.starts.setdefault(number, local_id) == local_id
        if number == 1:
            await deliver_first(outbox, answers)
        await store.end(stop(local_id), message(f"stop-{number}", action="StopTransaction"))
        answers.stops.add(local_id)


async def deliver_first(outbox: SqliteOutbox, answers: Answers) -> None:
    head = await outbox.head(IDENTITY, 1)
    if head and head[0].message.unique_id == "start-0":
        await outbox.delivered(head[0].seq, FIRST_CLOUD_ID)
        answers.delivered.add("start-0")


def die_in(path: Path, answers: Answers, k: int, *, after: bool) -> bool:
    """Work until the k-th statement; True when the work came to its end before."""
    connection = connect(path, factory=MortalConnection)
    assert isinstance(connection, MortalConnection)
    connection.statements_left = k
    connection.dies_after = after
    try:
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)
        try:
            loop.run_until_complete(a_day(InlineDatabase(connection), answers))
        except BaseException:
            if not connection.dead:
                raise
            copy_files(path, path.with_name("after"))
            return False
        finally:
            loop.close()
        copy_files(path, path.with_name("after"))
        return True
    finally:
        connection.statements_left = -1
        connection.close()


def copy_files(path: Path, folder: Path) -> None:
    """What another process would find now. The index beside the log is rebuilt from the log."""
    folder.mkdir()
    for file in (path, path.with_name(path.name + "-wal")):
        shutil.copy(file, folder)


@contextmanager
def reopened(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(folder / "gateway.db")) as connection:
        yield connection


def column(db: sqlite3.Connection, query: str) -> list[Any]:
    return [row[0] for row in db.execute(query)]


def assert_nothing_is_half(db: sqlite3.Connection) -> None:
    """A transaction and the message that reports it are there together, or neither is."""
    waiting = column(db, "SELECT unique_id FROM outbox ORDER BY seq")
    assert len(set(waiting)) == len(waiting)
    reported = set(waiting)
    for row in db.execute("SELECT * FROM transactions"):
        number, cloud_id = row["meter_start_wh"], row["cloud_transaction_id"]
        assert (f"start-{number}" in reported) != (cloud_id is not None)
        assert (f"stop-{number}" in reported) == (row["stopped_at"] is not None)
        reported -= {f"start-{number}", f"stop-{number}"}
    assert reported == set()


def assert_promises_are_kept(db: sqlite3.Connection, answers: Answers) -> None:
    ids = set(column(db, "SELECT local_transaction_id FROM transactions"))
    stopped = "SELECT local_transaction_id FROM transactions WHERE stopped_at IS NOT NULL"
    assert set(answers.starts.values()) <= ids
    assert answers.stops <= set(column(db, stopped))
    assert answers.delivered.isdisjoint(column(db, "SELECT unique_id FROM outbox"))


def assert_the_day_is_whole(db: sqlite3.Connection) -> None:
    assert_nothing_is_half(db)
    assert column(db, "SELECT meter_start_wh FROM transactions ORDER BY seq") == [0, 1, 2]
    assert column(db, "SELECT unique_id FROM outbox ORDER BY seq") == in_order(
        ["start-0", "stop-0", "start-1", "stop-1", "start-2", "stop-2"],
        without=["start-0"],
    )
    assert column(db, "SELECT seq FROM orphan_stops") == []


def in_order(names: Iterable[str], without: Iterable[str]) -> list[str]:
    return [name for name in names if name not in set(without)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_death_at_any_statement_loses_and_doubles_nothing(tmp_path: Path, *, after: bool) -> None:
    survived = False
    deaths = 0
    while not survived:
        folder = tmp_path / f"{deaths}"
        folder.mkdir()
        answers = Answers()
        survived = die_in(folder / "gateway.db", answers, deaths + 1, after=after)
        with reopened(folder / "after") as db:
            assert_nothing_is_half(db)
            assert_promises_are_kept(db, answers)
            asyncio.run(a_day(InlineDatabase(db), answers))
            assert_promises_are_kept(db, answers)
            assert_the_day_is_whole(db)
        deaths += 1
    assert deaths > 50
