"""The contract of `gateway.ports.Database`, kept by both databases over real files."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import StartFailed, StorageFailed
from gateway.ports import Database
from gateway.storage.database import open_database
from tests.unit.storage.conftest import Scenario
from tests.unit.storage.openers import Opener

Play = Callable[[Scenario], None]


def remember(identity: str, size: int = 2) -> Callable[[sqlite3.Connection], str]:
    """A work that writes one row and gives its key back."""

    def work(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO charge_points VALUES (?, zeroblob(?))", (identity, size))
        return identity

    return work


def identities(db: sqlite3.Connection) -> list[str]:
    return [row["identity"] for row in db.execute("SELECT identity FROM charge_points")]


def test_what_was_answered_is_there_after_a_reopening(play: Play) -> None:
    async def write(database: Database) -> None:
        assert await database.run(remember("CP-1")) == "CP-1"

    async def read(database: Database) -> None:
        assert await database.run(identities) == ["CP-1"]

    play(write)
    play(read)


def test_what_was_answered_is_visible_to_another_connection(opener: Opener, tmp_path: Path) -> None:
    async def main() -> None:
        async with opener(tmp_path / "gateway.db") as database:
            await database.run(remember("CP-1"))
            other = sqlite3.connect(tmp_path / "gateway.db")
            assert other.execute("SELECT identity FROM charge_points").fetchall() == [("CP-1",)]
            other.close()

    asyncio.run(main())


def test_many_writers_share_few_commits(play: Play) -> None:
    async def scenario(database: Database) -> None:
        statements: list[str] = []
        await database.run(lambda db: db.set_trace_callback(statements.append))
        names = [f"CP-{n:03}" for n in range(200)]
        assert await asyncio.gather(*(database.run(remember(name)) for name in names)) == names
        assert 1 <= statements.count("COMMIT") - 1 <= 3
        assert await database.run(identities) == names

    play(scenario)


def test_an_exception_reaches_its_own_waiter_and_undoes_only_its_own_writes(play: Play) -> None:
    def fail(db: sqlite3.Connection) -> None:
        remember("half")(db)
        raise ValueError("no")

    async def scenario(database: Database) -> None:
        first, second, third = await asyncio.gather(
            database.run(remember("a")),
            database.run(fail),
            database.run(remember("b")),
            return_exceptions=True,
        )
        assert (first, third) == ("a", "b")
        assert isinstance(second, ValueError)
        assert await database.run(identities) == ["a", "b"]

    play(scenario)


def test_cancelling_a_waiter_tears_nothing(play: Play) -> None:
    def two_rows(db: sqlite3.Connection) -> None:
        remember("a")(db)
        remember("b")(db)

    async def scenario(database: Database) -> None:
        waiter = asyncio.create_task(database.run(two_rows))
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        assert await database.run(identities) == ["a", "b"]

    play(scenario)


def test_a_full_disk_fails_loudly_loses_nothing_and_heals(play: Play) -> None:
    def fill(db: sqlite3.Connection) -> None:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 1}").fetchone()

    def widen(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA max_page_count = 100000").fetchone()

    async def scenario(database: Database) -> None:
        await database.run(remember("kept"))
        await database.run(fill)
        with pytest.raises(StorageFailed, match="full"):
            await database.run(remember("too much", size=100_000))
        assert await database.run(identities) == ["kept"]
        await database.run(widen)
        await database.run(remember("later", size=100_000))
        assert await database.run(identities) == ["kept", "later"]

    play(scenario)


def test_nobody_is_promised_anything_by_a_commit_on_a_full_disk(play: Play) -> None:
    def fill(db: sqlite3.Connection) -> None:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 1}").fetchone()

    async def scenario(database: Database) -> None:
        await database.run(fill)
        answers = await asyncio.gather(
            database.run(remember("small")),
            database.run(remember("large", size=100_000)),
            return_exceptions=True,
        )
        promised = [answer for answer in answers if isinstance(answer, str)]
        assert all(isinstance(a, str | StorageFailed) for a in answers)
        assert await database.run(identities) == promised

    play(scenario)


def test_a_closed_database_refuses_and_may_be_closed_again(tmp_path: Path) -> None:
    async def main() -> None:
        database = await open_database(tmp_path / "gateway.db")
        await database.close()
        await database.close()
        with pytest.raises(StorageFailed, match="closed"):
            await database.run(identities)

    asyncio.run(main())


def test_closing_finishes_the_queue_folds_the_log_and_ends_the_thread(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"

    async def main() -> None:
        before = set(threading.enumerate())
        database = await open_database(path)
        waiters = [asyncio.create_task(database.run(remember(f"{n}"))) for n in range(20)]
        await asyncio.sleep(0)
        await database.close()
        assert len(await asyncio.gather(*waiters)) == 20
        for thread in set(threading.enumerate()) - before:
            if not thread.name.startswith("asyncio"):
                thread.join(timeout=10)
                assert not thread.is_alive()

    asyncio.run(main())
    assert [file.name for file in tmp_path.iterdir()] == ["gateway.db"]


def test_a_cancelled_program_still_keeps_what_it_took(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"

    async def work(database: Database) -> None:
        await database.run(remember("taken"))
        await asyncio.Event().wait()

    async def main() -> list[str]:
        async with await open_database(path) as database:
            task = asyncio.create_task(work(database))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        async with await open_database(path) as database:
            return await database.run(identities)

    assert asyncio.run(main()) == ["taken"]


def test_a_file_that_cannot_be_opened_stops_the_start_and_leaves_no_thread(tmp_path: Path) -> None:
    async def main() -> None:
        with pytest.raises(StartFailed):
            await open_database(tmp_path / "missing" / "gateway.db")

    asyncio.run(main())
