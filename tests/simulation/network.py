"""The network of a simulated depot: who can reach whom, and every open link."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

from gateway.errors import ChannelClosed, UpstreamOffline
from gateway.ports import Channel
from tests.simulation.link import Link, Trace
from tests.simulation.loop import spawn

Serve = Callable[[str, Channel], Awaitable[None]]

DIAL_S = (0.02, 0.4)
REFUSED_S = 0.5


class Network:
    """Links between charge points and gateway, and between gateway and cloud.

    Attributes:
        serve_charge_point: Takes a link from a charge point; None while the gateway is dead.
        serve_cloud: Takes a link from the gateway; None while the cloud is away.
        unreachable: Charge points whose dialling finds nobody.
        slow: Charge points on a bad radio link.
    """

    def __init__(self, seed: str, trace: Trace) -> None:
        self.trace = trace
        self.serve_charge_point: Serve | None = None
        self.serve_cloud: Serve | None = None
        self.gateway_owner = ""
        self.unreachable: set[str] = set()
        self.slow: set[str] = set()
        self._chance = random.Random(f"{seed}/network")
        self._links: dict[str, list[Link]] = {}
        self._dialled = 0

    async def dial_gateway(self, identity: str) -> Channel:
        """A charge point dials; raises ChannelClosed."""
        await self._dialling()
        serve = self.serve_charge_point
        if serve is None or identity in self.unreachable:
            await asyncio.sleep(REFUSED_S)
            raise ChannelClosed("nobody answers")
        latency_s = (0.2, 1.5) if identity in self.slow else (0.005, 0.15)
        link = self._open(f"cp/{identity}", latency_s)
        spawn(self.gateway_owner, _served(serve, identity, link))
        return link.dialled

    async def dial(self, url: str, identity: str, password: bytes | None) -> Channel:
        """The gateway dials the cloud: `gateway.ports.Dialler`."""
        await self._dialling()
        serve = self.serve_cloud
        if serve is None:
            await asyncio.sleep(REFUSED_S)
            raise UpstreamOffline(f"no answer from {url}")
        link = self._open(f"cloud/{identity}", (0.02, 0.3))
        spawn("cloud", _served(serve, identity, link))
        return link.dialled

    def links(self, prefix: str) -> list[Link]:
        """The links that stand, whose name begins with ``prefix``."""
        for name, links in self._links.items():
            self._links[name] = [link for link in links if not link.dead]
        return [
            link for links in self._links.values() for link in links if link.name.startswith(prefix)
        ]

    def passes(self, identity: str) -> bool:
        """Messages pass between the charge point and the gateway."""
        return any(link.alive for link in self._links.get(f"cp/{identity}", ()))

    def cut(self, prefix: str) -> None:
        """Cut every link whose name begins with ``prefix``."""
        for link in self.links(prefix):
            link.cut()

    async def _dialling(self) -> None:
        low_s, high_s = DIAL_S
        await asyncio.sleep(low_s + (high_s - low_s) * self._chance.random())

    def _open(self, place: str, latency_s: tuple[float, float]) -> Link:
        self._dialled += 1
        link = Link(f"{place}#{self._dialled}", self._chance, latency_s, self.trace)
        self._links.setdefault(place, []).append(link)
        return link


async def _served(serve: Serve, identity: str, link: Link) -> None:
    """A server closes the socket of a handler that has ended."""
    try:
        await serve(identity, link.accepted)
    finally:
        with suppress(ChannelClosed):
            await link.accepted.close()
