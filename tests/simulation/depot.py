"""A whole depot in virtual time: gateway, charge points, vehicles, meter, cloud, and their truth.

What happens in it is written elsewhere (`story`); who judges it too (`laws`). Here stands only what
exists, and the ways in which it can be broken.
"""

import asyncio
import logging
import random
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

from gateway.app import Gateway
from gateway.demo.behaviour import Behaviour, ProfileAnswer
from gateway.demo.charge_point import SimulatedChargePoint
from gateway.demo.cloud import Cloud
from gateway.demo.judge import Verdict, judge
from gateway.demo.outlet import TrueTransaction
from gateway.energy.offers import Balance
from gateway.events import Balanced
from gateway.ports import Channel
from gateway.site.depot import Site
from gateway.site.electrical import NO_CURRENT, PhaseCurrents
from gateway.storage.connection import connect_in_memory
from gateway.storage.inline import InlineDatabase
from tests.simulation.instruments import SimChance, SimClock
from tests.simulation.link import Trace
from tests.simulation.loop import kill, spawn
from tests.simulation.network import Network
from tests.simulation.sim_meter import SimMeter
from tests.simulation.yard import BLOCKED_TAG, METER, depot_site

T = TypeVar("T")

DISK_S: Final = 0.012
"""The slowest commit."""

SKEW_S: Final = 2.0
"""By how much the clock of a charge point is wrong at the most."""


class _Listener(logging.Handler):
    """Takes what the gateway reports as its own bug: an error with a traceback, or a task ended."""

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.getMessage().startswith("task."):
            cause = record.exc_info[1] if record.exc_info else None
            self._report(f"{record.getMessage()} {getattr(record, 'facts', '')}: {cause!r}")


class SlowDatabase:
    """A disk that takes its time before and after each commit, and can die at any instant of it."""

    def __init__(self, connection: sqlite3.Connection, chance: random.Random) -> None:
        self._chance = chance
        self._dead = False
        self._database = InlineDatabase(connection, self._spin)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Fulfils `gateway.ports.Database`."""
        result = await self._database.run(work)
        await self._spin()
        return result

    def die(self) -> None:
        """Nothing is committed any more, and nobody hears of anything."""
        self._dead = True

    async def _spin(self) -> None:
        if not self._dead:
            await asyncio.sleep(DISK_S * self._chance.random())
        if self._dead:
            await asyncio.Event().wait()


class Depot:
    """Everything that exists in one simulation.

    Attributes:
        clock: The gateway's; each charge point has one of its own.
        building: What the building takes now.
        balance: What the gateway decided last.
        gateway_since_s: Since when the gateway is up; None while it is dead.
        deaths: How often it was killed.
    """

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.site: Site = depot_site()
        self.clock = SimClock()
        self.trace = Trace()
        self.network = Network(seed, self.trace)
        self.cloud = Cloud(self.clock, SimChance(f"{seed}/cloud"), refused=(BLOCKED_TAG,))
        self.meter = SimMeter(seed, self.feeder_load)
        self.building: PhaseCurrents = NO_CURRENT
        self.gateway_since_s: float | None = None
        self.deaths = 0
        self.failures: list[str] = []
        self.balance: Balance | None = None
        self._chance = random.Random(f"{seed}/depot")
        self._disk = connect_in_memory()
        self._database: SlowDatabase | None = None
        self._owner = ""
        self.charge_points = {
            charge_point.identity: SimulatedChargePoint(
                charge_point.identity,
                charge_point.connectors,
                partial(self.network.dial_gateway, charge_point.identity),
                SimClock(self._chance.uniform(-SKEW_S, SKEW_S)),
                SimChance(f"{seed}/{charge_point.identity}"),
                behaviour=self._habits(),
            )
            for charge_point in self.site.charge_points.values()
        }

    def _habits(self) -> Behaviour:
        draw = self._chance.random
        return Behaviour(
            keeps_transactions=draw() < 0.3,
            boots_on_reconnect=draw() < 0.3,
            repeats_start=draw() < 0.3,
        )

    def now_s(self) -> float:
        """Monotonic time."""
        return self.clock.now().monotonic_s

    def feeder_load(self) -> PhaseCurrents:
        """What really flows through the feeder."""
        now_s = self.now_s()
        load = self.building
        for charge_point in self.charge_points.values():
            load = load + charge_point.supply_currents(now_s)
        return load

    def truth(self) -> list[TrueTransaction]:
        """Every transaction that really was."""
        return [
            transaction
            for charge_point in self.charge_points.values()
            for transaction in charge_point.started
        ]

    def verdict(self) -> Verdict:
        """The truth against the cloud's records; the cloud names charge points in its own way."""
        return judge(self.truth(), self.cloud.records)

    def can_be_steered(self, identity: str) -> bool:
        """The gateway lives, and the charge point hears it and does what it says."""
        charge_point = self.charge_points[identity]
        return (
            self.gateway_since_s is not None
            and charge_point.online
            and self.network.passes(identity)
            and charge_point.behaviour.profile_answer
            not in (ProfileAnswer.REJECTED, ProfileAnswer.FORGOTTEN)
        )

    async def live(self, story: Callable[["Depot"], Awaitable[None]]) -> None:
        """Bring everything up, let ``story`` happen, and take everything down."""
        listener = _Listener(self._report)
        logging.getLogger("gateway").addHandler(listener)
        self.cloud_returns()
        await self.start_gateway()
        lives = [
            spawn(charge_point.identity, charge_point.run())
            for charge_point in self.charge_points.values()
        ]
        try:
            await story(self)
            for life in lives:
                if life.done():
                    life.result()
        finally:
            for charge_point in self.charge_points.values():
                await kill(charge_point.identity)
            await self.kill_gateway()
            await kill("cloud")
            self._disk.close()
            logging.getLogger("gateway").removeHandler(listener)

    async def start_gateway(self) -> None:
        """Start a gateway on the database that the last one left."""
        self._owner = f"gateway {self.deaths}"
        self._database = SlowDatabase(self._disk, self._chance)
        gateway = Gateway(
            self.site,
            self.clock,
            SimChance(f"{self.seed}/gateway {self.deaths}"),
            self._database,
            self.network,
            {METER: self.meter},
        )
        gateway.bus.subscribe(Balanced, self._balanced)
        await spawn(self._owner, gateway.load())
        self.network.gateway_owner = self._owner
        self.network.serve_charge_point = gateway.charge_points.serve
        spawn(self._owner, self._watched(gateway))
        self.gateway_since_s = self.now_s()
        self.trace.add(self.now_s(), "gateway", "starts")

    async def kill_gateway(self) -> None:
        """``kill -9``: no answer, no commit, no goodbye."""
        if self._database is not None:
            self._database.die()
        self.network.serve_charge_point = None
        self.gateway_since_s = None
        self.network.cut("")
        await kill(self._owner)
        self.deaths += 1
        self.trace.add(self.now_s(), "gateway", "dies")

    def cloud_goes(self) -> None:
        """The cloud is away: every link breaks, and nobody answers."""
        self.network.serve_cloud = None
        self.network.cut("cloud/")

    def cloud_returns(self) -> None:
        """The cloud is back."""
        self.cloud.muted = False
        self.network.serve_cloud = self._serve_cloud

    async def _serve_cloud(self, identity: str, channel: Channel) -> None:
        await self.cloud.serve(identity.removeprefix("cloud-"), channel)

    def _balanced(self, event: Balanced) -> None:
        self.balance = event.balance

    async def _watched(self, gateway: Gateway) -> None:
        """A gateway that ends by itself is a finding."""
        try:
            await gateway.run()
        except Exception as exc:  # noqa: BLE001 - whatever it is, the test shall say it
            self._report(f"the gateway failed: {exc!r}")
        self._report("the gateway ended")

    def _report(self, what: str) -> None:
        self.failures.append(f"{self.now_s():.0f} s: {what}")
