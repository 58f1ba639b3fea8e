"""The balancing at work: one cycle a second, and each limit on its way as a task of its own.

The cycle never waits for a charge point. Beats are counted on the monotonic clock, so they do not
drift; a beat that was missed is skipped.
"""

import asyncio
import logging
import math
from datetime import datetime
from typing import Final

from gateway.energy.balancer import Balancer, Caps
from gateway.energy.offers import Balance
from gateway.energy.snapshot import OutsideLimit
from gateway.energy.steering import SetLimit
from gateway.events import (
    Balanced,
    ChargePointConnected,
    ChargePointDisconnected,
    ConnectorStatusChanged,
    DrawMeasured,
    LimitsDisturbed,
    MeterSampled,
    StandingLimitConfirmed,
    TransactionBegan,
    TransactionEnded,
)
from gateway.ports import Actuator, Cap, CapSource, Clock, LimitOutcome
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import ConnectorKey, Site
from gateway.site.electrical import CONDUCTORS, to_a

log = logging.getLogger(__name__)

BEAT_S: Final = 1.0
BREATH_S: Final = 0.1
"""Between two cycles at least: what begins all at once, after a power cut, shares one."""


class EnergyService:
    """Publishes Balanced once a second, and sends the limits that the balancing decides.

    A cycle runs at once when a transaction began or a sample shows an overload. Charge points in
    quiet mode (`Site.is_quiet`) are sent nothing.
    """

    def __init__(
        self, site: Site, bus: Bus, clock: Clock, actuator: Actuator, caps: CapSource
    ) -> None:
        self._site = site
        self._bus = bus
        self._clock = clock
        self._actuator = actuator
        self._caps = caps
        self._balancer = Balancer(site, self._now_s())
        self._wake = asyncio.Event()
        self._tasks = TaskKeeper()
        self._news = _News()
        self._subscribe()

    async def run(self) -> None:
        """Balance until cancelled; limits under way are then given up."""
        beat_s = self._now_s()
        try:
            while True:
                self._cycle()
                now_s = self._now_s()
                if now_s >= beat_s:
                    beat_s += BEAT_S * (math.floor((now_s - beat_s) / BEAT_S) + 1)
                await self._pause(beat_s - now_s)
        finally:
            await self._tasks.cancel()

    async def _pause(self, duration_s: float) -> None:
        """Wait for the next beat, or until something cannot wait."""
        cycled_s = self._now_s()
        try:
            async with asyncio.timeout(duration_s):
                await self._wake.wait()
                await asyncio.sleep(cycled_s + BREATH_S - self._now_s())
        except TimeoutError:
            return

    def _cycle(self) -> None:
        self._wake.clear()
        moment = self._clock.now()
        cycle = self._balancer.cycle(moment.monotonic_s, self._caps_now(moment.utc))
        for command in cycle.commands:
            self._tasks.start(self._carry_out(command), f"limit {command.key}")
        self._news.balanced(cycle.balance)
        self._bus.publish(Balanced(cycle.balance))

    def _caps_now(self, now: datetime) -> Caps:
        connectors: dict[ConnectorKey, OutsideLimit] = {}
        charge_points: dict[str, OutsideLimit] = {}
        for identity, charge_point in self._site.charge_points.items():
            if (cap := self._caps.charge_point_cap(identity, now)) is not None:
                charge_points[identity] = _outside(cap)
            for connector in charge_point.connectors:
                if (cap := self._caps.connector_cap(connector.key, now)) is not None:
                    connectors[connector.key] = _outside(cap)
        return Caps(connectors, charge_points)

    async def _carry_out(self, command: SetLimit) -> None:
        """Send one limit; whatever happens, the balancer hears of it."""
        outcome = None
        try:
            outcome = await self._actuator.apply_limit(
                command.key,
                command.limit_da,
                command.failsafe_da,
                self._site.balancing.lease_s,
                urgent=command.cut,
            )
        finally:
            if outcome is None:  # given up half-way: nobody knows whether it arrived
                self._balancer.limit_failed(command, self._now_s())
        self._concluded(command, outcome)

    def _concluded(self, command: SetLimit, outcome: LimitOutcome) -> None:
        now_s = self._now_s()
        if outcome is LimitOutcome.CONFIRMED:
            self._balancer.limit_confirmed(command, now_s)
        elif outcome is LimitOutcome.SUPERSEDED:
            self._balancer.limit_withdrawn(command)
        else:
            self._balancer.limit_failed(command, now_s)
        self._news.concluded(command, outcome)
        if self._balancer.cut_waits(command.key, now_s):
            self._wake.set()

    def _subscribe(self) -> None:
        balancer, subscribe = self._balancer, self._bus.subscribe
        subscribe(ChargePointConnected, lambda event: balancer.connected(event.identity))
        subscribe(ChargePointDisconnected, lambda event: balancer.disconnected(event.identity))
        subscribe(
            StandingLimitConfirmed,
            lambda event: balancer.standing_limit_confirmed(event.identity, self._now_s()),
        )
        subscribe(LimitsDisturbed, self._limits_disturbed)
        subscribe(
            ConnectorStatusChanged,
            lambda event: balancer.status_changed(event.key, event.status, self._now_s()),
        )
        subscribe(
            DrawMeasured,
            lambda event: balancer.draw_measured(event.key, event.currents, self._now_s()),
        )
        subscribe(
            TransactionEnded,
            lambda event: balancer.transaction_ended(
                event.key, event.local_transaction_id, self._now_s()
            ),
        )
        subscribe(TransactionBegan, self._transaction_began)
        subscribe(MeterSampled, self._meter_sampled)

    def _transaction_began(self, event: TransactionBegan) -> None:
        self._balancer.transaction_began(
            event.key, event.local_transaction_id, self._now_s(), resumed=event.resumed
        )
        self._wake.set()

    def _limits_disturbed(self, event: LimitsDisturbed) -> None:
        self._balancer.limits_disturbed(event.identity)
        self._wake.set()

    def _meter_sampled(self, event: MeterSampled) -> None:
        sample = event.sample
        self._balancer.sampled(sample.circuit, sample.currents, sample.monotonic_s)
        circuit = self._site.circuits.get(sample.circuit)
        if circuit is not None and any(
            sample.currents[conductor] > circuit.limit_a[conductor] - circuit.margin_a
            for conductor in CONDUCTORS
        ):
            self._wake.set()

    def _now_s(self) -> float:
        return self._clock.now().monotonic_s


class _News:
    """Tells the log what changed: once when a thing goes, once when it is back."""

    def __init__(self) -> None:
        self._silent: dict[str, bool] = {}
        self._failsafe = False
        self._failing: set[ConnectorKey] = set()

    def balanced(self, balance: Balance) -> None:
        """A cycle is done."""
        for name, circuit in balance.circuits.items():
            if circuit.failsafe == self._silent.get(name, False):
                continue
            self._silent[name] = circuit.failsafe
            if circuit.failsafe:
                log.warning("meter.lost", extra=facts(circuit=name, age_s=circuit.age_s))
            else:
                log.info("meter.returned", extra=facts(circuit=name))
        if balance.failsafe != self._failsafe:
            self._failsafe = balance.failsafe
            if balance.failsafe:
                log.warning("failsafe.entered")
            else:
                log.info("failsafe.left")

    def concluded(self, command: SetLimit, outcome: LimitOutcome) -> None:
        """A limit was accepted, or not."""
        told = facts(connector=command.key, limit_a=to_a(command.limit_da), outcome=outcome.value)
        if outcome is LimitOutcome.CONFIRMED:
            level = logging.INFO if command.key in self._failing else logging.DEBUG
            self._failing.discard(command.key)
            log.log(level, "limit.confirmed", extra=told)
        elif outcome is LimitOutcome.SUPERSEDED:
            log.debug("limit.superseded", extra=told)
        else:
            level = logging.DEBUG if command.key in self._failing else logging.WARNING
            self._failing.add(command.key)
            log.log(level, "limit.failed", extra=told)


def _outside(cap: Cap) -> OutsideLimit:
    return OutsideLimit(cap.limit_da, cap.source)
