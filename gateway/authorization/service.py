"""Decides idTags by asking each layer in turn, and keeps what each layer knows.

Everything is held in memory, so that a known tag is decided without waiting for anything; every
change is durable before it counts, but for the cache, which a failing disk may cost.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from gateway.authorization.cloud_list import ACCEPTED, FAILED, CloudList, after_send
from gateway.authorization.decide import (
    LONGEST_ID_TAG,
    CachedTag,
    Known,
    Source,
    TagDecision,
    by_key,
    decide,
    decide_offline,
    key,
)
from gateway.authorization.local_list import wanted
from gateway.errors import ProtocolViolation, StorageFailed
from gateway.events import CloudClearedCache, CloudDecidedTag, TagsChanged
from gateway.ocpp.calls import Answered
from gateway.ocpp.v16.messages import (
    AuthorizeRequest,
    AuthorizeResponse,
    GetLocalListVersionResponse,
    IdTagInfo,
    SendLocalListRequest,
    StatusResponse,
    encode,
    read,
    read_time,
)
from gateway.ports import Clock, CloudDesk, DocumentStore, TagCache, TagStore
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts, mask
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import AuthorizationRules, Tag

log = logging.getLogger(__name__)

LATE_ANSWER_S: Final = 30.0
"""How long an answer of the cloud may come after the deadline and still feed the cache."""

CLOUD_LIST: Final = "cloud_local_list"
"""Kind of the document that holds the cloud's list."""

NO_LIST: Final = CloudList()


class TagService:
    """Fulfils `gateway.ports.TagDesk`, `gateway.ports.TagRegister` and `gateway.ports.CloudLists`.

    Call `load` before the first charge point is served.
    """

    def __init__(
        self,
        rules: AuthorizationRules,
        store: TagCache,
        register: TagStore,
        documents: DocumentStore,
        cloud: CloudDesk,
        clock: Clock,
        bus: Bus,
    ) -> None:
        self._rules = rules
        self._store = store
        self._register_store = register
        self._documents = documents
        self._cloud = cloud
        self._clock = clock
        self._bus = bus
        self._register: dict[str, Tag] = {}
        self._lists: dict[str, CloudList] = {}
        self._cache: dict[str, CachedTag] = {}
        self._taking_list = asyncio.Lock()
        self._tasks = TaskKeeper()
        bus.subscribe(CloudDecidedTag, self._cloud_decided)
        bus.subscribe(CloudClearedCache, lambda _: self._cleared())

    async def load(self) -> None:
        """Take up the register, the cloud's lists and the cache. Raises StorageFailed."""
        self._register = by_key(await self._register_store.load())
        if shadowed := self._register.keys() & self._rules.tags.keys():
            log.warning("tags.shadowed_by_site_file", extra=facts(tags=len(shadowed)))
        self._cache = {key(tag.id_tag): tag for tag in await self._store.load()}
        for identity, document in (await self._documents.load(CLOUD_LIST)).items():
            try:
                self._lists[identity] = msgspec.json.decode(document, type=CloudList)
            except (msgspec.DecodeError, UnicodeDecodeError):
                log.warning("cloud_list.unreadable", extra=facts(charge_point=identity))

    async def close(self) -> None:
        """Stop what still runs in the background."""
        await self._tasks.cancel()

    def decide_now(self, identity: str, id_tag: str) -> TagDecision | None:
        """What is known on site without asking anybody; None when the cloud must be asked."""
        return decide(id_tag, identity, self._known(identity), self._clock.now().utc)

    async def decide(self, identity: str, id_tag: str, request: bytes | None = None) -> TagDecision:
        """Ask every layer in turn; answers within the cloud's deadline."""
        if (decision := self.decide_now(identity, id_tag)) is not None:
            return decision
        decision = await self._ask_in_time(identity, id_tag, request)
        if decision is not None:
            return decision
        known, now = self._known(identity), self._clock.now().utc
        return decide_offline(id_tag, identity, known, self._rules, now)

    def tags(self) -> Sequence[Tag]:
        """Those of the site file, then those kept on this box that the site file does not name."""
        kept = (tag for name, tag in self._register.items() if name not in self._rules.tags)
        return (*self._rules.tags.values(), *kept)

    async def change_tags(self, put: Sequence[Tag], remove: Sequence[str]) -> None:
        """Forget ``remove``, then add or replace ``put``, among the tags kept on this box.

        A tag that the site file names is not taken, and neither is one that no message of OCPP 1.6
        can name; the log tells of both.

        Raises:
            StorageFailed: Nothing was changed.
        """
        taken = [tag for tag in put if self._may_keep(tag)]
        if not taken and not remove:
            return
        await self._register_store.change(taken, remove)
        changed = dict(self._register)
        for id_tag in remove:
            changed.pop(key(id_tag), None)
        changed.update(by_key(taken))
        self._register = dict(sorted(changed.items()))
        log.info("tags.changed", extra=facts(put=len(taken), removed=len(remove)))
        self._bus.publish(TagsChanged())

    def local_list(self, identity: str) -> Mapping[str, IdTagInfo]:
        """What this charge point's list is to say, most needed first."""
        cloud_list = self._lists.get(identity, NO_LIST).tags
        return wanted(self.tags(), cloud_list, identity, self._clock.now().utc)

    async def send_local_list(self, identity: str, payload: bytes) -> bytes:
        """SendLocalList.req of the cloud to its conf; durable before it is accepted."""
        request = read(SendLocalListRequest, payload)
        async with self._taking_list:  # a cloud that does not wait for its answers is taken in turn
            status = await self._take_list(identity, request)
        log.info(
            "cloud_list.answered",
            extra=facts(charge_point=identity, version=request.list_version, status=status),
        )
        return encode(StatusResponse(status=status))

    def local_list_version(self, identity: str) -> bytes:
        """GetLocalListVersion.conf: the version that the cloud gave last; 0 without one."""
        version = self._lists.get(identity, NO_LIST).version
        return encode(GetLocalListVersionResponse(list_version=version))

    async def _take_list(self, identity: str, request: SendLocalListRequest) -> str:
        kept, status = after_send(self._lists.get(identity, NO_LIST), request)
        if status != ACCEPTED:
            return status
        try:
            await self._documents.keep(identity, CLOUD_LIST, msgspec.json.encode(kept))
        except StorageFailed as exc:
            told = facts(charge_point=identity, reason=str(exc))
            log.warning("cloud_list.not_written", extra=told)
            return FAILED
        self._lists[identity] = kept
        self._bus.publish(TagsChanged())
        return status

    def _known(self, identity: str) -> Known:
        cloud_list = self._lists.get(identity, NO_LIST).tags
        return Known(self._rules.tags, self._register, cloud_list, self._cache)

    def _may_keep(self, tag: Tag) -> bool:
        reason = ""
        if key(tag.id_tag) in self._rules.tags:
            reason = "the site file names it"
        elif not 0 < len(tag.id_tag) <= LONGEST_ID_TAG:
            reason = f"an idTag has 1 to {LONGEST_ID_TAG} characters"
        if reason:
            log.warning("tag.not_kept", extra=facts(id_tag=mask(tag.id_tag), reason=reason))
        return not reason

    async def _ask_in_time(
        self, identity: str, id_tag: str, request: bytes | None
    ) -> TagDecision | None:
        """What the cloud says within its deadline; None when it cannot be asked, or is late."""
        if not self._cloud.mirrors(identity):
            return None
        if request is None and len(id_tag) > LONGEST_ID_TAG:
            return None  # no Authorize.req of ours can name it
        answer: asyncio.Future[TagDecision | None] = asyncio.get_running_loop().create_future()
        payload = request or encode(AuthorizeRequest(id_tag=id_tag))
        self._tasks.start(self._ask(identity, id_tag, payload, answer), "authorization.ask")
        try:
            return await asyncio.wait_for(answer, self._rules.cloud_timeout_s)
        except TimeoutError:
            return None

    async def _ask(
        self,
        identity: str,
        id_tag: str,
        payload: bytes,
        answer: "asyncio.Future[TagDecision | None]",
    ) -> None:
        timeout_s = self._rules.cloud_timeout_s + LATE_ANSWER_S
        decision = None
        try:
            outcome = await self._cloud.ask(identity, "Authorize", payload, timeout_s)
            if isinstance(outcome, Answered):
                info = read(AuthorizeResponse, outcome.payload).id_tag_info
                decision = await self._learn(id_tag, info)
        except ProtocolViolation as exc:
            told = facts(charge_point=identity, id_tag=mask(id_tag), reason=exc.detail)
            log.warning("cloud.not_asked", extra=told)
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
