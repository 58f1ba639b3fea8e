"""What services stand on in their tests: virtual time, a site, SQL in memory, scripted peers."""

import asyncio
import json
import sqlite3
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

from gateway.errors import ChannelClosed, UpstreamOffline
from gateway.ocpp.calls import Answered, Caller, CallOutcome, Offline
from gateway.runtime.bus import Bus
from gateway.storage.connection import connect_in_memory
from gateway.storage.inline import InlineDatabase
from tests.simulation.instruments import SimChance, SimClock
from tests.simulation.loop import simulate
from tests.unit.config.files import SMALL, site_of

IDENTITY: Final = "CP-01"
UPSTREAM: Final = SMALL + '\n[upstream]\nurl = "ws://cloud.example/ocpp"\nbackoff_max_s = 60\n'
BOOT: Final = b'{"chargePointModel":"M","chargePointVendor":"V"}'


_open: list[sqlite3.Connection] = []


class Bench:
    """Clock, chance, bus, database and every event, for one site."""

    def __init__(self, site_text: str = UPSTREAM) -> None:
        self.site = site_of(site_text)
        self.clock = SimClock()
        self.chance = SimChance("bench")
        self.bus = Bus()
        connection = connect_in_memory()
        self.database = InlineDatabase(connection)
        _open.append(connection)
        self.heard: list[Any] = []

    def listen(self, *kinds: type) -> None:
        """Keep every later event of these kinds in ``heard``."""
        for kind in kinds:
            self.bus.subscribe(kind, self.heard.append)


class Peer:
    """A channel whose other end is the test."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._sent: asyncio.Queue[list[Any]] = asyncio.Queue()
        self.closed = False

    async def send(self, text: str) -> None:
        """Ours to the test."""
        if self.closed:
            raise ChannelClosed
        self._sent.put_nowait(json.loads(text))

    async def receive(self) -> str:
        """The test's to us."""
        text = await self._inbox.get()
        if text is None or self.closed:
            raise ChannelClosed
        return text

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Hang up."""
        self.closed = True
        self._inbox.put_nowait(None)

    async def next(self) -> list[Any]:
        """What we sent next; a minute of virtual time is long enough to wait for it."""
        return await asyncio.wait_for(self._sent.get(), 60)

    def nothing_sent(self) -> bool:
        """True when all that we sent was looked at."""
        return self._sent.empty()

    def say(self, *frame: Any) -> None:
        """Send a frame to us."""
        self._inbox.put_nowait(json.dumps(frame))

    async def answer(self, action: str, payload: dict[str, Any]) -> list[Any]:
        """Expect our CALL of ``action`` next and answer it; returns it."""
        call = await self.next()
        assert call[:1] + call[2:3] == [2, action], call
        self.say(3, call[1], payload)
        return call


class ScriptedDialler:
    """Gives out the links that the test put in; without any, the cloud is away."""

    def __init__(self) -> None:
        self.links: deque[Peer] = deque()
        self.tries: list[float] = []

    async def dial(self, url: str, identity: str, password: bytes | None) -> Peer:
        """The next link."""
        self.tries.append(asyncio.get_running_loop().time())
        if not self.links:
            raise UpstreamOffline("nobody there")
        return self.links.popleft()


class FakeCloud:
    """A cloud that answers Authorize as told, after a while, or is away."""

    def __init__(self, *, mirrored: bool = True) -> None:
        self.mirrored = mirrored
        self.answer: CallOutcome = Offline()
        self.takes_s = 0.0
        self.asked: list[tuple[str, bytes]] = []
        self.stored: list[tuple[str, bytes, int | None]] = []

    def mirrors(self, identity: str) -> bool:
        """As told."""
        return self.mirrored

    def report(
        self, identity: str, action: str, payload: bytes, local_transaction_id: int | None = None
    ) -> None:
        """Nothing is kept for a fake cloud."""

    async def store(
        self, identity: str, action: str, payload: bytes, local_transaction_id: int | None = None
    ) -> None:
        """Kept for the test to look at."""
        self.stored.append((action, payload, local_transaction_id))

    async def ask(
        self, identity: str, action: str, payload: bytes, timeout_s: float
    ) -> CallOutcome:
        """The answer, after ``takes_s``."""
        self.asked.append((action, payload))
        await asyncio.sleep(self.takes_s)
        return self.answer


class FakeChargePoint:
    """Charge points that answer every CALL as told; by default they are offline."""

    def __init__(self) -> None:
        self.outcome: CallOutcome = Offline()
        self.answers: dict[str, CallOutcome] = {}
        self.called: list[tuple[str, Any]] = []

    def is_online(self, identity: str) -> bool:
        """As the outcome says."""
        return not isinstance(self.outcome, Offline)

    async def call(
        self,
        identity: str,
        action: str,
        payload: bytes,
        timeout_s: float | None = None,
        *,
        caller: Caller = Caller.GATEWAY,
    ) -> CallOutcome:
        """Keep the CALL and give the answer."""
        self.called.append((action, json.loads(payload)))
        return self.answers.get(action, self.outcome)


def accepted(**more: Any) -> Answered:
    """A CALLRESULT that says Accepted."""
    return Answered(json.dumps({"status": "Accepted", **more}).encode())


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``scene`` in virtual time, and close the databases of its benches."""
    try:
        simulate(scene)
    finally:
        while _open:
            _open.pop().close()
