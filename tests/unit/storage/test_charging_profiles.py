"""The cloud's charging profiles, across restarts."""

from collections.abc import Callable

import pytest

from gateway.ports import CloudProfile, Database
from gateway.storage.charging_profiles import SqliteProfiles
from tests.unit.storage.conftest import Scenario

Play = Callable[[Scenario], None]


def profile(identity: str, connector_id: int, name: str) -> CloudProfile:
    return CloudProfile(identity, connector_id, f'{{"name":"{name}"}}'.encode())


def test_the_profiles_of_one_charge_point_are_replaced_whole_and_in_order(play: Play) -> None:
    async def write(database: Database) -> None:
        store = SqliteProfiles(database)
        await store.replace("CP-2", [profile("CP-2", 1, "x")])
        await store.replace("CP-1", [profile("CP-1", 1, "gone")])
        await store.replace("CP-1", [profile("CP-1", 2, "b"), profile("CP-1", 0, "a")])

    async def read(database: Database) -> None:
        assert await SqliteProfiles(database).load() == [
            profile("CP-1", 2, "b"),
            profile("CP-1", 0, "a"),
            profile("CP-2", 1, "x"),
        ]

    play(write)
    play(read)


def test_replacing_by_nothing_forgets_that_charge_points_profiles(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteProfiles(database)
        await store.replace("CP-1", [profile("CP-1", 1, "a")])
        await store.replace("CP-2", [profile("CP-2", 2**64, "b")])
        await store.replace("CP-1", [])
        assert await store.load() == [profile("CP-2", 2**64, "b")]

    play(scenario)


def test_a_profile_of_another_charge_point_is_refused_and_changes_nothing(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteProfiles(database)
        await store.replace("CP-1", [profile("CP-1", 1, "a")])
        with pytest.raises(ValueError, match="another charge point"):
            await store.replace("CP-1", [profile("CP-2", 1, "b")])
        assert await store.load() == [profile("CP-1", 1, "a")]

    play(scenario)
