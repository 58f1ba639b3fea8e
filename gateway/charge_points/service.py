"""Serves charge points: one line each, who may take part, and every CALL to them.

What their CALLs are answered is found elsewhere (`gateway.ports.AnswerDesk`), but for the boot.
"""

import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final

import msgspec

from gateway.charge_points.acceptance import (
    ACCEPTED,
    BOOT,
    REJECTED,
    TRIGGER_BOOT,
    TRIGGERS,
    Acceptance,
    is_accepted,
)
from gateway.charge_points.hub import Addressed, Hub
from gateway.charge_points.onboarding import boot_answer
from gateway.errors import ProtocolViolation, StorageFailed
from gateway.events import (
    CallEnded,
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    CloudDecidedTag,
    DeviationSeen,
    Provisioned,
    StandingLimitConfirmed,
)
from gateway.ocpp.calls import (
    Answered,
    Caller,
    CallOutcome,
    Offline,
    Superseded,
    TimedOut,
    Withheld,
)
from gateway.ocpp.v16.charging_profiles import lease
from gateway.ocpp.v16.conversation import Deviation, Request, Role
from gateway.ocpp.v16.messages import (
    IdTagInfo,
    SetChargingProfileResponse,
    read,
)
from gateway.ports import (
    AnswerDesk,
    Chance,
    Channel,
    ChargePointStore,
    Clock,
    DocumentStore,
    LimitOutcome,
    TransactionDesk,
)
from gateway.runtime.bus import Bus
from gateway.runtime.line import Line
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import BootPolicy, ConnectorKey, LateRefusal, Site

log = logging.getLogger(__name__)

CALL_TIMEOUT_S: Final = 30.0
LIMIT_TIMEOUT_S: Final = 5.0
LIMIT_ACTION: Final = "SetChargingProfile"
BOOT_DOCUMENT: Final = "boot"


class ChargePointService:
    """Fulfils `gateway.ports.ChargePointDesk`, `AcceptanceDesk` and `Actuator`."""

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        chance: Chance,
        answers: AnswerDesk,
        transactions: TransactionDesk,
        store: ChargePointStore,
        documents: DocumentStore,
    ) -> None:
        self._site = site
        self._bus = bus
        self._clock = clock
        self._chance = chance
        self._answers = answers
        self._transactions = transactions
        self._store = store
        self._documents = documents
        self._acceptance = Acceptance(site)
        self._hub: Hub[Line] = Hub()
        self._tasks = TaskKeeper()
        bus.subscribe(CloudDecidedTag, self._stop_if_refused)
        bus.subscribe(StandingLimitConfirmed, self._limited)
        bus.subscribe(Provisioned, self._provisioned)

    async def load(self) -> None:
        """Take up who was accepted. Call once, before anything connects."""
        kept = await self._documents.load(BOOT_DOCUMENT)
        for identity in self._acceptance.take_up(kept, await self._store.boots()):
            log.warning("registration.unreadable", extra=facts(charge_point=identity))

    async def close(self) -> None:
        """Close every connection and stop what runs in the background."""
        for line in self._hub.all():
            await line.close(1001, "gateway stops")
        await self._tasks.cancel()

    async def serve(self, identity: str, channel: Channel) -> None:
        """Serve one admitted connection until it ends. The newest of an identity counts."""
        line = Line(
            channel,
            Role.CENTRAL_SYSTEM,
            self._clock,
            self._chance,
            partial(self._handle, identity),
            identity,
            strict=self._site.is_strict(identity),
            on_deviation=partial(self._deviated, identity),
        )
        local_host = channel.local_host if isinstance(channel, Addressed) else None
        replaced = self._hub.arrive(identity, line, local_host)
        self._acceptance.connected(identity)
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

    def local_host(self, identity: str) -> str | None:
        """The address at which this charge point reached us; None while that is not known."""
        return self._hub.local_host(identity)

    def registration(self, identity: str) -> str | None:
        """The status that its last BootNotification got; None before the first."""
        return self._acceptance.registration(identity)

    def boot_policy(self, identity: str) -> BootPolicy:
        """What it hears on its next BootNotification."""
        return self._acceptance.policy(identity)

    async def decide_boot(self, identity: str, policy: BootPolicy | None) -> None:
        """A person decides. One that is Accepted stays so until its next BootNotification; one that
        waits is asked to boot when it would be accepted, unless it is Rejected.

        Raises:
            StorageFailed: Nothing was decided.
        """
        before = self._acceptance.decided(identity)
        self._acceptance.decide(identity, policy)
        try:
            await self._keep_registration(identity)
        except StorageFailed:
            self._acceptance.decide(identity, before)
            raise
        told = facts(charge_point=identity, policy=self.boot_policy(identity).value)
        log.info("boot_policy.decided", extra=told)
        self._ask_to_boot(identity, Caller.OPERATOR)

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
        within_s = timeout_s or CALL_TIMEOUT_S
        sending = None if line is None else partial(line.call, action, payload, timeout_s=within_s)
        until_s = self._clock.now().monotonic_s + within_s
        self._acceptance.triggering(identity, action, payload, until_s)
        outcome = await self._told(identity, action, payload, caller, sending)
        if action in TRIGGERS and not is_accepted(outcome):
            self._acceptance.not_triggered(identity, action, payload)
        return outcome

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
        reason = self._acceptance.withheld(identity, action)
        outcome: CallOutcome = Offline()
        if sending is not None:
            outcome = await sending() if reason is None else Withheld(reason)
        ended_at = self._clock.now().utc
        self._bus.publish(
            CallEnded(identity, action, payload, outcome, caller, called_at, ended_at)
        )
        return outcome

    def _handle(self, identity: str, request: Request) -> bytes | Coroutine[Any, Any, bytes]:
        now_s = self._clock.now().monotonic_s
        refusal = self._acceptance.refusal(identity, request.action, now_s)
        if refusal is not None:
            seen = DeviationSeen(identity, request.action, "", "registration", refusal, True)
            self._bus.publish(seen)
            raise ProtocolViolation("SecurityError", refusal, request.unique_id)
        if request.action == BOOT:
            return self._boot(identity, request.payload)
        return self._answers.answer(identity, request)

    def _boot(self, identity: str, payload: bytes) -> bytes:
        status = self._acceptance.boot(identity)
        log.info("charge_point.booted", extra=facts(charge_point=identity, status=status))
        self._tasks.start(self._remember_boot(identity, payload, status), "charge_point.remember")
        if status != REJECTED:  # nobody is to deal with one that is rejected, nor the cloud see it
            self._bus.publish(ChargePointBooted(identity, payload))
        ocpp = self._site.ocpp
        interval_s = ocpp.heartbeat_interval_s if status == ACCEPTED else ocpp.boot_retry_s
        return boot_answer(status, self._clock.now().utc, interval_s)

    async def _remember_boot(self, identity: str, payload: bytes, status: str) -> None:
        """The registration first: one that is known to have booted counts as accepted without."""
        await self._keep_registration(identity)
        if status != REJECTED:
            await self._store.remember_boot(identity, payload)

    async def _keep_registration(self, identity: str) -> None:
        document = self._acceptance.document(identity)
        await self._documents.keep(identity, BOOT_DOCUMENT, document)

    def _limited(self, event: StandingLimitConfirmed) -> None:
        self._acceptance.confirmed_limit(event.identity)
        self._end_preparation(event.identity)

    def _provisioned(self, event: Provisioned) -> None:
        self._acceptance.was_configured(event.identity)
        self._end_preparation(event.identity)

    def _end_preparation(self, identity: str) -> None:
        if self._acceptance.policy(identity) is BootPolicy.PREPARE:
            self._ask_to_boot(identity, Caller.GATEWAY)

    def _ask_to_boot(self, identity: str, caller: Caller) -> None:
        """Ask for the BootNotification that ends the waiting, where that is allowed."""
        if self.is_online(identity) and self._acceptance.wants_boot(identity):
            work = self._call_and_forget(identity, "TriggerMessage", TRIGGER_BOOT, caller)
            self._tasks.start(work, "charge_point.trigger")

    def _stop_if_refused(self, event: CloudDecidedTag) -> None:
        """A tag turned out to be refused while its transaction runs: the site's rule decides."""
        if event.local_transaction_id is None:
            return
        if read(IdTagInfo, event.id_tag_info).status == "Accepted":
            return
        told = facts(charge_point=event.identity, transaction=event.local_transaction_id)
        log.warning("transaction.refused_late", extra=told)
        stop = self._site.authorization.late_refusal is LateRefusal.STOP
        if stop and not self._site.is_quiet(event.identity):
            payload = msgspec.json.encode({"transactionId": event.local_transaction_id})
            work = self._call_and_forget(
                event.identity, "RemoteStopTransaction", payload, Caller.GATEWAY
            )
            self._tasks.start(work, "stop")

    async def _call_and_forget(
        self, identity: str, action: str, payload: bytes, caller: Caller
    ) -> None:
        outcome = await self.call(identity, action, payload, caller=caller)
        log.info(
            "call.concluded",
            extra=facts(charge_point=identity, action=action, outcome=type(outcome).__name__),
        )

    def _deviated(self, identity: str, seen: Deviation) -> None:
        self._bus.publish(
            DeviationSeen(identity, seen.action, seen.place, seen.rule, seen.detail, seen.refused)
        )


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
