"""What happens in a simulated depot: drivers come and go, and everything that can fail does.

All of it is drawn from the seed. Each kind of trouble has its own stream of chance, so that one
more cut of a link does not change who arrives when.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

from gateway.demo.behaviour import ProfileAnswer
from gateway.demo.charge_point import SimulatedChargePoint
from gateway.demo.vehicle import Vehicle
from gateway.site.electrical import NO_CURRENT, PhaseCurrents
from tests.simulation.depot import Depot
from tests.simulation.sim_meter import MeterFault
from tests.simulation.yard import BLOCKED_TAG, GUEST_TAGS, KNOWN_TAGS, RESERVE_A

HOUR_S: Final = 3600.0

SETTLE_S: Final = 30.0
"""How long every depot is left alone at its start: nobody plugs in, nothing fails."""

DRAIN_S: Final = 1500.0
"""How long the backlog may take after the last fault."""

CLOUD_PROFILE_ID: Final = 7777
"""The id of every charging profile that the cloud sets. No charge point may ever see it."""

LOOK_S: Final = 30.0

AFTERWARDS_S: Final = 60.0
"""How long a double would have to show up once everything is there."""

Trouble = Callable[[random.Random], Awaitable[None]]


class Story:
    """One seeded story.

    Args:
        duration_s: How long drivers come and things fail.
        calm: No faults; only drivers and the building.
        jumps: The gateway's wall clock jumps by up to hours.
    """

    def __init__(
        self,
        depot: Depot,
        duration_s: float = HOUR_S,
        *,
        calm: bool = False,
        jumps: bool = False,
    ) -> None:
        self._depot = depot
        self._duration_s = duration_s
        self._calm = calm
        self._jumps = jumps
        self._end_s = 0.0

    async def run(self) -> None:
        """Let it happen, end every fault, send every vehicle home, and let the backlog drain."""
        depot = self._depot
        self._end_s = depot.now_s() + SETTLE_S + self._duration_s
        await asyncio.sleep(SETTLE_S)
        async with asyncio.TaskGroup() as tasks:
            for charge_point in depot.charge_points.values():
                for connector_id in charge_point.cabinet.outlets:
                    tasks.create_task(self._drive(charge_point, connector_id))
            tasks.create_task(self._building())
            if not self._calm:
                for pause_s, trouble in self._troubles():
                    tasks.create_task(self._repeat(pause_s, trouble))
            if self._jumps:
                tasks.create_task(self._repeat(600.0, self._jump_clock))
        depot.building = NO_CURRENT
        await self._drain()

    def _troubles(self) -> tuple[tuple[float, Trouble], ...]:
        """Each kind of trouble with its mean distance in time."""
        return (
            (120.0, self._cut_link),
            (300.0, self._lose_way),
            (400.0, self._half_open),
            (400.0, self._slow_link),
            (400.0, self._power_cut),
            (200.0, self._odd_habit),
            (500.0, self._cloud_outage),
            (150.0, self._cut_cloud_link),
            (300.0, self._mute_cloud),
            (300.0, self._blind_meter),
            (900.0, self._kill_gateway),
            (90.0, self._command_from_cloud),
        )

    async def _repeat(self, pause_s: float, trouble: Trouble) -> None:
        chance = random.Random(f"{self._depot.seed}/{trouble.__name__}")
        while self._left_s() > 0:
            await asyncio.sleep(min(chance.expovariate(1 / pause_s), max(0.0, self._left_s())))
            if self._left_s() > 0:
                await trouble(chance)

    def _left_s(self) -> float:
        return self._end_s - self._depot.now_s()

    async def _for_a_while(self, low_s: float, high_s: float, chance: random.Random) -> None:
        await asyncio.sleep(min(chance.uniform(low_s, high_s), max(0.0, self._left_s())))

    def _someone(self, chance: random.Random) -> SimulatedChargePoint:
        return chance.choice(list(self._depot.charge_points.values()))

    async def _cut_link(self, chance: random.Random) -> None:
        self._depot.network.cut(f"cp/{self._someone(chance).identity}#")

    async def _lose_way(self, chance: random.Random) -> None:
        identity = self._someone(chance).identity
        self._depot.network.unreachable.add(identity)
        self._depot.network.cut(f"cp/{identity}#")
        await self._for_a_while(5, 90, chance)
        self._depot.network.unreachable.discard(identity)

    async def _half_open(self, chance: random.Random) -> None:
        for link in self._depot.network.links(f"cp/{self._someone(chance).identity}#"):
            if link.alive:
                link.half_open()

    async def _slow_link(self, chance: random.Random) -> None:
        identity = self._someone(chance).identity
        self._depot.network.slow.add(identity)
        self._depot.network.cut(f"cp/{identity}#")
        await self._for_a_while(30, 200, chance)
        self._depot.network.slow.discard(identity)

    async def _power_cut(self, chance: random.Random) -> None:
        self._someone(chance).reboot(chance.uniform(0, 60), silent=chance.random() < 0.5)

    async def _odd_habit(self, chance: random.Random) -> None:
        behaviour = self._someone(chance).behaviour
        behaviour.profile_answer = chance.choice(
            (ProfileAnswer.LATE, ProfileAnswer.NEVER, ProfileAnswer.REJECTED)
        )
        await self._for_a_while(5, 60, chance)
        behaviour.profile_answer = ProfileAnswer.HONEST

    async def _cloud_outage(self, chance: random.Random) -> None:
        self._depot.cloud_goes()
        await self._for_a_while(20, 600, chance)
        self._depot.cloud_returns()

    async def _cut_cloud_link(self, chance: random.Random) -> None:
        links = self._depot.network.links("cloud/")
        if links:
            chance.choice(links).cut()

    async def _mute_cloud(self, chance: random.Random) -> None:
        """The cloud takes messages and dies before its answers arrive."""
        self._depot.cloud.muted = True
        await self._for_a_while(0.5, 8, chance)
        self._depot.network.cut("cloud/")
        self._depot.cloud.muted = False

    async def _blind_meter(self, chance: random.Random) -> None:
        self._depot.meter.fault = chance.choice((MeterFault.SILENT, MeterFault.NAN))
        await self._for_a_while(2, 60, chance)
        self._depot.meter.fault = MeterFault.NONE

    async def _jump_clock(self, chance: random.Random) -> None:
        self._depot.clock.jump(chance.choice((-7200.0, -300.0, -30.0, 30.0, 300.0, 7200.0)))

    async def _command_from_cloud(self, chance: random.Random) -> None:
        """The operator's backend limits a connector, or stops or starts a transaction."""
        connector = chance.choice(list(self._depot.site.connectors()))
        identity, connector_id = connector.key
        cloud = self._depot.cloud
        running = cloud.records.running(identity, connector_id)
        match chance.choice(("limit", "limit", "stop", "start")):
            case "limit":
                profile = _cloud_profile(
                    chance, None if running is None else running.cloud_transaction_id
                )
                await cloud.set_charging_profile(identity, connector_id, profile)
            case "stop" if running is not None:
                await cloud.remote_stop(identity, running.cloud_transaction_id)
            case _:
                await cloud.remote_start(identity, connector_id, chance.choice(KNOWN_TAGS))

    async def _kill_gateway(self, chance: random.Random) -> None:
        await self._depot.kill_gateway()
        await self._for_a_while(2, 60, chance)
        await self._depot.start_gateway()

    async def _building(self) -> None:
        """The load that nobody controls: small moves, and steps up to all that was promised."""
        chance = random.Random(f"{self._depot.seed}/building")
        while self._left_s() > 0:
            self._depot.building = _building_load(chance)
            await self._for_a_while(5, 90, chance)

    async def _drive(self, charge_point: SimulatedChargePoint, connector_id: int) -> None:
        """One vehicle after the other at one connector."""
        chance = random.Random(f"{self._depot.seed}/{charge_point.identity}/{connector_id}")
        while self._left_s() > 0:
            await self._for_a_while(5, 300, chance)
            charge_point.plug_in(connector_id, _vehicle(chance), tag := _tag(chance))
            leaves_s = self._depot.now_s() + chance.uniform(60, 1500)
            while (stays_s := min(leaves_s - self._depot.now_s(), self._left_s())) > 0:
                await asyncio.sleep(min(stays_s, 30.0))
                if charge_point.outlet(connector_id).transaction is None:
                    charge_point.present_tag(connector_id, tag)
            charge_point.unplug(connector_id)

    async def _drain(self) -> None:
        for _ in range(int(DRAIN_S / LOOK_S)):
            await asyncio.sleep(LOOK_S)
            if self._depot.verdict().complete:
                break
        await asyncio.sleep(AFTERWARDS_S)


def _cloud_profile(chance: random.Random, cloud_transaction_id: int | None) -> dict[str, Any]:
    """A limit that lets everybody have 6 A; for one transaction where there is one."""
    profile: dict[str, Any] = {
        "charging_profile_id": CLOUD_PROFILE_ID,
        "stack_level": 3,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Relative",
        "charging_schedule": {
            "charging_rate_unit": "A",
            "charging_schedule_period": [
                {"start_period": 0, "limit": chance.choice((6.0, 10.5, 13.0, 32.0, 80.0))}
            ],
        },
    }
    if cloud_transaction_id is not None and chance.random() < 0.5:
        profile["charging_profile_purpose"] = "TxProfile"
        profile["transaction_id"] = cloud_transaction_id
    return profile


def _tag(chance: random.Random) -> str:
    if chance.random() < 0.05:
        return BLOCKED_TAG
    return chance.choice(KNOWN_TAGS if chance.random() < 0.7 else GUEST_TAGS)


def _vehicle(chance: random.Random) -> Vehicle:
    battery_wh = chance.uniform(8_000, 90_000)
    return Vehicle(
        phases=chance.choice((1, 1, 2, 3, 3, 3)),
        max_a=chance.choice((10.0, 16.0, 16.0, 20.0, 32.0)),
        battery_wh=battery_wh,
        charged_wh=battery_wh * chance.uniform(0.1, 0.95),
        reaction_down_s=chance.uniform(0.5, 3.0),
        reaction_up_s=chance.uniform(2.0, 5.0),
        ramp_a_per_s=chance.uniform(5.0, 30.0),
        minimum_a=8.0 if chance.random() < 0.1 else 6.0,
        excess_a=0.8 if chance.random() < 0.1 else 0.0,
    )


def _building_load(chance: random.Random) -> PhaseCurrents:
    if chance.random() < 0.2:
        return PhaseCurrents(RESERVE_A, RESERVE_A, RESERVE_A)
    return PhaseCurrents(*(chance.uniform(0.0, RESERVE_A) for _ in range(3)))
