"""Polls every meter on a steady beat and tells the bus what may be believed.

The one rule: meters never wait for each other, and a missed beat is left out, not made up for.
"""

import asyncio
import logging
import math
from collections.abc import Mapping
from functools import partial
from typing import Final

from gateway.errors import MeterSilent
from gateway.events import MeterDoubted, MeterSampled
from gateway.metering.judge import Doubt, Stillness, judge, watch
from gateway.metering.sample import Sample
from gateway.ports import Clock, Meter
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts
from gateway.runtime.supervisor import keep
from gateway.site.depot import MeterSite, Site

log = logging.getLogger(__name__)

BEAT_S: Final = 1.0


class MeteringService:
    """Publishes `MeterSampled` or `MeterDoubted` for each meter, once a beat.

    Args:
        meters: The adapters, by the meter's name in the site file.
    """

    def __init__(self, meters: Mapping[str, Meter], site: Site, bus: Bus, clock: Clock) -> None:
        self._meters = meters
        self._site = site
        self._bus = bus
        self._clock = clock
        self._silent: dict[str, str] = {}

    async def run(self) -> None:
        """Poll until cancelled, then let go of every line."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for name, meter in self._meters.items():
                    place = self._site.meters[name]
                    tasks.create_task(keep(f"meter {name}", partial(self._poll, place, meter)))
        finally:
            for meter in self._meters.values():
                await meter.close()

    async def _poll(self, place: MeterSite, meter: Meter) -> None:
        due_s = self._clock.now().monotonic_s
        stillness: Stillness | None = None
        while True:
            stillness = await self._read(place, meter, stillness)
            now_s = self._clock.now().monotonic_s
            due_s += BEAT_S * max(1, math.ceil((now_s - due_s) / BEAT_S))
            await asyncio.sleep(due_s - now_s)

    async def _read(
        self, place: MeterSite, meter: Meter, stillness: Stillness | None
    ) -> Stillness | None:
        try:
            reading = await meter.read()
        except MeterSilent as exc:
            self._doubted(place, str(exc))
            return stillness
        arrived_s = self._clock.now().monotonic_s
        stillness = watch(stillness, reading, arrived_s)
        match judge(place, reading, arrived_s, stillness):
            case Sample() as sample:
                self._sampled(place, sample)
            case Doubt(reason):
                self._doubted(place, reason)
        return stillness

    def _sampled(self, place: MeterSite, sample: Sample) -> None:
        if self._silent.pop(place.name, None) is not None:
            log.info("meter.returned", extra=facts(meter=place.name))
        self._bus.publish(MeterSampled(sample))

    def _doubted(self, place: MeterSite, reason: str) -> None:
        if place.name not in self._silent:
            self._silent[place.name] = reason
            log.warning("meter.doubted", extra=facts(meter=place.name, reason=reason))
        self._bus.publish(MeterDoubted(place.name, reason))
