"""Boot notifications, across restarts."""

from collections.abc import Callable

from gateway.ports import Database
from gateway.storage.charge_points import SqliteChargePoints
from tests.unit.storage.conftest import Scenario

Play = Callable[[Scenario], None]


def test_the_last_boot_of_each_charge_point_survives_a_reopening(play: Play) -> None:
    async def write(database: Database) -> None:
        store = SqliteChargePoints(database)
        await store.remember_boot("CP-1", b'{"chargePointModel":"old"}')
        await store.remember_boot("CP-2", b"{}")
        await store.remember_boot("CP-1", b'{"chargePointModel":"new"}')

    async def read(database: Database) -> None:
        boots = await SqliteChargePoints(database).boots()
        assert boots == {"CP-1": b'{"chargePointModel":"new"}', "CP-2": b"{}"}

    play(write)
    play(read)


def test_a_boot_that_says_the_same_writes_nothing(play: Play) -> None:
    async def scenario(database: Database) -> None:
        store = SqliteChargePoints(database)
        await store.remember_boot("CP-1", b"{}")
        before = await database.run(lambda db: db.total_changes)
        await store.remember_boot("CP-1", b"{}")
        assert await database.run(lambda db: db.total_changes) == before

    play(scenario)
