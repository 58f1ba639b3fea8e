"""The balancing at work, on a loop whose time jumps to the next deadline."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.energy.offers import Balance
from gateway.energy.service import EnergyService
from gateway.events import (
    Balanced,
    ChargePointConnected,
    ChargePointDisconnected,
    ConnectorStatusChanged,
    DrawMeasured,
    MeterSampled,
    StandingLimitConfirmed,
    TransactionBegan,
    TransactionEnded,
)
from gateway.metering.sample import Sample
from gateway.ports import Cap, LimitOutcome, Moment
from gateway.runtime.bus import Bus
from gateway.site.depot import ConnectorKey, Site
from tests.unit.energy.depots import circuit, connector, depot, each
from tests.unit.energy.jumping_loop import JumpingLoop

A = connector("A")
START = datetime(2030, 1, 1, tzinfo=UTC)


class LoopClock:
    """The loop's time as a Clock; ``skipped_s`` is time that passed while the process stood."""

    skipped_s = 0.0

    def now(self) -> Moment:
        monotonic_s = asyncio.get_running_loop().time() + self.skipped_s
        return Moment(START + timedelta(seconds=monotonic_s), monotonic_s)


class FakeActuator:
    """Answers after a second with whatever is asked for."""

    def __init__(self) -> None:
        self.applied: list[tuple[ConnectorKey, int, int, float]] = []
        self.urgent: list[bool] = []
        self.outcome = LimitOutcome.CONFIRMED
        self.latency_s = 1.0
        self.under_way = 0
        self.most_under_way = 0

    async def apply_limit(
        self,
        key: ConnectorKey,
        limit_da: int,
        failsafe_da: int,
        lease_s: float,
        *,
        urgent: bool,
    ) -> LimitOutcome:
        self.urgent.append(urgent)
        self.applied.append((key, limit_da, failsafe_da, lease_s))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(self.latency_s)
        finally:
            self.under_way -= 1
        return self.outcome


class FakeCaps:
    """No caps, until told."""

    def __init__(self) -> None:
        self.connector: Cap | None = None
        self.charge_point: Cap | None = None

    def connector_cap(self, key: ConnectorKey, now: datetime) -> Cap | None:
        assert key.connector_id == 1
        assert now >= START
        return self.connector

    def charge_point_cap(self, identity: str, now: datetime) -> Cap | None:
        assert identity == "A"
        return self.charge_point


class Stage:
    """A running service with its surroundings."""

    def __init__(self, site: Site) -> None:
        self.bus = Bus()
        self.clock = LoopClock()
        self.actuator = FakeActuator()
        self.caps = FakeCaps()
        self.balances: list[Balance] = []
        self.meter_a = 0.0
        self.bus.subscribe(Balanced, self._balanced)
        self.service = EnergyService(site, self.bus, self.clock, self.actuator, self.caps)

    def _balanced(self, event: Balanced) -> None:
        self.balances.append(event.balance)

    def start_transaction(self, *, resumed: bool = False) -> None:
        self.bus.publish(ChargePointConnected("A"))
        self.bus.publish(StandingLimitConfirmed("A"))
        self.bus.publish(TransactionBegan(A.key, 1, "TAG", resumed))

    def sample(self, current_a: float) -> None:
        now_s = self.clock.now().monotonic_s
        self.bus.publish(MeterSampled(Sample("m", "main", each(current_a), None, None, now_s)))

    async def seconds(self, duration_s: int, *, sampled: bool = True) -> None:
        for _ in range(duration_s):
            if sampled:
                self.sample(self.meter_a)
            await asyncio.sleep(1.0)


def play(scene: Callable[[Stage], Coroutine[Any, Any, None]], site: Site | None = None) -> Stage:
    """Run ``scene`` beside the service, in virtual time."""

    async def run() -> Stage:
        stage = Stage(site or depot([circuit("main", 63)], [A]))
        balancing = asyncio.create_task(stage.service.run())
        await scene(stage)
        balancing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await balancing
        return stage

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(run())


def test_a_cycle_is_published_every_second_without_drift() -> None:
    async def scene(stage: Stage) -> None:
        await stage.seconds(10)

    times = [balance.monotonic_s for balance in play(scene).balances]
    assert [round(at_s - times[0], 3) for at_s in times[:10]] == list(range(10))


def test_missed_beats_are_skipped() -> None:
    async def scene(stage: Stage) -> None:
        await stage.seconds(2)
        stage.clock.skipped_s = 7.5
        await stage.seconds(3)

    times = [balance.monotonic_s for balance in play(scene).balances]
    steps = [round(later - earlier, 3) for earlier, later in itertools.pairwise(times)]
    assert sum(step < 0.4 for step in steps) == 0
    assert len(times) <= 7


def test_a_transaction_gets_its_limit_with_lease_and_failsafe() -> None:
    async def scene(stage: Stage) -> None:
        await stage.seconds(4)
        stage.start_transaction()
        await stage.seconds(6)

    stage = play(scene)
    assert stage.actuator.applied == [(A.key, 320, 60, 120.0)]
    assert stage.balances[-1].offers[A.key].offer_da == 320


def test_a_beginning_and_an_overload_are_answered_at_once() -> None:
    async def scene(stage: Stage) -> None:
        await stage.seconds(4)
        await asyncio.sleep(0.5)
        before = len(stage.balances)
        stage.start_transaction(resumed=True)
        await asyncio.sleep(0.01)
        assert len(stage.balances) == before + 1
        assert [applied[1] for applied in stage.actuator.applied] == [320]
        await asyncio.sleep(2)
        stage.sample(70.0)
        await asyncio.sleep(0.01)
        assert [applied[1] for applied in stage.actuator.applied] == [320, 250]
        assert stage.actuator.urgent == [False, True]

    play(scene)


def test_one_limit_at_a_time_and_the_newest_follows_at_once() -> None:
    async def scene(stage: Stage) -> None:
        stage.actuator.latency_s = 2.5
        await stage.seconds(4)
        stage.start_transaction(resumed=True)
        await asyncio.sleep(0.2)
        for current_a in (70.0, 75.0):
            stage.sample(current_a)
            await asyncio.sleep(0.2)
        await asyncio.sleep(2.2)
        assert [applied[1] for applied in stage.actuator.applied] == [320, 200]

    assert play(scene).actuator.most_under_way == 1


@pytest.mark.parametrize("outcome", [LimitOutcome.REFUSED, LimitOutcome.SILENT])
def test_a_failed_limit_is_tried_again_and_told_once(
    outcome: LimitOutcome, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(stage: Stage) -> None:
        stage.actuator.outcome = outcome
        await stage.seconds(4)
        stage.start_transaction()
        await stage.seconds(20)
        assert len(stage.actuator.applied) >= 2
        stage.actuator.outcome = LimitOutcome.CONFIRMED
        await stage.seconds(60)

    with caplog.at_level(logging.INFO, "gateway.energy.service"):
        stage = play(scene)
    told = [record.message for record in caplog.records if record.message.startswith("limit.")]
    assert told == ["limit.failed", "limit.confirmed"]
    assert stage.balances[-1].offers[A.key].offer_da == 320


def test_a_superseded_limit_is_sent_again() -> None:
    async def scene(stage: Stage) -> None:
        stage.actuator.outcome = LimitOutcome.SUPERSEDED
        await stage.seconds(4)
        stage.start_transaction()
        await stage.seconds(5)
        stage.actuator.outcome = LimitOutcome.CONFIRMED
        await stage.seconds(20)

    assert play(scene).balances[-1].offers[A.key].offer_da == 320


def test_a_quiet_site_sends_nothing() -> None:
    async def scene(stage: Stage) -> None:
        await stage.seconds(4)
        stage.start_transaction()
        await stage.seconds(6)

    stage = play(scene, depot([circuit("main", 63)], [A], quiet=True))
    assert stage.actuator.applied == []
    assert len(stage.balances) >= 10


def test_caps_reach_the_allocation() -> None:
    async def scene(stage: Stage) -> None:
        stage.caps.connector = Cap(100, "cloud")
        await stage.seconds(4)
        stage.start_transaction()
        await stage.seconds(6)
        stage.caps.charge_point = Cap(80, "cloud")
        await stage.seconds(2)

    stage = play(scene)
    assert [applied[1] for applied in stage.actuator.applied] == [100, 80]
    assert str(stage.balances[-1].offers[A.key].reason) == "limited from outside (cloud)"


def test_what_the_bus_tells_reaches_the_balance() -> None:
    async def scene(stage: Stage) -> None:
        await stage.seconds(4)
        stage.start_transaction()
        await stage.seconds(4)
        stage.bus.publish(DrawMeasured(A.key, each(9.0)))
        stage.bus.publish(ConnectorStatusChanged(A.key, "SuspendedEV", "NoError"))
        await stage.seconds(2)
        offer = stage.balances[-1].offers[A.key]
        assert (offer.drawn, offer.target_da) == (each(9.0), 60)
        stage.bus.publish(TransactionEnded(A.key, 1))
        stage.bus.publish(ChargePointDisconnected("A"))
        await stage.seconds(2)
        offer = stage.balances[-1].offers[A.key]
        assert (offer.active, offer.online, offer.counted_da) == (False, False, 60)

    play(scene)


def test_a_lost_meter_is_told_once_and_its_return_once(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(stage: Stage) -> None:
        await stage.seconds(5)
        await stage.seconds(20, sampled=False)
        await stage.seconds(5)

    with caplog.at_level(logging.INFO, "gateway.energy.service"):
        play(scene)
    assert [record.message for record in caplog.records] == [
        "meter.lost",
        "failsafe.entered",
        "meter.returned",
        "failsafe.left",
    ] * 2


def test_a_stop_gives_up_limits_under_way_without_noise(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(stage: Stage) -> None:
        stage.actuator.latency_s = 100.0
        await stage.seconds(4)
        stage.start_transaction()
        await stage.seconds(4)
        assert stage.actuator.under_way == 1

    with caplog.at_level(logging.WARNING, "gateway.energy.service"):
        stage = play(scene)
    assert stage.actuator.under_way == 0
    assert not [record for record in caplog.records if record.message == "limit.failed"]
