"""What the database for virtual time adds to the contract: a hook, and a connection that stays."""

import asyncio
import sqlite3

import pytest

from gateway.errors import StorageFailed
from gateway.storage.connection import connect_in_memory
from gateway.storage.inline import InlineDatabase


def remember(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO charge_points VALUES ('CP-1', x'00')")


def count(db: sqlite3.Connection) -> int:
    (rows,) = db.execute("SELECT count(*) FROM charge_points").fetchone()
    return int(rows)


def test_the_hook_runs_once_for_all_that_share_a_commit() -> None:
    async def main() -> None:
        commits: list[int] = []

        async def hook() -> None:
            commits.append(1)
            await asyncio.sleep(0)

        connection = connect_in_memory()
        database = InlineDatabase(connection, hook)
        await asyncio.gather(*(database.run(count) for _ in range(10)))
        assert len(commits) == 1
        await database.close()
        connection.close()

    asyncio.run(main())


def test_a_hook_that_fails_is_an_ill_device_until_it_is_taken_away() -> None:
    async def ill() -> None:
        raise StorageFailed("I/O error")

    async def main() -> None:
        connection = connect_in_memory()
        database = InlineDatabase(connection, ill)
        with pytest.raises(StorageFailed, match="I/O"):
            await database.run(remember)
        database.before_commit = None
        assert await database.run(count) == 0
        await database.run(remember)
        await database.close()
        again = InlineDatabase(connection)
        assert await again.run(count) == 1
        await again.close()
        connection.close()

    asyncio.run(main())
