"""gateway.authorization.service"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from gateway.authorization.decide import Source
from gateway.authorization.service import TagService
from gateway.errors import ProtocolViolation, StorageFailed
from gateway.events import CloudClearedCache, CloudDecidedTag, TagsChanged
from gateway.ocpp.calls import Answered, CallOutcome, Refused
from gateway.ocpp.v16.messages import IdTagInfo
from gateway.ports import DocumentStore, TagStore
from gateway.site.depot import Tag
from gateway.storage.documents import SqliteDocuments
from gateway.storage.tag_cache import SqliteTagCache
from gateway.storage.tags import SqliteTags
from tests.unit.service_bench import IDENTITY, UPSTREAM, Bench, FakeCloud, play

SITE = UPSTREAM + '\n[[tags]]\nid_tag = "HOUSE"\n'


def says(status: str, **more: Any) -> CallOutcome:
    return Answered(json.dumps({"idTagInfo": {"status": status, **more}}).encode())


class FailingDisk:
    """Takes nothing."""

    async def load(self) -> list[Tag]:
        raise StorageFailed("ill")

    async def change(self, put: Sequence[Tag], remove: Sequence[str]) -> None:
        raise StorageFailed("ill")


class FailingDocuments:
    """Takes nothing either."""

    async def load(self, kind: str) -> dict[str, bytes]:
        raise StorageFailed("ill")

    async def keep(self, identity: str, kind: str, document: bytes) -> None:
        raise StorageFailed("ill")


class Door:
    """The tag service with a cloud behind it."""

    def __init__(self, bench: Bench | None = None) -> None:
        self.bench = bench or Bench(SITE)
        self.cloud = FakeCloud()
        self.store = SqliteTagCache(self.bench.database)
        self.service = self.made(
            SqliteTags(self.bench.database), SqliteDocuments(self.bench.database)
        )

    def made(self, register: TagStore, documents: DocumentStore) -> TagService:
        return TagService(
            self.bench.site.authorization,
            self.store,
            register,
            documents,
            self.cloud,
            self.bench.clock,
            self.bench.bus,
        )

    def changes(self) -> int:
        """How often a change of tags was told since the last look."""
        told, self.bench.heard[:] = len(self.bench.heard), []
        return told

    async def send_list(self, version: int, kind: str, *entries: dict[str, Any]) -> str:
        """The cloud sends a list to the charge point."""
        payload = {
            "listVersion": version,
            "updateType": kind,
            "localAuthorizationList": list(entries),
        }
        answer = await self.service.send_local_list(IDENTITY, json.dumps(payload).encode())
        return str(json.loads(answer)["status"])

    def list_version(self) -> int:
        return int(json.loads(self.service.local_list_version(IDENTITY))["listVersion"])

    async def decide(self, id_tag: str = "NEW") -> tuple[str, Source]:
        decision = await self.service.decide(IDENTITY, id_tag)
        return decision.status, decision.source


def scene(played: Callable[[Door], Awaitable[None]]) -> None:
    async def main() -> None:
        door = Door()
        door.bench.listen(TagsChanged)
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


def test_the_cloud_gets_the_request_of_the_charge_point_byte_for_byte() -> None:
    async def played(door: Door) -> None:
        door.cloud.answer = says("Accepted")
        raw = b'{ "idTag":"NEW" , "vendor":1.50}'
        await door.service.decide(IDENTITY, "NEW", raw)
        assert door.cloud.asked == [("Authorize", raw)]

    scene(played)


def test_an_id_tag_that_is_too_long_is_decided_without_an_exception() -> None:
    async def played(door: Door) -> None:
        long = "X" * 30
        assert await door.decide(long) == ("Invalid", Source.OFFLINE)
        assert door.cloud.asked == []
        door.cloud.answer = says("Blocked")
        decision = await door.service.decide(IDENTITY, long, b'{"idTag":"' + b"X" * 30 + b'"}')
        assert decision.status == "Blocked"

    scene(played)


def test_a_request_that_the_cloud_must_not_get_is_left_to_the_offline_policy_at_once() -> None:
    class StrictCloud(FakeCloud):
        async def ask(
            self, identity: str, action: str, payload: bytes, timeout_s: float
        ) -> CallOutcome:
            raise ProtocolViolation("PropertyConstraintViolation", "idTag is too long")

    async def played(door: Door) -> None:
        door.cloud = StrictCloud()
        service = door.made(SqliteTags(door.bench.database), SqliteDocuments(door.bench.database))
        asked_s = asyncio.get_running_loop().time()
        decision = await service.decide(IDENTITY, "X" * 30, b"{}")
        assert (decision.status, decision.source) == ("Invalid", Source.OFFLINE)
        assert asyncio.get_running_loop().time() == asked_s

    scene(played)


def test_tags_kept_here_are_in_force_at_once_and_after_a_restart() -> None:
    async def played(door: Door) -> None:
        await door.service.change_tags([Tag("MINE", parent_id_tag="FLEET"), Tag("old")], [])
        assert await door.decide("mine") == ("Accepted", Source.REGISTER)
        await door.service.change_tags([Tag("MINE", "Blocked")], ["OLD"])
        assert await door.decide("mine") == ("Blocked", Source.REGISTER)
        assert door.changes() == 2
        reborn = Door(door.bench)
        await reborn.service.load()
        assert await reborn.decide("Mine") == ("Blocked", Source.REGISTER)
        assert [tag.id_tag for tag in reborn.service.tags()] == ["HOUSE", "MINE"]

    scene(played)


def test_the_site_file_wins_over_a_tag_kept_here() -> None:
    async def played(door: Door) -> None:
        await SqliteTags(door.bench.database).change([Tag("house", "Blocked")], [])
        await door.service.load()
        assert await door.decide("house") == ("Accepted", Source.SITE)
        assert door.service.tags() == (Tag("HOUSE"),)
        await door.service.change_tags([Tag("house", "Blocked"), Tag("X" * 21)], [])
        assert door.service.tags() == (Tag("HOUSE"),)
        assert door.changes() == 0

    scene(played)


def test_a_disk_that_fails_changes_nothing() -> None:
    async def played(door: Door) -> None:
        service = door.made(FailingDisk(), FailingDocuments())
        with pytest.raises(StorageFailed):
            await service.change_tags([Tag("MINE")], [])
        assert service.tags() == (Tag("HOUSE"),)
        payload = b'{"listVersion":1,"updateType":"Full","localAuthorizationList":[]}'
        assert await service.send_local_list(IDENTITY, payload) == b'{"status":"Failed"}'
        assert service.local_list_version(IDENTITY) == b'{"listVersion":0}'
        assert door.changes() == 0

    scene(played)


def test_the_cloud_s_list_is_kept_under_its_version_also_over_a_restart() -> None:
    async def played(door: Door) -> None:
        assert door.list_version() == 0
        entry = {"idTag": "GUEST", "idTagInfo": {"status": "Accepted", "parentIdTag": "G"}}
        assert await door.send_list(40, "Differential", entry) == "VersionMismatch"
        assert await door.send_list(41, "Full", entry) == "Accepted"
        assert await door.decide("guest") == ("Accepted", Source.CLOUD_LIST)
        assert door.changes() == 1
        assert await door.send_list(41, "Differential") == "VersionMismatch"
        assert await door.send_list(42, "Full", {"idTag": "GUEST"}) == "Failed"
        assert (door.list_version(), door.changes()) == (41, 0)
        reborn = Door(door.bench)
        await reborn.service.load()
        assert reborn.list_version() == 41
        decision = reborn.service.decide_now(IDENTITY, "Guest")
        assert decision is not None
        assert decision.parent_id_tag == "G"
        assert reborn.service.decide_now("CP-02", "Guest") is None

    scene(played)


def test_a_document_that_cannot_be_read_is_no_list() -> None:
    async def played(door: Door) -> None:
        await SqliteDocuments(door.bench.database).keep(IDENTITY, "cloud_local_list", b"[")
        await door.service.load()
        assert door.list_version() == 0

    scene(played)


def test_a_charge_point_s_list_says_what_the_site_and_the_cloud_say() -> None:
    async def played(door: Door) -> None:
        accepted = {"status": "Accepted"}
        await door.send_list(
            7,
            "Full",
            {"idTag": "GUEST", "idTagInfo": accepted},
            {"idTag": "house", "idTagInfo": {"status": "Blocked"}},
        )
        await door.service.change_tags([Tag("MINE", "Blocked"), Tag("YOURS")], [])
        assert list(door.service.local_list(IDENTITY).items()) == [
            ("HOUSE", IdTagInfo(status="Accepted")),
            ("YOURS", IdTagInfo(status="Accepted")),
            ("GUEST", IdTagInfo(status="Accepted")),
            ("MINE", IdTagInfo(status="Blocked")),
        ]

    scene(played)
