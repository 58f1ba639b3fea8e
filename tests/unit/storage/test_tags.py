"""Tags that people keep on this box, across restarts."""

from collections.abc import Callable

from gateway.ports import Database
from gateway.site.depot import Tag
from gateway.storage.tags import SqliteTags
from tests.unit.storage.conftest import Scenario
from tests.unit.storage.examples import NOON

Play = Callable[[Scenario], None]

FULL = Tag("Tag", "Blocked", "Parent", NOON, "Ada; 12 \u00fc", frozenset({"CP-2", "CP-1"}))
BARE = Tag("other")


def test_tags_survive_a_reopening(play: Play) -> None:
    async def write(database: Database) -> None:
        await SqliteTags(database).change([FULL, BARE], [])

    async def read(database: Database) -> None:
        assert set(await SqliteTags(database).load()) == {BARE, FULL}

    play(write)
    play(read)


def test_a_tag_is_replaced_and_forgotten_whatever_its_case(play: Play) -> None:
    async def scenario(database: Database) -> None:
        tags = SqliteTags(database)
        await tags.change([Tag("T\u00c4G"), Tag("OLD")], [])
        await tags.change([Tag("t\u00e4g", "Blocked")], ["old", "never there"])
        assert await tags.load() == [Tag("t\u00e4g", "Blocked")]

    play(scenario)


def test_what_is_forgotten_and_put_at_once_is_put(play: Play) -> None:
    async def scenario(database: Database) -> None:
        tags = SqliteTags(database)
        await tags.change([Tag("A")], [])
        await tags.change([Tag("a", "Blocked")], ["A"])
        assert await tags.load() == [Tag("a", "Blocked")]

    play(scenario)
