"""Both databases behind one word, so that one contract test serves for both."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final, TypeAlias

from gateway.ports import Database
from gateway.storage.connection import connect
from gateway.storage.database import open_database
from gateway.storage.inline import InlineDatabase

Opener: TypeAlias = Callable[[Path], AbstractAsyncContextManager[Database]]


@asynccontextmanager
async def on_a_thread(path: Path) -> AsyncIterator[Database]:
    """The real one."""
    async with await open_database(path) as database:
        yield database


@asynccontextmanager
async def in_the_loop(path: Path) -> AsyncIterator[Database]:
    """The one for virtual time."""
    connection = connect(path)
    try:
        database = InlineDatabase(connection)
        yield database
        await database.close()
    finally:
        connection.close()


OPENERS: Final = (on_a_thread, in_the_loop)
