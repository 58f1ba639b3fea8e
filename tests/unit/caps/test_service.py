"""gateway.caps.service"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.caps.service import EXPECTED_FOR_S, CapService
from gateway.errors import ProtocolViolation
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
        request = {"connectorId": connector_id, "duration": 600} | more
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


def limits(answer: dict[str, Any]) -> list[float]:
    """The limits of a GetCompositeSchedule.conf."""
    return [period["limit"] for period in answer["chargingSchedule"]["chargingSchedulePeriod"]]


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


def test_a_tx_profile_for_another_transaction_is_rejected() -> None:
    async def played(book: Book) -> None:
        book.began()
        assert await book.set(1, **profile(9.0, "TxProfile", transactionId=8)) == "Rejected"
        assert book.cap() is None

    scene(played)


def test_a_late_end_of_an_earlier_transaction_leaves_the_running_one_alone() -> None:
    async def played(book: Book) -> None:
        book.began(local_id=7)
        await book.set(1, **profile(9.0, "TxProfile", transactionId=7))
        book.began(local_id=8)
        assert book.cap() is None
        await book.set(1, **profile(8.0, "TxProfile", transactionId=8))
        book.ended(local_id=7)
        assert book.cap() == Cap(80, "cloud")
        book.ended(local_id=8)
        assert book.cap() is None

    scene(played)


def test_a_tx_profile_without_a_transaction_id_is_for_the_one_that_ran_when_it_came() -> None:
    async def played(book: Book) -> None:
        book.began(local_id=7)
        await book.set(1, **profile(9.0, "TxProfile"))
        for local_id, cap in ((7, Cap(90, "cloud")), (8, None)):
            reborn = Book(book.bench)
            await reborn.service.load()
            reborn.began(local_id=local_id)
            assert reborn.cap() == cap

    scene(played)


def test_what_happens_while_a_transaction_ends_is_not_lost() -> None:
    async def played(book: Book) -> None:
        book.began()
        await book.set(1, **profile(9.0, "TxProfile"))
        book.ended()
        assert await book.set(2, **profile(8.0, chargingProfileId=2)) == "Accepted"
        await asyncio.sleep(0.1)
        reborn = Book(book.bench)
        await reborn.service.load()
        assert (reborn.cap(), reborn.cap(OTHER)) == (None, Cap(80, "cloud"))

    scene(played)


def test_a_remote_start_that_came_to_nothing_leaves_no_profile_for_the_next_driver() -> None:
    async def played(book: Book) -> None:
        sent = json.dumps(profile(7.0, "TxProfile")).encode()
        book.service.expect_profile(IDENTITY, 1, sent)
        await asyncio.sleep(EXPECTED_FOR_S + 1)
        book.began()
        assert book.cap() is None
        book.ended()
        book.service.expect_profile(IDENTITY, 1, sent)
        await asyncio.sleep(EXPECTED_FOR_S - 1)
        book.began(local_id=8)
        assert book.cap() == Cap(70, "cloud")

    scene(played)


@pytest.mark.parametrize(
    "sent", [b"[", b"{}", json.dumps(profile(7.0, "TxDefaultProfile")).encode()]
)
def test_only_a_tx_profile_may_come_with_a_remote_start(sent: bytes) -> None:
    async def played(book: Book) -> None:
        book.service.expect_profile(IDENTITY, 1, sent)
        book.began()
        assert book.cap() is None
        book.ended()
        book.began(local_id=8)
        assert book.cap() is None

    scene(played)


def test_a_later_profile_of_the_same_level_replaces_that_of_the_remote_start() -> None:
    async def played(book: Book) -> None:
        sent = profile(7.0, "TxProfile", transactionId=99)
        book.service.expect_profile(IDENTITY, 1, json.dumps(sent).encode())
        book.began()
        assert book.cap() == Cap(70, "cloud")
        newer = profile(9.0, "TxProfile", chargingProfileId=5, transactionId=7)
        assert await book.set(1, **newer) == "Accepted"
        assert book.cap() == Cap(90, "cloud")
        assert await book.clear(id=5) == "Accepted"
        assert book.cap() is None

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
        assert limits(book.composite(1)) == [32.0]
        await book.set(1, **profile(10.0))
        assert limits(book.composite(1)) == [10.0]
        assert book.composite(9) == {"status": "Rejected"}
        assert book.composite(1, duration=-1) == {"status": "Rejected"}
        with pytest.raises(ProtocolViolation) as caught:
            book.composite(1, chargingRateUnit="kW")
        assert caught.value.code == "PropertyConstraintViolation"

    scene(played)


def test_the_composite_schedule_of_connector_0_is_the_sum_of_all() -> None:
    async def played(book: Book) -> None:
        book.began()
        assert limits(book.composite(0)) == [64.0]
        await book.set(1, **profile(10.0))
        assert limits(book.composite(0)) == [42.0]
        assert limits(book.composite(0, chargingRateUnit="W")) == [42.0 * 690]
        await book.set(0, **profile(40.0, "ChargePointMaxProfile", chargingProfileId=2))
        assert limits(book.composite(0)) == [40.0]

    scene(played)


def test_the_composite_schedule_stays_under_the_fuses_that_feed_all_of_it() -> None:
    async def main() -> None:
        book = Book(Bench(SITE.replace("limit_a = 100", "limit_a = 20")))
        assert limits(book.composite(0)) == [18.0]  # less the margin of 2 A
        assert limits(book.composite(1)) == [18.0]

    play(main)


def test_the_composite_schedule_looks_ahead() -> None:
    async def played(book: Book) -> None:
        book.began()
        later = profile(10.0)
        later["chargingSchedule"]["chargingSchedulePeriod"].append({"startPeriod": 60, "limit": 8})
        await book.set(1, **later)
        answer = book.composite(1, duration=90)
        assert answer["chargingSchedule"]["duration"] == 90
        assert limits(answer) == [10.0, 8.0]

    scene(played)
