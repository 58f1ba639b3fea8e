"""Everything that the demo runs on this machine, on loopback and over real sockets.

The charge points, the meter and the cloud live in this process; the gateway has one of its own.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

from gateway.demo.behaviour import Behaviour
from gateway.demo.charge_point import SimulatedChargePoint
from gateway.demo.cloud import Cloud
from gateway.demo.gateway_process import GatewayProcess
from gateway.demo.meter import MeterServer
from gateway.demo.outlet import Outlet, TrueTransaction
from gateway.demo.plan import VISITOR_TAG, VOLTAGE_V, Place, Ports, SitePlan, site_file
from gateway.demo.scenario import BUILDING_A
from gateway.demo.sockets import LOOPBACK, CloudServer, SocketChannel, dial
from gateway.ports import Channel
from gateway.runtime.clock import SystemChance, SystemClock
from gateway.site.electrical import NO_CURRENT, PhaseCurrents

BOOT_S: Final = 0.5
RETRY_S: Final = 0.5
RETRY_MAX_S: Final = 2.0


class Depot:
    """One depot.

    Args:
        folder: For the site file, the gateway's state and its log.

    Attributes:
        building_a: What the building draws on every conductor.
    """

    def __init__(self, plan: SitePlan, seconds: float, folder: Path) -> None:
        self.plan = plan
        self.building_a = BUILDING_A
        self.clock = SystemClock()
        self.chance = SystemChance()
        self.cloud = Cloud(self.clock, self.chance, refused=[VISITOR_TAG])
        self.cloud_server = CloudServer(self.cloud)
        self.meter = MeterServer(self.load, self.clock, voltage_v=VOLTAGE_V)
        self.gateway = GatewayProcess(folder / "site.toml")
        self.ocpp_port, self.web_port = free_ports(2)
        self._seconds = seconds
        self._folder = folder
        self._channels: dict[str, SocketChannel] = {}
        self.charge_points = {p.identity: self._charge_point(p) for p in plan.charge_points}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Cloud, meter and gateway run within; the gateway may need a moment to listen."""
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.cloud_server.stop)
            await self.cloud_server.start()
            stack.push_async_callback(self.meter.stop)
            await self.meter.start()
            ports = Ports(self.ocpp_port, self.web_port, self.meter.port)
            text = site_file(self.plan, ports, self.cloud_server.url, self._seconds)
            await asyncio.to_thread((self._folder / "site.toml").write_text, text)
            stack.push_async_callback(self.gateway.stop)
            await self.gateway.start()
            yield

    def outlets(self) -> list[Outlet]:
        """Every outlet of the depot."""
        return [cp.outlet(1) for cp in self.charge_points.values()]

    def load(self) -> PhaseCurrents:
        """What the feeder truly carries now: the building and every vehicle."""
        at_s = self.clock.now().monotonic_s
        load = PhaseCurrents(self.building_a, self.building_a, self.building_a)
        for charge_point in self.charge_points.values():
            load = load + charge_point.supply_currents(at_s)
        return load

    def circuit_load(self, circuit: str) -> PhaseCurrents:
        """What a circuit below the feeder truly carries now."""
        at_s = self.clock.now().monotonic_s
        load = NO_CURRENT
        for place in self.plan.charge_points:
            if place.circuit == circuit:
                load = load + self.charge_points[place.identity].supply_currents(at_s)
        return load

    def transactions(self) -> list[TrueTransaction]:
        """Every transaction that really began."""
        return [t for cp in self.charge_points.values() for t in cp.started]

    def cut_links(self) -> None:
        """Break the connection of every charge point."""
        for channel in self._channels.values():
            channel.cut()

    def _charge_point(self, place: Place) -> SimulatedChargePoint:
        return SimulatedChargePoint(
            place.identity,
            [place.connector],
            partial(self._dial, place.identity),
            self.clock,
            self.chance,
            behaviour=Behaviour(boot_s=BOOT_S, retry_s=RETRY_S, retry_max_s=RETRY_MAX_S),
            voltage_v=VOLTAGE_V,
        )

    async def _dial(self, identity: str) -> Channel:
        channel = await dial(f"ws://{LOOPBACK}:{self.ocpp_port}/ocpp", identity)
        self._channels[identity] = channel
        return channel


def free_ports(count: int) -> list[int]:
    """TCP ports on loopback that nobody listens on at this moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for found in sockets:
            found.bind((LOOPBACK, 0))
        return [int(found.getsockname()[1]) for found in sockets]
