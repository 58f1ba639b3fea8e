"""Serves charge points: answers their CALLs, and carries every CALL to them.

Whatever can be answered from memory is answered at once; all else is a task of its own, so that a
slow answer never delays a fast one.
"""

import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final

import msgspec

from gateway.authorization.answer import id_tag_info
from gateway.authorization.decide import TagDecision
from gateway.charge_points.hub import Hub
from gateway.charge_points.onboarding import (
    EMPTY,
    answer_without_cloud,
    boot_answer,
    heartbeat_answer,
)
from gateway.events import (
    CallEnded,
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    CloudDecidedTag,
    ConnectorStatusChanged,
)
from gateway.ocpp.calls import Answered, Caller, CallOutcome, Offline, Superseded, TimedOut
from gateway.ocpp.v16.charging_profiles import lease
from gateway.ocpp.v16.conversation import Request, Role
from gateway.ocpp.v16.messages import (
    AuthorizeRequest,
    AuthorizeResponse,
    IdTagInfo,
    SetChargingProfileResponse,
    StatusNotificationRequest,
    encode,
    read,
)
from gateway.ports import (
    Chance,
    Channel,
    ChargePointStore,
    Clock,
    CloudDesk,
    LimitOutcome,
    TagDesk,
    TransactionDesk,
)
from gateway.runtime.bus import Bus
from gateway.runtime.line import Line
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import ConnectorKey, LateRefusal, Site
from gateway.upstream.routing import FROM_CHARGE_POINT, Route

log = logging.getLogger(__name__)

CALL_TIMEOUT_S: Final = 30.0
LIMIT_TIMEOUT_S: Final = 5.0
RELAY_TIMEOUT_S: Final = 10.0
LIMIT_ACTION: Final = "SetChargingProfile"


class ChargePointService:
    """Fulfils `gateway.ports.ChargePointDesk` and `gateway.ports.Actuator`."""

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        chance: Chance,
        tags: TagDesk,
        transactions: TransactionDesk,
        cloud: CloudDesk,
        store: ChargePointStore,
    ) -> None:
        self._site = site
        self._bus = bus
        self._clock = clock
        self._chance = chance
        self._tags = tags
        self._transactions = transactions
        self._cloud = cloud
        self._store = store
        self._hub: Hub[Line] = Hub()
        self._tasks = TaskKeeper()
        bus.subscribe(CloudDecidedTag, self._stop_if_refused)

    async def close(self) -> None:
        """Close every connection and stop what runs in the background."""
        for line in self._hub.all():
            await line.close(1001, "gateway stops")
        await self._tasks.cancel()

    async def serve(self, identity: str, channel: Channel) -> None:
        """Serve one admitted connection until it ends. The newest of an identity counts."""
        handle = partial(self._handle, identity)
        line = Line(channel, Role.CENTRAL_SYSTEM, self._clock, self._chance, handle, identity)
        replaced = self._hub.arrive(identity, line)
        if replaced is not None:
            log.info("charge_point.replaced", extra=facts(charge_point=identity))
            self._tasks.start(replaced.close(1008, "replaced by a newer connection"), "close")
        log.info("charge_point.connected", extra=facts(charge_point=identity))
        self._bus.publish(ChargePointConnected(identity))
        try:
            await line.run()
        finally:
            if self._hub.leave(identity, line):
                log.info("charge_point.disconnected", extra=facts(charge_point=identity))
                self._bus.publish(ChargePointDisconnected(identity))

    def is_online(self, identity: str) -> bool:
        """True while the charge point is connected."""
        return self._hub.find(identity) is not None

    async def call(
        self,
        identity: str,
        action: str,
        payload: bytes,
        timeout_s: float | None = None,
        *,
        caller: Caller = Caller.GATEWAY,
    ) -> CallOutcome:
        """Send one CALL and wait for its end. Raises ProtocolViolation for a bad payload."""
        line = self._hub.find(identity)
        sending = (
            None
            if line is None
            else partial(line.call, action, payload, timeout_s=timeout_s or CALL_TIMEOUT_S)
        )
        return await self._told(identity, action, payload, caller, sending)

    async def apply_limit(
        self,
        key: ConnectorKey,
        limit_da: int,
        failsafe_da: int,
        lease_s: float,
        *,
        urgent: bool,
    ) -> LimitOutcome:
        """Limit the running transaction of ``key``; the limit falls to fail-safe by itself."""
        line = self._hub.find(key.identity)
        transaction = self._transactions.running(key)
        if line is None:
            return LimitOutcome.OFFLINE
        if transaction is None:
            return LimitOutcome.REFUSED
        payload = lease(
            key.connector_id,
            transaction.local_transaction_id,
            limit_da,
            failsafe_da,
            self._clock.now().utc,
            lease_s,
        )
        sending = partial(
            line.call,
            LIMIT_ACTION,
            payload,
            timeout_s=LIMIT_TIMEOUT_S,
            merge_key=f"limit/{key.connector_id}",
            urgent=urgent,
        )
        return _limit_outcome(
            await self._told(key.identity, LIMIT_ACTION, payload, Caller.GATEWAY, sending)
        )

    async def _told(
        self,
        identity: str,
        action: str,
        payload: bytes,
        caller: Caller,
        sending: Callable[[], Awaitable[CallOutcome]] | None,
    ) -> CallOutcome:
        """Make a CALL, and tell of its end before anybody acts on it. None: nobody is there."""
        called_at = self._clock.now().utc
        outcome = Offline() if sending is None else await sending()
        ended_at = self._clock.now().utc
        self._bus.publish(
            CallEnded(identity, action, payload, outcome, caller, called_at, ended_at)
        )
        return outcome

    def _handle(self, identity: str, request: Request) -> bytes | Coroutine[Any, Any, bytes]:
        payload = request.payload
        match request.action:
            case "Heartbeat":
                return heartbeat_answer(self._clock.now().utc)
            case "BootNotification":
                return self._boot(identity, payload)
            case "Authorize":
                return self._authorize(identity, payload)
            case "StartTransaction":
                return self._transactions.begin(identity, payload)
            case "MeterValues":
                return self._transactions.meter(identity, payload)
            case "StopTransaction":
                return self._transactions.end(identity, payload)
            case "StatusNotification":
                self._status(identity, payload)
        if not self._cloud.mirrors(identity):
            return self._answer_alone(request.action)
        if FROM_CHARGE_POINT[request.action] is Route.RELAY:
            return self._relay(identity, request)
        return self._store_for_cloud(identity, request)

    def _boot(self, identity: str, payload: bytes) -> bytes:
        log.info("charge_point.booted", extra=facts(charge_point=identity))
        self._tasks.start(self._store.remember_boot(identity, payload), "charge_point.remember")
        self._bus.publish(ChargePointBooted(identity, payload))
        return boot_answer(self._clock.now().utc, self._site.ocpp.heartbeat_interval_s)

    def _status(self, identity: str, payload: bytes) -> None:
        status = read(StatusNotificationRequest, payload)
        key = ConnectorKey(identity, status.connector_id)
        self._bus.publish(ConnectorStatusChanged(key, status.status, status.error_code))

    def _authorize(self, identity: str, payload: bytes) -> bytes | Coroutine[Any, Any, bytes]:
        id_tag = read(AuthorizeRequest, payload).id_tag
        known = self._tags.decide_now(identity, id_tag)
        if known is not None:
            return _authorize_answer(known)
        return self._authorize_slowly(identity, id_tag, payload)

    async def _authorize_slowly(self, identity: str, id_tag: str, payload: bytes) -> bytes:
        return _authorize_answer(await self._tags.decide(identity, id_tag, payload))

    def _answer_alone(self, action: str) -> bytes:
        if FROM_CHARGE_POINT[action] is Route.RELAY:
            return answer_without_cloud(action)
        return EMPTY

    async def _store_for_cloud(self, identity: str, request: Request) -> bytes:
        await self._cloud.store(identity, request.action, request.payload)
        return EMPTY

    async def _relay(self, identity: str, request: Request) -> bytes:
        outcome = await self._cloud.ask(identity, request.action, request.payload, RELAY_TIMEOUT_S)
        if isinstance(outcome, Answered):
            return outcome.payload
        return answer_without_cloud(request.action)

    def _stop_if_refused(self, event: CloudDecidedTag) -> None:
        """A tag turned out to be refused while its transaction runs: the site's rule decides."""
        if event.local_transaction_id is None:
            return
        if read(IdTagInfo, event.id_tag_info).status == "Accepted":
            return
        if self._site.authorization.late_refusal is LateRefusal.STOP:
            log.warning(
                "transaction.refused_late",
                extra=facts(charge_point=event.identity, transaction=event.local_transaction_id),
            )
            payload = msgspec.json.encode({"transactionId": event.local_transaction_id})
            self._tasks.start(
                self._call_and_forget(event.identity, "RemoteStopTransaction", payload), "stop"
            )

    async def _call_and_forget(self, identity: str, action: str, payload: bytes) -> None:
        outcome = await self.call(identity, action, payload)
        log.info(
            "call.concluded",
            extra=facts(charge_point=identity, action=action, outcome=type(outcome).__name__),
        )


def _authorize_answer(decision: TagDecision) -> bytes:
    return encode(AuthorizeResponse(id_tag_info=id_tag_info(decision)))


def _limit_outcome(outcome: CallOutcome) -> LimitOutcome:
    match outcome:
        case Answered(payload):
            accepted = read(SetChargingProfileResponse, payload).status == "Accepted"
            return LimitOutcome.CONFIRMED if accepted else LimitOutcome.REFUSED
        case TimedOut():
            return LimitOutcome.SILENT
        case Offline():
            return LimitOutcome.OFFLINE
        case Superseded():
            return LimitOutcome.SUPERSEDED
        case _:
            return LimitOutcome.REFUSED
