"""Links in memory: latency from a seed, FIFO in each direction, and every way in which a link dies.

Every frame that is sent goes into one trace, so that two runs can be compared whole.
"""

import asyncio
import hashlib
import random
from collections import deque
from collections.abc import Callable
from typing import Final

from gateway.errors import ChannelClosed

KEEPALIVE_S: Final = 40.0
"""How long an end of a half-open link goes on without noticing."""


APART_S: Final = 1e-6
"""Between two messages; timers of the same instant have no order among them."""


class Trace:
    """Everything that was said, with its time, as one hash."""

    def __init__(self) -> None:
        self.frames = 0
        self._hash = hashlib.sha256()

    def add(self, at_s: float, who: str, text: str) -> None:
        """Take one frame, or one event of the simulation, into the hash."""
        self.frames += 1
        self._hash.update(f"{at_s:.6f} {who} {text}\n".encode())

    def digest(self) -> str:
        """The hash so far."""
        return self._hash.hexdigest()


class LinkEnd:
    """One end of a link; fulfils `gateway.ports.Channel`."""

    def __init__(self, link: "Link", name: str) -> None:
        self._link = link
        self._name = name
        self._inbox: deque[str] = deque()
        self._arrived = asyncio.Event()
        self._arrives_s = 0.0
        self.peer: LinkEnd
        self.closed = False

    async def send(self, text: str) -> None:
        """Put ``text`` on its way."""
        if self.closed:
            raise ChannelClosed(f"{self._name} is closed")
        self._link.carry(self, text)

    async def receive(self) -> str:
        """The next message; those that came before the end are still given."""
        while not self._inbox:
            if self.closed:
                raise ChannelClosed(f"{self._name} is closed")
            self._arrived.clear()
            await self._arrived.wait()
        return self._inbox.popleft()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the link; the peer hears of it unless the link is half open."""
        if not self.closed:
            self.end()
            self._link.announce_end(self, f"closed {code} {reason}")

    def arrive(self, text: str) -> None:
        """``text`` came over the link."""
        if not self.closed:
            self._inbox.append(text)
            self._arrived.set()

    def end(self) -> None:
        """This end knows that the link is gone."""
        self.closed = True
        self._arrived.set()

    def due_s(self, now_s: float, latency_s: float) -> float:
        """When the next message to this end arrives: always behind the one ahead of it."""
        self._arrives_s = max(self._arrives_s + APART_S, now_s + latency_s)
        return self._arrives_s


class Link:
    """A pair of ends.

    Args:
        latency_s: Shortest and longest time that a message takes.
    """

    def __init__(
        self, name: str, chance: random.Random, latency_s: tuple[float, float], trace: Trace
    ) -> None:
        self.name = name
        self._chance = chance
        self._latency_s = latency_s
        self._trace = trace
        self._silent = False
        self.dialled = LinkEnd(self, f"{name} >")
        self.accepted = LinkEnd(self, f"{name} <")
        self.dialled.peer, self.accepted.peer = self.accepted, self.dialled

    @property
    def alive(self) -> bool:
        """Messages still pass."""
        return not (self._silent or self.dialled.closed or self.accepted.closed)

    @property
    def dead(self) -> bool:
        """Both ends know that it is gone."""
        return self.dialled.closed and self.accepted.closed

    def cut(self) -> None:
        """Both ends learn at once that it is gone; what was on its way is lost."""
        self._trace.add(_now_s(), self.name, "cut")
        self.dialled.end()
        self.accepted.end()

    def half_open(self) -> None:
        """Nothing passes any more, and nobody is told; keepalives find out much later."""
        self._trace.add(_now_s(), self.name, "half open")
        self._silent = True
        loop = asyncio.get_running_loop()
        for end in (self.dialled, self.accepted):
            loop.call_later(KEEPALIVE_S * (0.5 + self._chance.random() / 2), end.end)

    def carry(self, sender: LinkEnd, text: str) -> None:
        """A message leaves ``sender``."""
        self._trace.add(_now_s(), self._label(sender), text)
        if not self._silent:
            self._later(sender.peer, lambda: sender.peer.arrive(text))

    def announce_end(self, sender: LinkEnd, how: str) -> None:
        """``sender`` has closed; its peer hears it behind all messages."""
        self._trace.add(_now_s(), self._label(sender), how)
        if not self._silent:
            self._later(sender.peer, sender.peer.end)

    def _label(self, sender: LinkEnd) -> str:
        return f"{self.name} {'>' if sender is self.dialled else '<'}"

    def _later(self, to: LinkEnd, what: Callable[[], None]) -> None:
        low_s, high_s = self._latency_s
        now_s = _now_s()
        due_s = to.due_s(now_s, low_s + (high_s - low_s) * self._chance.random())
        asyncio.get_running_loop().call_at(due_s, what)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
