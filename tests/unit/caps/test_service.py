"""gateway.caps.service"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.caps.service import CapService
from gateway.events import TransactionBegan, TransactionEnded
from gateway.ports import Cap
from gateway.site.depot import ConnectorKey
from gateway.storage.charging_profiles import SqliteProfiles
from tests.unit.service_bench import IDENTITY, UPSTREAM, Bench, play

KEY = ConnectorKey(IDENTITY, 1)
OTHER = ConnectorKey(IDENTITY, 2)
SITE = UPSTREAM.replace("[charge_points.CP-01]\n", "[charge_points.CP-01]\nconnectors = 2\n")


def profile(limit: float, purpose: str = "TxDefaultProfile", **changes: Any) -> dict[str, Any]:
    unit = changes.pop("unit", "A")
    return {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        },
        **changes,
    }


class Book:
    """The caps of one charge point with two connectors."""

    def __init__(self, bench: Bench | None = None) -> None:
        self.bench = bench or Bench(SITE)
        self.service = CapService(
            self.bench.site, self.bench.bus, self.bench.clock, SqliteProfiles(self.bench.database)
        )

    async def set(self, connector_id: int, **charging_profile: Any) -> str:
        request = {"connectorId": connector_id, "csChargingProfiles": charging_profile}
        answer = await self.service.set_profile(IDENTITY, json.dumps(request).encode())
        return str(json.loads(answer)["status"])

    async def clear(self, **fields: Any) -> str:
        answer = await self.service.clear_profile(IDENTITY, json.dumps(fields).encode())
        return str(json.loads(answer)["status"])

    def composite(self, connector_id: int, **more: Any) -> dict[str, Any]:
        request = {"connectorId": connector_id, "duration": 600, **more}
        answer: dict[str, Any] = json.loads(
            self.service.composite_schedule(IDENTITY, json.dumps(request).encode())
        )
        return answer

    def began(self, key: ConnectorKey = KEY, local_id: int = 7) -> None:
        self.bench.bus.publish(TransactionBegan(key, local_id, "TAG"))

    def ended(self, key: ConnectorKey = KEY, local_id: int = 7) -> None:
        self.bench.bus.publish(TransactionEnded(key, local_id))

    def cap(self, key: ConnectorKey = KEY) -> Cap | None:
        return self.service.connector_cap(key, self.bench.clock.now().utc)


def scene(played: Callable[[Book], Awaitable[None]]) -> None:
    async def main() -> None:
        await played(Book())

    play(main)


def test_nobody_is_capped_until_the_cloud_says_so() -> None:
    async def played(book: Book) -> None:
        assert book.cap() is None
        assert book.service.charge_point_cap(IDENTITY, book.bench.clock.now().utc) is None

    scene(played)


def test_ampere_are_per_conductor_and_watt_are_shared_by_them() -> None:
    async def played(book: Book) -> None:
        book.began()
        assert await book.set(1, **profile(10.0)) == "Accepted"
        assert book.cap() == Cap(100, "cloud")
        assert await book.set(1, **profile(6900.0, unit="W")) == "Accepted"
        assert book.cap() == Cap(100, "cloud")

    scene(played)


def test_a_profile_for_connector_0_caps_them_all() -> None:
    async def played(book: Book) -> None:
        book.began()
        book.began(OTHER, 8)
        await book.set(0, **profile(8.0))
        await book.set(2, **profile(12.0, chargingProfileId=2))
        assert (book.cap(), book.cap(OTHER)) == (Cap(80, "cloud"), Cap(120, "cloud"))

    scene(played)


def test_a_charge_point_max_profile_caps_the_sum() -> None:
    async def played(book: Book) -> None:
        assert await book.set(0, **profile(20.0, "ChargePointMaxProfile")) == "Accepted"
        now = book.bench.clock.now().utc
        assert book.service.charge_point_cap(IDENTITY, now) == Cap(200, "cloud")

    scene(played)


def test_a_tx_profile_needs_a_running_transaction_and_dies_with_it() -> None:
    async def played(book: Book) -> None:
        assert await book.set(1, **profile(9.0, "TxProfile")) == "Rejected"
        book.began()
        assert await book.set(1, **profile(9.0, "TxProfile", transactionId=7)) == "Accepted"
        assert book.cap() == Cap(90, "cloud")
        book.ended()
        book.began(local_id=8)
        assert book.cap() is None
        await asyncio.sleep(0)
        reborn = Book(book.bench)
        await reborn.service.load()
        reborn.began(local_id=8)
        assert reborn.cap() is None

    scene(played)


def test_a_profile_that_came_with_a_remote_start_counts_from_that_start() -> None:
    async def played(book: Book) -> None:
        sent = json.dumps(profile(7.0, "TxProfile")).encode()
        book.service.expect_profile(IDENTITY, None, sent)
        assert book.cap() is None
        book.began()
        await asyncio.sleep(0.1)
        assert book.cap() == Cap(70, "cloud")
        book.began(OTHER, 8)
        await asyncio.sleep(0.1)
        assert book.cap(OTHER) is None

    scene(played)


def test_profiles_outlive_a_restart_and_are_cleared_as_asked() -> None:
    async def played(book: Book) -> None:
        await book.set(0, **profile(8.0))
        await book.set(1, **profile(6.0, chargingProfileId=2))
        reborn = Book(book.bench)
        await reborn.service.load()
        reborn.began()
        assert reborn.cap() == Cap(60, "cloud")
        assert await reborn.clear(id=2) == "Accepted"
        assert reborn.cap() == Cap(80, "cloud")
        assert await reborn.clear(id=2) == "Unknown"
        assert await reborn.clear() == "Accepted"
        assert reborn.cap() is None

    scene(played)


@pytest.mark.parametrize(
    ("connector_id", "wrong"),
    [
        (3, profile(8.0)),
        (1, profile(8.0, "ChargePointMaxProfile")),
        (1, profile(8.0, chargingProfileKind="Recurring")),
        (1, profile(8.0, stackLevel=-1)),
    ],
)
def test_what_cannot_be_carried_out_is_rejected(connector_id: int, wrong: dict[str, Any]) -> None:
    async def played(book: Book) -> None:
        assert await book.set(connector_id, **wrong) == "Rejected"
        book.began()
        assert book.cap() is None

    scene(played)


def test_the_composite_schedule_is_the_lower_of_site_and_cloud() -> None:
    async def played(book: Book) -> None:
        book.began()
        periods = book.composite(1)["chargingSchedule"]["chargingSchedulePeriod"]
        assert [period["limit"] for period in periods] == [32.0]
        await book.set(1, **profile(10.0))
        periods = book.composite(1)["chargingSchedule"]["chargingSchedulePeriod"]
        assert [period["limit"] for period in periods] == [10.0]
        whole = book.composite(0)["chargingSchedule"]["chargingSchedulePeriod"]
        assert [period["limit"] for period in whole] == [64.0]
        assert book.composite(9) == {"status": "Rejected"}

    scene(played)
