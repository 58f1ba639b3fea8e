"""Small documents about charge points, across restarts."""

from collections.abc import Callable

from gateway.ports import Database
from gateway.storage.documents import SqliteDocuments
from tests.unit.storage.conftest import Scenario

Play = Callable[[Scenario], None]


def test_documents_are_kept_by_identity_and_kind(play: Play) -> None:
    async def write(database: Database) -> None:
        store = SqliteDocuments(database)
        await store.keep("CP-1", "boot", b"old")
        await store.keep("CP-1", "boot", b"new")
        await store.keep("CP-2", "boot", b"other")
        await store.keep("CP-1", "calls", b"calls")

    async def read(database: Database) -> None:
        store = SqliteDocuments(database)
        assert await store.load("boot") == {"CP-1": b"new", "CP-2": b"other"}
        assert await store.load("calls") == {"CP-1": b"calls"}
        assert await store.load("nothing") == {}

    play(write)
    play(read)


def test_a_document_that_says_the_same_writes_nothing(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteDocuments(database)
        await store.keep("CP-1", "boot", b"{}")
        before = await database.run(lambda db: db.total_changes)
        await store.keep("CP-1", "boot", b"{}")
        assert await database.run(lambda db: db.total_changes) == before

    play(scenario)
