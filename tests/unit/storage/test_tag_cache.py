"""What the cloud said of idTags, across restarts."""

from collections.abc import Callable
from datetime import timedelta

from gateway.authorization.decide import CachedTag
from gateway.ports import Database
from gateway.storage.tag_cache import SqliteTagCache
from tests.unit.storage.conftest import Scenario
from tests.unit.storage.examples import NOON

Play = Callable[[Scenario], None]

FULL = CachedTag("Tag", "Accepted", "Parent", NOON, NOON + timedelta(days=7))
BARE = CachedTag("other", "Blocked", None, None, NOON)


def test_tags_survive_a_reopening(play: Play) -> None:
    async def write(database: Database) -> None:
        cache = SqliteTagCache(database)
        await cache.remember(FULL)
        await cache.remember(BARE)

    async def read(database: Database) -> None:
        assert set(await SqliteTagCache(database).load()) == {FULL, BARE}

    play(write)
    play(read)


def test_the_last_word_on_a_tag_counts_whatever_its_case(play: Play) -> None:
    async def scenario(database: Database) -> None:
        cache = SqliteTagCache(database)
        upper = CachedTag("TÄG", "Accepted", None, None, NOON)
        lower = CachedTag("täg", "Blocked", None, None, NOON)
        await cache.remember(upper)
        await cache.remember(lower)
        assert await cache.load() == [lower]

    play(scenario)


def test_forgetting_forgets_all(play: Play) -> None:
    async def scenario(database: Database) -> None:
        cache = SqliteTagCache(database)
        await cache.remember(FULL)
        await cache.clear()
        assert await cache.load() == []

    play(scenario)
