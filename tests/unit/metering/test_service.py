"""Polling, on a clock of its own: each test says how time passes while a meter answers."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.errors import MeterSilent
from gateway.events import MeterDoubted, MeterSampled
from gateway.metering.sample import Reading
from gateway.metering.service import MeteringService
from gateway.ports import Moment
from gateway.runtime.bus import Bus
from gateway.site.depot import Site
from tests.unit.config.files import SMALL, site_of

GOOD = Reading((10.0, 20.0, 30.0), (2300.0, 4600.0, 6900.0), (230.0, 231.0, 229.0))
BOUND_S = 10.0


class ScriptedClock:
    """Stands still unless a meter moves it."""

    def __init__(self) -> None:
        self.monotonic_s = 100.0

    def now(self) -> Moment:
        return Moment(datetime(2026, 1, 1, tzinfo=UTC), self.monotonic_s)


class ScriptedMeter:
    """Answers from a list, then calls ``done`` and never answers again."""

    def __init__(self, answers: list[Reading | str | Exception], done: Callable[[], None]) -> None:
        self._answers = answers
        self._done = done
        self.closed = False

    async def read(self) -> Reading:
        if not self._answers:
            self._done()
            await asyncio.Event().wait()
        match self._answers.pop(0):
            case Reading() as reading:
                return reading
            case str() as reason:
                raise MeterSilent(reason)
            case exc:
                raise exc

    async def close(self) -> None:
        self.closed = True


class SteppingClock(ScriptedClock):
    """Moves on by itself whenever it is read, so that the next beat is always due at once."""

    def now(self) -> Moment:
        self.monotonic_s += 0.999
        return super().now()


def events_of(*answers: Reading | str | Exception) -> list[MeterSampled | MeterDoubted]:
    """What the service publishes for these answers, one a beat."""
    return asyncio.run(_events_of(list(answers), site_of(SMALL)))


async def _events_of(
    answers: list[Reading | str | Exception], site: Site
) -> list[MeterSampled | MeterDoubted]:
    done = asyncio.Event()
    meter = ScriptedMeter(answers, done.set)
    bus = Bus()
    seen: list[MeterSampled | MeterDoubted] = []
    bus.subscribe(MeterSampled, seen.append)
    bus.subscribe(MeterDoubted, seen.append)
    task = asyncio.create_task(MeteringService({"main": meter}, site, bus, SteppingClock()).run())
    async with asyncio.timeout(BOUND_S):
        await done.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert meter.closed
    return seen


def test_a_reading_becomes_a_sample_on_the_bus() -> None:
    (event,) = events_of(GOOD)
    assert isinstance(event, MeterSampled)
    assert event.sample.circuit == "grid"
    assert event.sample.currents.l3_a == 30.0


def test_a_sample_is_stamped_when_it_arrives() -> None:
    (event,) = events_of(GOOD)
    assert isinstance(event, MeterSampled)
    assert event.sample.monotonic_s > 100.999


def test_silence_is_told_every_beat_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        events = events_of(GOOD, "gone", "still gone", GOOD, GOOD)
    assert [type(event) for event in events] == [
        MeterSampled,
        MeterDoubted,
        MeterDoubted,
        MeterSampled,
        MeterSampled,
    ]
    assert events[1] == MeterDoubted("main", "gone")
    assert [record.getMessage() for record in caplog.records] == [
        "meter.doubted",
        "meter.returned",
    ]


def test_an_implausible_reading_is_doubted() -> None:
    (event,) = events_of(replace(GOOD, currents_a=(None, 1.0, 1.0)))
    assert event == MeterDoubted("main", "no current on L1")


def test_a_bug_in_one_driver_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    events = events_of(GOOD, ZeroDivisionError(), GOOD)
    assert len(events) == 2
    assert "task.failed" in caplog.text


def test_a_hanging_meter_does_not_delay_another() -> None:
    second = '[circuits.hall]\nparent = "grid"\nlimit_a = 40\n[meters.hall]\ncircuit = "hall"\n'
    site = site_of(SMALL + second + 'map = "eastron_sdm630_v2"\nhost = "127.0.0.2"\n')

    async def scenario() -> list[str]:
        done = asyncio.Event()
        bus = Bus()
        seen: list[str] = []
        bus.subscribe(MeterSampled, lambda event: seen.append(event.sample.meter))
        meters = {
            "main": ScriptedMeter([], lambda: None),
            "hall": ScriptedMeter([GOOD, GOOD], done.set),
        }
        task = asyncio.create_task(MeteringService(meters, site, bus, SteppingClock()).run())
        async with asyncio.timeout(BOUND_S):
            await done.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return seen

    assert asyncio.run(scenario()) == ["hall", "hall"]
