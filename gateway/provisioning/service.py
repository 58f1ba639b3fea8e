"""Brings each charge point to what it must hold: the standing fail-safe profile before all else.

Runs once for each connection, and again after each boot of one that was accepted; never in quiet
mode, and never while the charge point is rejected.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from gateway.errors import ProtocolViolation
from gateway.events import (
    CallEnded,
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    LimitsDisturbed,
    Provisioned,
    StandingLimitConfirmed,
)
from gateway.ocpp.calls import Answered, Caller, Refused, Superseded, Withheld
from gateway.ocpp.v16.charging_profiles import standing_profile
from gateway.ocpp.v16.messages import SetChargingProfileResponse, StatusResponse, read
from gateway.ocpp.v16.quirks import Model, model_of, quirks_of
from gateway.ports import AcceptanceDesk, ChargePointDesk, RecordDesk
from gateway.provisioning.compare import Comparison, compare
from gateway.provisioning.desired import desired
from gateway.provisioning.reading import to_ask, to_write
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import BootPolicy, Site
from gateway.site.electrical import to_da

log = logging.getLogger(__name__)

BOOT_GRACE_S: Final = 5.0
"""How long a charge point that just connected may take to say what it is."""
SETTLE_S: Final = 0.5
"""Pause between a boot and the first call, so that its status report comes through first."""
AGAIN_S: Final = 60.0
"""Pause before a refused or unanswered standing profile is sent again."""
ACCEPTED: Final = "Accepted"
REJECTED: Final = "Rejected"
CHANGES_PROFILES: Final = frozenset({"ClearChargingProfile", "SetChargingProfile"})
WRITTEN: Final = frozenset({ACCEPTED, "RebootRequired"})


class ProvisionedDesk(ChargePointDesk, AcceptanceDesk, Protocol):
    """Calls charge points, and knows who may take part."""


@dataclass(slots=True)
class _Visit:
    """One connection.

    Args:
        began: Calls were made, or are being made.
        registration: The status that its last BootNotification in this connection got.
        refused: Keys, in lower case, that it did not let us change.
    """

    began: bool = False
    registration: str | None = None
    refused: set[str] = field(default_factory=set)


class ProvisioningService:
    """Publishes StandingLimitConfirmed when a charge point accepted its standing profile, and
    Provisioned when its configuration was seen to."""

    def __init__(self, site: Site, bus: Bus, desk: ProvisionedDesk, records: RecordDesk) -> None:
        self._site = site
        self._bus = bus
        self._desk = desk
        self._records = records
        self._models: dict[str, Model] = {}
        self._visits: dict[str, _Visit] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks = TaskKeeper()
        bus.subscribe(ChargePointConnected, self._connected)
        bus.subscribe(ChargePointBooted, self._booted)
        bus.subscribe(ChargePointDisconnected, lambda event: self._end(event.identity))
        bus.subscribe(CallEnded, self._call_ended)

    def know(self, boots: Mapping[str, bytes]) -> None:
        """These have booted before, with this BootNotification.req: they need not be asked what
        they are."""
        self._models |= {identity: model_of(boot) for identity, boot in boots.items()}

    async def close(self) -> None:
        """Stop everything under way."""
        await self._tasks.cancel()

    def comparison(self, identity: str) -> tuple[Comparison, ...]:
        """Desired configuration beside what is known of it, key by key."""
        model = self._models.get(identity, Model())
        return compare(
            desired(self._site, identity, model),
            self._records.configuration(identity),
            self._visit(identity).refused,
            quirks_of(model).never_write,
        )

    def _connected(self, event: ChargePointConnected) -> None:
        self._visits[event.identity] = _Visit()
        self._begin(event.identity, BOOT_GRACE_S)

    def _booted(self, event: ChargePointBooted) -> None:
        """A charge point that waits to be accepted repeats its BootNotification, and the one after
        that which accepts it is no new life either: there is nothing to do twice."""
        identity = event.identity
        self._models[identity] = model_of(event.payload)
        visit = self._visit(identity)
        waited = visit.began and visit.registration not in (None, ACCEPTED)
        visit.registration = self._desk.registration(identity)
        if waited:
            return
        visit.refused.clear()
        self._begin(identity, max(SETTLE_S, quirks_of(self._models[identity]).settle_s))

    def _call_ended(self, event: CallEnded) -> None:
        """A person's profiles may have taken the place of ours: ours go in again."""
        changed_nothing = isinstance(event.outcome, Refused | Superseded | Withheld)
        if (
            event.caller is Caller.GATEWAY
            or event.action not in CHANGES_PROFILES
            or changed_nothing
        ):
            return
        identity = event.identity
        log.warning("charging_profiles.disturbed", extra=facts(charge_point=identity))
        self._bus.publish(LimitsDisturbed(identity))
        running = self._running.get(identity)
        if running is not None and not running.done():
            self._begin(identity, 0.0)
        elif self._visit(identity).began and not self._site.is_quiet(identity):
            self._running[identity] = self._tasks.start(self._restore(identity), identity)

    def _begin(self, identity: str, after_s: float) -> None:
        self._end(identity)
        if not self._site.is_quiet(identity):
            work = self._provision(identity, after_s)
            self._running[identity] = self._tasks.start(work, identity)

    def _end(self, identity: str) -> None:
        if (task := self._running.pop(identity, None)) is not None:
            task.cancel()

    def _visit(self, identity: str) -> _Visit:
        return self._visits.setdefault(identity, _Visit())

    async def _provision(self, identity: str, after_s: float) -> None:
        visit = self._visit(identity)
        visit.began = False
        await asyncio.sleep(after_s)
        if self._is_to_boot(identity):
            await self._call(identity, "TriggerMessage", {"requestedMessage": "BootNotification"})
        visit.began = True
        confirmed = await self._try_standing(identity)
        if confirmed is not None:
            await self._configure(identity)
        if confirmed is False:
            await asyncio.sleep(AGAIN_S)
            confirmed = await self._hold_standing(identity, again=True)
        visit.began = confirmed is not None

    async def _restore(self, identity: str) -> None:
        await self._hold_standing(identity)

    async def _hold_standing(self, identity: str, *, again: bool = False) -> bool | None:
        """Try until it is confirmed, or nothing may be sent."""
        while (confirmed := await self._try_standing(identity, again=again)) is False:
            await asyncio.sleep(AGAIN_S)
            again = True
        return confirmed

    def _is_to_boot(self, identity: str) -> bool:
        """It never said what it is, or would be accepted by now; never once it is (errata 3.40)."""
        registration = self._desk.registration(identity)
        if registration is None:
            return identity not in self._models
        waits = registration not in (ACCEPTED, REJECTED)
        return waits and self._desk.boot_policy(identity) is BootPolicy.ACCEPT

    async def _try_standing(self, identity: str, *, again: bool = False) -> bool | None:
        """Send it; None when nothing may be sent. Without it the charge point counts at its highest
        current, and one that has to be prepared stays Pending."""
        connectors = self._site.charge_points[identity].connectors
        failsafe_da = min(to_da(connector.failsafe_a) for connector in connectors)
        outcome = await self._desk.call(
            identity, "SetChargingProfile", standing_profile(failsafe_da)
        )
        if isinstance(outcome, Withheld):
            return None
        confirmed = (
            isinstance(outcome, Answered)
            and read(SetChargingProfileResponse, outcome.payload).status == ACCEPTED
        )
        if confirmed:
            log.info("standing_limit.confirmed", extra=facts(charge_point=identity))
            self._bus.publish(StandingLimitConfirmed(identity))
        else:
            log.log(
                logging.DEBUG if again else logging.ERROR,
                "standing_limit.not_confirmed",
                extra=facts(charge_point=identity, outcome=outcome),
            )
        return confirmed

    async def _configure(self, identity: str) -> None:
        """Read everything, then write what differs; refusals hold nothing up."""
        await self._read(identity)
        quirks = quirks_of(self._models.get(identity, Model()))
        for key in to_write(self.comparison(identity), quirks):
            await self._write(identity, key)
        if self._desk.registration(identity) == REJECTED:
            self._visit(identity).began = False
            return
        log.info("charge_point.provisioned", extra=facts(charge_point=identity))
        self._bus.publish(Provisioned(identity))

    async def _read(self, identity: str) -> None:
        quirks = quirks_of(self._models.get(identity, Model()))
        if not quirks.no_read_all and await self._call(identity, "GetConfiguration", {}):
            return
        wanted = [compared.key for compared in self.comparison(identity)]
        for keys in to_ask(wanted, quirks):
            if await self._call(identity, "GetConfiguration", {"key": keys}) is None:
                await self._read_singly(identity, keys)

    async def _read_singly(self, identity: str, keys: Sequence[str]) -> None:
        """One key that it cannot answer for must not cost us the others."""
        for key in keys if len(keys) > 1 else ():
            await self._call(identity, "GetConfiguration", {"key": [key]})

    async def _write(self, identity: str, compared: Comparison) -> None:
        change = {"key": compared.key, "value": compared.wanted}
        status = _status(await self._call(identity, "ChangeConfiguration", change))
        told = facts(charge_point=identity, key=compared.key, status=status or "no answer")
        if status in WRITTEN:
            log.info("configuration.written", extra=told)
            return
        log.warning("configuration.not_written", extra=told)
        if status is not None:
            self._visit(identity).refused.add(compared.key.casefold())

    async def _call(self, identity: str, action: str, payload: object) -> bytes | None:
        outcome = await self._desk.call(identity, action, msgspec.json.encode(payload))
        return outcome.payload if isinstance(outcome, Answered) else None


def _status(answer: bytes | None) -> str | None:
    if answer is None:
        return None
    try:
        return read(StatusResponse, answer).status
    except ProtocolViolation:
        return None
