"""Brings each charge point to what it must hold: the standing fail-safe profile before all else.

Runs once for each connection, and again after each boot; never in quiet mode.
"""

import asyncio
import logging
from typing import Final

import msgspec

from gateway.events import (
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    StandingLimitConfirmed,
)
from gateway.ocpp.calls import Answered
from gateway.ocpp.v16.charging_profiles import standing_profile
from gateway.ocpp.v16.messages import GetConfigurationResponse, SetChargingProfileResponse, read
from gateway.ocpp.v16.provisioning import desired, differences
from gateway.ports import ChargePointDesk
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import Site
from gateway.site.electrical import to_da

log = logging.getLogger(__name__)

BOOT_GRACE_S: Final = 5.0
"""How long a charge point that just connected may take to say what it is."""
SETTLE_S: Final = 0.5
"""Pause between a boot and the first call, so that its status report comes through first."""
AGAIN_S: Final = 60.0
"""Pause before a refused or unanswered standing profile is sent again."""


class ProvisioningService:
    """Publishes StandingLimitConfirmed for each charge point that accepted its standing profile."""

    def __init__(self, site: Site, bus: Bus, desk: ChargePointDesk) -> None:
        self._site = site
        self._bus = bus
        self._desk = desk
        self._known: set[str] = set()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks = TaskKeeper()
        if not site.ocpp.quiet:
            bus.subscribe(ChargePointConnected, lambda e: self._begin(e.identity, BOOT_GRACE_S))
            bus.subscribe(ChargePointBooted, self._booted)
            bus.subscribe(ChargePointDisconnected, lambda e: self._end(e.identity))

    def know(self, identities: set[str]) -> None:
        """These have booted before: they need not be asked what they are."""
        self._known |= identities

    async def close(self) -> None:
        """Stop everything under way."""
        await self._tasks.cancel()

    def _booted(self, event: ChargePointBooted) -> None:
        self._known.add(event.identity)
        self._begin(event.identity, SETTLE_S)

    def _begin(self, identity: str, after_s: float) -> None:
        self._end(identity)
        self._running[identity] = self._tasks.start(self._provision(identity, after_s), identity)

    def _end(self, identity: str) -> None:
        if (task := self._running.pop(identity, None)) is not None:
            task.cancel()

    async def _provision(self, identity: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        if identity not in self._known:
            await self._call(identity, "TriggerMessage", {"requestedMessage": "BootNotification"})
        await self._set_standing(identity)
        self._bus.publish(StandingLimitConfirmed(identity))
        await self._configure(identity)

    async def _set_standing(self, identity: str) -> None:
        """Try until it is confirmed: without it the charge point counts at its highest current."""
        while True:
            if await self._try_standing(identity):
                return
            await asyncio.sleep(AGAIN_S)

    async def _try_standing(self, identity: str) -> bool:
        connectors = self._site.charge_points[identity].connectors
        failsafe_da = min(to_da(connector.failsafe_a) for connector in connectors)
        outcome = await self._desk.call(
            identity, "SetChargingProfile", standing_profile(failsafe_da)
        )
        confirmed = (
            isinstance(outcome, Answered)
            and read(SetChargingProfileResponse, outcome.payload).status == "Accepted"
        )
        if confirmed:
            log.info("standing_limit.confirmed", extra=facts(charge_point=identity))
        else:
            log.error(
                "standing_limit.not_confirmed",
                extra=facts(charge_point=identity, outcome=outcome),
            )
        return confirmed

    async def _configure(self, identity: str) -> None:
        wanted = desired(self._site.ocpp.meter_values_interval_s)
        if not wanted:
            return
        answer = await self._call(identity, "GetConfiguration", {"key": list(wanted)})
        if answer is None:
            return
        for key, value in differences(wanted, read(GetConfigurationResponse, answer)).items():
            await self._call(identity, "ChangeConfiguration", {"key": key, "value": value})
            log.info("configuration.written", extra=facts(charge_point=identity, key=key))

    async def _call(self, identity: str, action: str, payload: object) -> bytes | None:
        outcome = await self._desk.call(identity, action, msgspec.json.encode(payload))
        return outcome.payload if isinstance(outcome, Answered) else None
