"""Decides idTags by asking each layer in turn, and remembers what the cloud said of them."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from gateway.authorization.decide import (
    CachedTag,
    Source,
    TagDecision,
    decide,
    decide_offline,
    key,
)
from gateway.errors import StorageFailed
from gateway.events import CloudClearedCache, CloudDecidedTag
from gateway.ocpp.calls import Answered
from gateway.ocpp.v16.messages import (
    AuthorizeRequest,
    AuthorizeResponse,
    IdTagInfo,
    encode,
    read,
    read_time,
)
from gateway.ports import Clock, CloudDesk, TagCache
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import AuthorizationRules

log = logging.getLogger(__name__)

LATE_ANSWER_S: Final = 30.0
"""How long an answer of the cloud may come after the deadline and still feed the cache."""


class TagService:
    """Fulfils `gateway.ports.TagDesk`.

    The cache is held in memory, so that a known tag is decided without waiting for anything;
    every change of it is written through.
    """

    def __init__(
        self, rules: AuthorizationRules, store: TagCache, cloud: CloudDesk, clock: Clock, bus: Bus
    ) -> None:
        self._rules = rules
        self._store = store
        self._clock = clock
        self._cache: dict[str, CachedTag] = {}
        self._cloud = cloud
        self._tasks = TaskKeeper()
        bus.subscribe(CloudDecidedTag, self._cloud_decided)
        bus.subscribe(CloudClearedCache, lambda _: self._cleared())

    async def load(self) -> None:
        """Read the cache from disk."""
        self._cache = {key(tag.id_tag): tag for tag in await self._store.load()}

    async def close(self) -> None:
        """Stop what still runs in the background."""
        await self._tasks.cancel()

    def decide_now(self, identity: str, id_tag: str) -> TagDecision | None:
        """What is known on site without asking anybody; None when the cloud must be asked."""
        return decide(id_tag, self._rules, self._cache, self._clock.now().utc)

    async def decide(self, identity: str, id_tag: str, request: bytes | None = None) -> TagDecision:
        """Ask every layer in turn; answers within the cloud's deadline."""
        if (known := self.decide_now(identity, id_tag)) is not None:
            return known
        if not self._cloud.mirrors(identity):
            return decide_offline(self._rules)
        answer: asyncio.Future[TagDecision | None] = asyncio.get_running_loop().create_future()
        payload = request or encode(AuthorizeRequest(id_tag=id_tag))
        self._tasks.start(self._ask(identity, id_tag, payload, answer), "authorization.ask")
        try:
            decision = await asyncio.wait_for(answer, self._rules.cloud_timeout_s)
        except TimeoutError:
            decision = None
        return decision or decide_offline(self._rules)

    async def _ask(
        self,
        identity: str,
        id_tag: str,
        payload: bytes,
        answer: "asyncio.Future[TagDecision | None]",
    ) -> None:
        timeout_s = self._rules.cloud_timeout_s + LATE_ANSWER_S
        outcome = await self._cloud.ask(identity, "Authorize", payload, timeout_s)
        decision = None
        if isinstance(outcome, Answered):
            decision = await self._learn(
                id_tag, read(AuthorizeResponse, outcome.payload).id_tag_info
            )
        if not answer.done():
            answer.set_result(decision)

    def _cloud_decided(self, event: CloudDecidedTag) -> None:
        info = read(IdTagInfo, event.id_tag_info)
        self._tasks.start(self._remember(event.id_tag, info), "authorization.learn")

    async def _remember(self, id_tag: str, info: IdTagInfo) -> None:
        await self._learn(id_tag, info)

    async def _learn(self, id_tag: str, info: IdTagInfo) -> TagDecision:
        """Keep what the cloud said. A disk that fails costs the cache, not the answer."""
        expires_at = read_time(info.expiry_date) if info.expiry_date else None
        until = self._clock.now().utc + timedelta(seconds=self._rules.cache_lifetime_s)
        tag = CachedTag(id_tag, info.status, info.parent_id_tag or None, expires_at, until)
        if info.status != "ConcurrentTx":  # says something of a transaction, not of the tag
            self._cache[key(id_tag)] = tag
            try:
                await self._store.remember(tag)
            except StorageFailed as exc:
                log.warning("tag_cache.not_written", extra=facts(reason=str(exc)))
        return TagDecision(tag.status, Source.CLOUD, tag.parent_id_tag, tag.expires_at)

    def _cleared(self) -> None:
        self._cache.clear()
        self._tasks.start(self._store.clear(), "authorization.clear")
