"""gateway.authorization.service"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.authorization.decide import Source
from gateway.authorization.service import TagService
from gateway.events import CloudClearedCache, CloudDecidedTag
from gateway.ocpp.calls import Answered, CallOutcome, Refused
from gateway.storage.tag_cache import SqliteTagCache
from tests.unit.service_bench import IDENTITY, UPSTREAM, Bench, FakeCloud, play

SITE = UPSTREAM + '\n[[tags]]\nid_tag = "HOUSE"\n'


def says(status: str, **more: Any) -> CallOutcome:
    return Answered(json.dumps({"idTagInfo": {"status": status, **more}}).encode())


class Door:
    """The tag service with a cloud behind it."""

    def __init__(self, bench: Bench | None = None) -> None:
        self.bench = bench or Bench(SITE)
        self.cloud = FakeCloud()
        self.store = SqliteTagCache(self.bench.database)
        self.service = TagService(
            self.bench.site.authorization,
            self.store,
            self.cloud,
            self.bench.clock,
            self.bench.bus,
        )

    async def decide(self, id_tag: str = "NEW") -> tuple[str, Source]:
        decision = await self.service.decide(IDENTITY, id_tag)
        return decision.status, decision.source


def scene(played: Callable[[Door], Awaitable[None]]) -> None:
    async def main() -> None:
        door = Door()
        try:
            await played(door)
        finally:
            await door.service.close()

    play(main)


def test_the_cloud_is_not_asked_of_a_tag_that_the_site_knows() -> None:
    async def played(door: Door) -> None:
        assert await door.decide("house") == ("Accepted", Source.SITE)
        assert door.cloud.asked == []

    scene(played)


def test_the_cloud_s_answer_is_remembered_also_over_a_restart() -> None:
    async def played(door: Door) -> None:
        door.cloud.answer = says("Accepted", parentIdTag="FLEET")
        assert await door.decide() == ("Accepted", Source.CLOUD)
        assert await door.decide("new") == ("Accepted", Source.CACHE)
        assert len(door.cloud.asked) == 1
        reborn = Door(door.bench)
        assert reborn.service.decide_now(IDENTITY, "NEW") is None
        await reborn.service.load()
        decision = reborn.service.decide_now(IDENTITY, "NEW")
        assert decision is not None
        assert decision.parent_id_tag == "FLEET"

    scene(played)


def test_a_refusal_of_the_cloud_is_remembered_too() -> None:
    async def played(door: Door) -> None:
        door.cloud.answer = says("Blocked")
        await door.decide()
        assert await door.decide() == ("Blocked", Source.CACHE)

    scene(played)


def test_an_answer_ends_when_the_cloud_says_so_or_when_it_is_old() -> None:
    async def played(door: Door) -> None:
        door.cloud.answer = says("Accepted", expiryDate="2026-03-02T07:00:00Z")
        await door.decide("SHORT")
        door.cloud.answer = says("Accepted")
        await door.decide("LONG")
        await asyncio.sleep(2 * 3600)
        assert door.service.decide_now(IDENTITY, "SHORT") is None
        assert door.service.decide_now(IDENTITY, "LONG") is not None
        await asyncio.sleep(8 * 86400)
        assert door.service.decide_now(IDENTITY, "LONG") is None

    scene(played)


def test_a_cloud_that_is_away_leaves_it_to_the_offline_policy() -> None:
    async def played(door: Door) -> None:
        assert await door.decide() == ("Invalid", Source.OFFLINE)
        door.cloud.answer = Refused("InternalError", "")
        assert await door.decide() == ("Invalid", Source.OFFLINE)

    scene(played)


def test_a_late_answer_misses_the_driver_and_feeds_the_cache() -> None:
    async def played(door: Door) -> None:
        door.cloud.answer, door.cloud.takes_s = says("Accepted"), 20.0
        asked_s = asyncio.get_running_loop().time()
        assert await door.decide() == ("Invalid", Source.OFFLINE)
        assert asyncio.get_running_loop().time() - asked_s == 5.0
        await asyncio.sleep(16)
        assert await door.decide() == ("Accepted", Source.CACHE)

    scene(played)


def test_without_an_upstream_nobody_is_asked() -> None:
    async def played(door: Door) -> None:
        door.cloud.mirrored = False
        assert await door.decide() == ("Invalid", Source.OFFLINE)
        assert door.cloud.asked == []

    scene(played)


def test_what_the_cloud_says_of_a_start_is_remembered_but_not_of_a_second_transaction() -> None:
    async def played(door: Door) -> None:
        for status in ("Accepted", "ConcurrentTx"):
            info = json.dumps({"status": status}).encode()
            door.bench.bus.publish(CloudDecidedTag(IDENTITY, "NEW", info, 1))
        await asyncio.sleep(0.1)
        assert await door.decide() == ("Accepted", Source.CACHE)

    scene(played)


def test_when_the_cloud_clears_the_cache_of_a_charge_point_ours_is_void_too() -> None:
    async def played(door: Door) -> None:
        door.cloud.answer = says("Accepted")
        await door.decide()
        door.bench.bus.publish(CloudClearedCache(IDENTITY))
        await asyncio.sleep(0.1)
        assert door.service.decide_now(IDENTITY, "NEW") is None
        assert await door.store.load() == []

    scene(played)
