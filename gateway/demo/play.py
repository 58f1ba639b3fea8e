"""Plays a scenario in a depot, in real time, and notes what the numbers alone would not show."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from gateway.demo.cloud_records import CloudTransaction
from gateway.demo.depot import Depot
from gateway.demo.happenings import (
    Arrives,
    BuildingDraws,
    CloudCaps,
    CloudFalters,
    CloudGoes,
    CloudReturns,
    CloudStops,
    GatewayDies,
    Happening,
    Leaves,
    LinksBreak,
    MeterFallsSilent,
    MeterSpeaks,
    Reboots,
)
from gateway.demo.outlet import TrueTransaction
from gateway.demo.plan import FAILSAFE_A, VISITOR_TAG, CarPlan
from gateway.demo.scenario import SHORTEST_RUN_S, Scenario
from gateway.demo.vehicle import Vehicle
from gateway.demo.wires import MeterLoss, Wires

SAMPLE_S: Final = 0.1
CAP_PROFILE_ID: Final = 770_001
CAP_SHOWS_S: Final = 8.0
"""From the cloud's cap until the vehicle follows it: a cycle, the pilot, the vehicle."""
CLOUD_KNOWS_S: Final = 6.0
"""How long a transaction of the outage may take to come up in the cloud afterwards."""
INEXACT_A: Final = 0.3
SILENCE_LINGERS_S: Final = 2.0
"""After a silence, vehicles may still be on their way down."""


@dataclass(slots=True)
class _Cap:
    transaction: TrueTransaction
    limit_a: float
    binds_at_s: float


@dataclass(slots=True)
class Play:
    """One performance.

    Args:
        tell: Called with a sentence for each thing that happens.

    Attributes:
        problems: A sentence for each expectation that was not met.
        loss: The meter's silence, once there was one.
    """

    depot: Depot
    scenario: Scenario
    wires: Wires
    tell: Callable[[str], None]
    problems: list[str] = field(default_factory=list)
    loss: MeterLoss | None = None
    _caps: list[_Cap] = field(default_factory=list)
    _stopped: list[CloudTransaction] = field(default_factory=list)
    _spoke_at_s: float | None = None

    def _now_s(self) -> float:
        return self.depot.clock.now().monotonic_s

    async def perform(self) -> None:
        """Everything in its time, then an empty depot."""
        began_s = self._now_s()
        for event in self.scenario.events:
            await self._until(began_s + event.at_s)
            self.tell(str(event.happening))
            await self._carry_out(event.happening)
        await self._until(began_s + self.scenario.seconds)
        self.tell("every vehicle leaves")
        for charge_point in self.depot.charge_points.values():
            charge_point.unplug(1)

    async def watch(self) -> None:
        """Sample the truth, for ever."""
        while True:
            at_s = self._now_s()
            self.wires.sample(at_s, self.depot.load())
            self._watch_fallback(at_s)
            self._watch_caps(at_s)
            await asyncio.sleep(SAMPLE_S)

    def conclude(self) -> None:
        """Look at what can only be judged at the end."""
        truth = self.depot.transactions()
        ids = [t.transaction_id for t in truth if t.transaction_id is not None]
        if len(set(ids)) < len(truth):
            self.problems.append("the gateway did not give every transaction an id of its own")
        if any(transaction.id_tag == VISITOR_TAG for transaction in truth):
            self.problems.append(f"{VISITOR_TAG} charged, though the cloud refuses it")
        for stopped in self._stopped:
            if stopped.reason != "Remote":
                self.problems.append(f"the cloud could not stop {stopped}: it ended otherwise")
        for charge_point in self.depot.charge_points.values():
            ids_received = [
                payload["csChargingProfiles"]["chargingProfileId"]
                for payload in charge_point.received_profiles
            ]
            if CAP_PROFILE_ID in ids_received:
                self.problems.append(f"{charge_point.identity} got the cloud's profile itself")
            dropped = len(charge_point.cabinet.queue.dropped)
            if dropped:
                self.problems.append(f"{charge_point.identity} had {dropped} messages refused")
        self.problems += [f"the cloud objected: {text}" for text in self.depot.cloud.objections]
        shows = self.scenario.seconds >= SHORTEST_RUN_S
        if shows and self.loss is not None and self.loss.needed and self.loss.fallback_s is None:
            self.problems.append("the meter was silent and not everybody went to fail-safe")

    async def _until(self, at_s: float) -> None:
        await asyncio.sleep(max(0.0, at_s - self._now_s()))

    async def _carry_out(self, happening: Happening) -> None:
        match happening:
            case Arrives() | Leaves() | Reboots():
                self._at_charge_point(happening)
            case CloudFalters() | CloudGoes() | CloudReturns():
                await self._at_cloud(happening)
            case CloudCaps(identity, limit_a):
                await self._cap(identity, limit_a)
            case CloudStops(identity):
                await self._stop(identity)
            case GatewayDies():
                await self.depot.gateway.kill()
                await self.depot.gateway.start()
            case LinksBreak():
                self.depot.cut_links()
            case BuildingDraws() | MeterFallsSilent() | MeterSpeaks():
                self._at_feeder(happening)

    def _at_charge_point(self, happening: Arrives | Leaves | Reboots) -> None:
        charge_point = self.depot.charge_points[happening.identity]
        match happening:
            case Arrives(_, car, id_tag):
                charge_point.plug_in(1, vehicle(car), id_tag)
            case Leaves():
                charge_point.unplug(1)
            case Reboots():
                charge_point.reboot(off_s=1.0)

    async def _at_cloud(self, happening: CloudFalters | CloudGoes | CloudReturns) -> None:
        match happening:
            case CloudFalters():
                self.depot.cloud.muted = True
            case CloudGoes():
                await self.depot.cloud_server.stop()
            case CloudReturns():
                self.depot.cloud.muted = False
                await self.depot.cloud_server.start()

    def _at_feeder(self, happening: BuildingDraws | MeterFallsSilent | MeterSpeaks) -> None:
        at_s = self._now_s()
        match happening:
            case BuildingDraws(load_a):
                self.depot.building_a = load_a
                self.wires.stepped(at_s)
            case MeterFallsSilent():
                self.depot.meter.silent = True
                self.loss = MeterLoss(self.depot.meter.answered_at_s or at_s)
            case MeterSpeaks():
                self.depot.meter.silent = False
                self._spoke_at_s = at_s

    async def _cap(self, identity: str, limit_a: float) -> None:
        """The cloud limits a transaction by its own id; the gateway must make it a cap."""
        known = await self._known(identity)
        running = self.depot.charge_points[identity].outlet(1).transaction
        if known is None or running is None:
            self.problems.append(f"the cloud knows of no transaction at {identity} to cap")
            return
        schedule = {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit_a}],
        }
        profile = {
            "chargingProfileId": CAP_PROFILE_ID,
            "transactionId": known.cloud_transaction_id,
            "stackLevel": 1,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": schedule,
        }
        status = await self.depot.cloud.set_charging_profile(identity, 1, profile)
        if status != "Accepted":
            self.problems.append(f"the cloud's cap for {identity} got: {status}")
            return
        self._caps.append(_Cap(running, limit_a, self._now_s() + CAP_SHOWS_S))

    async def _stop(self, identity: str) -> None:
        """The cloud stops a transaction by its own id, which it gave after the outage."""
        known = await self._known(identity)
        if known is None:
            self.problems.append(f"the cloud knows of no transaction at {identity} to stop")
            return
        status = await self.depot.cloud.remote_stop(identity, known.cloud_transaction_id)
        if status != "Accepted":
            self.problems.append(f"the cloud's stop for {identity} got: {status}")
        self._stopped.append(known)

    async def _known(self, identity: str) -> CloudTransaction | None:
        """The running transaction as the cloud knows it, once it does and can say so."""
        until_s = self._now_s() + CLOUD_KNOWS_S
        while self._now_s() < until_s:
            found = self.depot.cloud.records.running(identity, 1)
            if found is not None and identity in self.depot.cloud.connected:
                return found
            await asyncio.sleep(SAMPLE_S)
        return None

    def _watch_fallback(self, at_s: float) -> None:
        over = self._spoke_at_s is not None and at_s > self._spoke_at_s + SILENCE_LINGERS_S
        if self.loss is None or over:
            return
        drawn_a = max((outlet.draw_a(at_s) for outlet in self.depot.outlets()), default=0.0)
        self.loss.sample(at_s, above_failsafe=drawn_a > FAILSAFE_A + INEXACT_A)

    def _watch_caps(self, at_s: float) -> None:
        for cap in list(self._caps):
            charge_point = self.depot.charge_points[cap.transaction.identity]
            outlet = charge_point.outlet(1)
            if outlet.transaction is not cap.transaction:
                self._caps.remove(cap)
            elif at_s >= cap.binds_at_s and outlet.draw_a(at_s) > cap.limit_a + INEXACT_A:
                self._caps.remove(cap)
                self.problems.append(
                    f"{charge_point.identity} drew {outlet.draw_a(at_s):.1f} A, above the cloud's "
                    f"cap of {cap.limit_a:g} A"
                )


def vehicle(car: CarPlan) -> Vehicle:
    """The vehicle of the plan."""
    return Vehicle(
        phases=car.phases,
        max_a=car.max_a,
        battery_wh=car.battery_wh,
        charged_wh=car.charged_wh,
        reaction_down_s=car.reaction_down_s,
        reaction_up_s=car.reaction_up_s,
    )
