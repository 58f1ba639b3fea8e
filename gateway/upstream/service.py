"""Towards the cloud we are each of the charge points: one link each, kept open for ever.

Messages from the outbox go out in order, one at a time, and leave it only when the cloud answered;
a retry carries the id of the first try. Nothing on site ever waits for the cloud, except for an
answer that only the cloud can give, and then with a deadline.
"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any, Final

from gateway.errors import UpstreamOffline
from gateway.events import (
    BacklogChanged,
    ChargePointBooted,
    CloudDecidedTag,
    MessageStored,
    UpstreamConnected,
    UpstreamDisconnected,
)
from gateway.ocpp.calls import Answered, CallOutcome, Offline, Refused
from gateway.ocpp.v16.conversation import Request, Role
from gateway.ocpp.v16.messages import (
    BootNotificationResponse,
    StartTransactionRequest,
    StartTransactionResponse,
    encode,
    read,
)
from gateway.ports import Chance, Channel, Clock, CommandDesk, Dialler, Outbox
from gateway.runtime.bus import Bus
from gateway.runtime.line import Line
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper, keep
from gateway.site.depot import ChargePoint, Site, UpstreamSite
from gateway.upstream.backlog import Outgoing, StoredMessage
from gateway.upstream.backoff import pause_s
from gateway.upstream.translation import to_cloud

log = logging.getLogger(__name__)

CALL_TIMEOUT_S: Final = 30.0
BATCH: Final = 20
ATTEMPTS: Final = 5
"""So often may the cloud refuse a message before it is set aside for a person."""
HEARTBEAT_S: Final = 300.0
RETRY_S: Final = 10.0
"""Pause after a refused message, and the least before a boot is repeated."""


class Link:
    """One charge point's way to the cloud."""

    def __init__(self, charge_point: ChargePoint) -> None:
        self.identity = charge_point.identity
        self.cloud_identity = charge_point.upstream_identity or charge_point.identity
        self.password = charge_point.upstream_password
        self.boot: bytes | None = None
        self.alive = asyncio.Event()
        """Set once the charge point was ever heard of: until then the cloud sees nothing of it."""
        self.boot_due = True
        self.mail = asyncio.Event()
        self.heartbeat_s = HEARTBEAT_S
        self.line: Line | None = None
        """Set while the cloud has accepted us on an open connection."""

    def booted(self, payload: bytes) -> None:
        """The charge point booted; the cloud is to hear of it."""
        self.boot = payload
        self.boot_due = True
        self.alive.set()
        self.mail.set()


class UpstreamService:
    """Fulfils `gateway.ports.CloudDesk`."""

    def __init__(
        self, site: Site, bus: Bus, clock: Clock, chance: Chance, dialler: Dialler, outbox: Outbox
    ) -> None:
        self._site = site
        self._bus = bus
        self._clock = clock
        self._chance = chance
        self._dialler = dialler
        self._outbox = outbox
        self._tasks = TaskKeeper()
        self._links = {
            c.identity: Link(c)
            for c in site.charge_points.values()
            if site.upstream is not None and c.upstream_identity is not None
        }
        bus.subscribe(ChargePointBooted, self._booted)
        bus.subscribe(MessageStored, self._stored)

    async def run(self, commands: CommandDesk, boots: Mapping[str, bytes]) -> None:
        """Keep every link; ``boots`` are the last known BootNotifications. Ends by cancellation."""
        upstream = self._site.upstream
        if upstream is None:
            return
        for identity, payload in boots.items():
            if identity in self._links:
                self._links[identity].booted(payload)
        async with asyncio.TaskGroup() as group:
            for link in self._links.values():
                work = partial(self._keep_link, link, upstream, commands)
                group.create_task(keep(f"upstream/{link.identity}", work))

    async def close(self) -> None:
        """Stop what runs in the background."""
        await self._tasks.cancel()

    def mirrors(self, identity: str) -> bool:
        """True when this charge point has an upstream."""
        return identity in self._links

    def report(
        self, identity: str, action: str, payload: bytes, local_transaction_id: int | None = None
    ) -> Outgoing | None:
        """The message that tells the cloud of a charge point's CALL; None without an upstream."""
        if identity not in self._links:
            return None
        return Outgoing(
            identity,
            action,
            self._chance.unique_id(),
            payload,
            self._clock.now().utc,
            local_transaction_id,
        )

    async def store(
        self, identity: str, action: str, payload: bytes, local_transaction_id: int | None = None
    ) -> None:
        """Put a charge point's CALL into the outbox, if it has an upstream."""
        report = self.report(identity, action, payload, local_transaction_id)
        if report is not None:
            await self._outbox.append(report)
            self._bus.publish(MessageStored(identity))

    async def ask(
        self, identity: str, action: str, payload: bytes, timeout_s: float
    ) -> CallOutcome:
        """Send one CALL as ``identity``; Offline at once when its link is down."""
        link = self._links.get(identity)
        if link is None or link.line is None:
            return Offline()
        return await link.line.call(action, payload, timeout_s=timeout_s)

    def _booted(self, event: ChargePointBooted) -> None:
        if (link := self._links.get(event.identity)) is not None:
            link.booted(event.payload)

    def _stored(self, event: MessageStored) -> None:
        if (link := self._links.get(event.identity)) is not None:
            link.alive.set()
            link.mail.set()
            if link.line is None:
                self._tasks.start(self._tell_backlog(link), "upstream/backlog")

    async def _keep_link(self, link: Link, upstream: UpstreamSite, commands: CommandDesk) -> None:
        """Dial, converse, and dial again, for ever."""
        failures = 0
        await link.alive.wait()
        while True:
            try:
                channel = await self._dialler.dial(upstream.url, link.cloud_identity, link.password)
            except UpstreamOffline as exc:
                if failures == 0:
                    self._went(link, str(exc))
            else:
                if await self._converse(link, channel, commands):
                    failures = 0
                self._went(link, "the connection ended")
            failures += 1
            pause = pause_s(failures, self._chance.fraction(), upstream.backoff_max_s)
            await asyncio.sleep(pause)

    def _went(self, link: Link, reason: str) -> None:
        log.warning("upstream.lost", extra=facts(charge_point=link.identity, reason=reason))
        self._bus.publish(UpstreamDisconnected(link.identity, reason))

    async def _converse(self, link: Link, channel: Channel, commands: CommandDesk) -> bool:
        """Serve one connection until it ends; True when the cloud had accepted us on it."""

        def handle(request: Request) -> Coroutine[Any, Any, bytes]:
            return commands.carry_out(link.identity, request)

        name = f"cloud/{link.identity}"
        line = Line(channel, Role.CHARGE_POINT, self._clock, self._chance, handle, name)
        speaking = self._tasks.start(self._speak(link, line), name)
        try:
            await line.run()
        finally:
            speaking.cancel()
            accepted, link.line = link.line is line, None
        return accepted

    async def _speak(self, link: Link, line: Line) -> None:
        """Boot, then send the backlog and everything after it, with a heartbeat in the pauses."""
        try:
            await self._boot_if_due(link, line)
            link.line = line
            log.info("upstream.connected", extra=facts(charge_point=link.identity))
            self._bus.publish(UpstreamConnected(link.identity))
            while True:
                await self._boot_if_due(link, line)
                link.mail.clear()
                if not await self._send_batch(link, line):
                    await self._rest(link, line)
        except UpstreamOffline as exc:
            log.info("upstream.silent", extra=facts(charge_point=link.identity, reason=str(exc)))
        finally:
            await line.close(1001, "starting anew")

    async def _rest(self, link: Link, line: Line) -> None:
        try:
            await asyncio.wait_for(link.mail.wait(), link.heartbeat_s)
        except TimeoutError:
            await line.call("Heartbeat", b"{}", timeout_s=CALL_TIMEOUT_S)

    async def _boot_if_due(self, link: Link, line: Line) -> None:
        """Tell the cloud of the last boot, until it accepts."""
        while link.boot_due and link.boot is not None:
            boot = link.boot
            outcome = await line.call("BootNotification", boot, timeout_s=CALL_TIMEOUT_S)
            if not isinstance(outcome, Answered):
                raise UpstreamOffline(f"no answer to BootNotification: {outcome}")
            answer = read(BootNotificationResponse, outcome.payload)
            if answer.status == "Accepted":
                link.boot_due = link.boot is not boot
                link.heartbeat_s = float(answer.interval) if answer.interval > 0 else HEARTBEAT_S
            else:
                await asyncio.sleep(max(float(answer.interval), RETRY_S))

    async def _send_batch(self, link: Link, line: Line) -> bool:
        """Send the oldest messages that wait; True when there may be more."""
        await self._tell_backlog(link)
        batch = await self._outbox.head(link.identity, BATCH)
        for stored in batch:
            outcome = await line.call(
                stored.message.action,
                to_cloud(stored),
                timeout_s=CALL_TIMEOUT_S,
                unique_id=stored.message.unique_id,
            )
            match outcome:
                case Answered(payload):
                    await self._delivered(stored, payload)
                case Refused():
                    await self._refused(stored, outcome)
                    return True
                case _:
                    raise UpstreamOffline(f"no answer to {stored.message.action}: {outcome}")
            if stored.message.action == "StartTransaction":
                return True  # what follows needs the id that the cloud just gave
        return bool(batch)

    async def _refused(self, stored: StoredMessage, answer: Refused) -> None:
        """Try again after a pause; in the end set the message aside, so that others get through."""
        give_up = stored.attempts + 1 >= ATTEMPTS
        log.log(
            logging.ERROR if give_up else logging.WARNING,
            "message.set_aside" if give_up else "message.refused",
            extra=facts(
                charge_point=stored.message.identity,
                action=stored.message.action,
                code=answer.code,
                description=answer.description,
            ),
        )
        reason = f"{answer.code}: {answer.description}"
        await self._outbox.refused(stored.seq, reason, give_up=give_up)
        if not give_up:
            await asyncio.sleep(RETRY_S)

    async def _delivered(self, stored: StoredMessage, answer: bytes) -> None:
        message = stored.message
        if message.action != "StartTransaction":
            await self._outbox.delivered(stored.seq, None)
            return
        response = read(StartTransactionResponse, answer)
        await self._outbox.delivered(stored.seq, response.transaction_id)
        log.info(
            "transaction.reported",
            extra=facts(
                charge_point=message.identity,
                transaction=message.local_transaction_id,
                cloud_transaction=response.transaction_id,
            ),
        )
        id_tag = read(StartTransactionRequest, message.payload).id_tag
        self._bus.publish(
            CloudDecidedTag(
                message.identity,
                id_tag,
                encode(response.id_tag_info),
                message.local_transaction_id,
            )
        )

    async def _tell_backlog(self, link: Link) -> None:
        waiting = await self._outbox.waiting()
        self._bus.publish(BacklogChanged(link.identity, waiting.get(link.identity, 0)))
