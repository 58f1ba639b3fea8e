"""A small depot with a web server on a thread of its own, for tests that look from outside."""

import asyncio
import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from gateway.energy.offers import Balance, CircuitLoad, Offer, Reason, Why
from gateway.errors import ProtocolViolation
from gateway.events import Balanced, Event
from gateway.ocpp.calls import Answered, Caller, CallOutcome
from gateway.ports import Moment
from gateway.runtime.bus import Bus
from gateway.site.depot import (
    AuthorizationRules,
    BalancingRules,
    ChargePoint,
    Circuit,
    Connector,
    ConnectorKey,
    MeterSite,
    OcppListener,
    Site,
    UpstreamSite,
    WebListener,
)
from gateway.site.electrical import CONDUCTORS, NO_CURRENT, PhaseCurrents
from gateway.web.calls import CallDesk
from gateway.web.server import Resource, WebServer
from gateway.web.view import DepotView

WAIT_S = 10.0
"""Bound of every wait here; nothing takes that long."""


BOUND = {Why.SHARED, Why.WAITING, Why.CAP}
"""Reasons that name what bound them."""


def each(current_a: float) -> PhaseCurrents:
    """The same current on every conductor."""
    return PhaseCurrents(current_a, current_a, current_a)


def make_site(
    identities: tuple[str, ...] = ("CP-01", "CP-02"),
    *,
    name: str = "Hall Nord",
    connectors: int = 1,
    quiet: bool = False,
    port: int = 0,
) -> Site:
    """A feeder of 63 A with a meter; behind it ``hall`` of 32 A, with all charge points on it."""
    circuits = {
        "feeder": Circuit("feeder", None, each(63.0), 2.0, each(10.0)),
        "hall": Circuit("hall", "feeder", each(32.0), 1.0, NO_CURRENT),
    }
    points = {
        identity: ChargePoint(
            identity,
            tuple(
                Connector(ConnectorKey(identity, number), "hall", CONDUCTORS, 32.0, 6.0, 1)
                for number in range(1, connectors + 1)
            ),
            upstream_identity=identity,
        )
        for identity in identities
    }
    return Site(
        name=name,
        voltage_v=230.0,
        state_dir=Path("unused"),
        circuits=circuits,
        meters={"grid": MeterSite("grid", "feeder", "modbus-tcp", "any", "127.0.0.1", 502, 1)},
        charge_points=points,
        authorization=AuthorizationRules({}),
        upstream=UpstreamSite("ws://127.0.0.1:1/"),
        balancing=BalancingRules(),
        ocpp=OcppListener(quiet=quiet),
        web=WebListener(port=port),
    )


@dataclass
class StillClock:
    """A clock that moves when it is told to."""

    monotonic_s: float = 1000.0

    def now(self) -> Moment:
        utc = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
        return Moment(utc, self.monotonic_s)


def balanced(
    offers: Mapping[ConnectorKey, tuple[int, Why, PhaseCurrents | None]] | None = None,
    *,
    load: PhaseCurrents | None = each(20.0),  # noqa: B008 - frozen
    failsafe: bool = False,
    monotonic_s: float = 1000.0,
    detail: str = "",
) -> Balanced:
    """A balancing cycle over `make_site`."""
    made = {
        key: Offer(
            key,
            da,
            da,
            da,
            Reason(why, detail if why in BOUND else ""),
            drawn,
            active=da > 0,
            online=True,
        )
        for key, (da, why, drawn) in (offers or {}).items()
    }
    circuits = {
        "feeder": CircuitLoad(
            "feeder", None, each(63.0), load, each(4.0), (410, 400, 390), 0.4, failsafe
        ),
        "hall": CircuitLoad(
            "hall", "feeder", each(32.0), None, NO_CURRENT, (150, 150, 150), None, failsafe
        ),
    }
    return Balanced(Balance(monotonic_s, made, circuits))


@dataclass
class FakeDesk:
    """Ends every CALL as ``ending`` says; keeps what it was asked. None: the CALL never ends."""

    ending: CallOutcome | ProtocolViolation | None = field(default_factory=lambda: Answered(b"{}"))
    asked: list[tuple[str, str, bytes, float | None]] = field(default_factory=list)

    def is_online(self, identity: str) -> bool:
        return bool(identity)

    async def call(
        self,
        identity: str,
        action: str,
        payload: bytes,
        timeout_s: float | None = None,
        *,
        caller: Caller = Caller.GATEWAY,
    ) -> CallOutcome:
        self.asked.append((identity, action, payload, timeout_s))
        if isinstance(self.ending, ProtocolViolation):
            raise self.ending
        if self.ending is None:
            await asyncio.Event().wait()
            raise AssertionError
        return self.ending


class FakeLocations:
    """Knows one file on the box."""

    async def resolve(self, identity: str, action: str, payload: bytes) -> bytes:
        if b"box:missing" in payload:
            raise ProtocolViolation("GenericError", "there is no file missing")
        return payload.replace(b"box:fw.bin", b"http://box/f/1/fw.bin")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, read whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def document(self) -> Any:
        return msgspec.json.decode(self.body)


class Yard:
    """The running server, and the bus that feeds its page."""

    def __init__(
        self,
        site: Site,
        desk: FakeDesk,
        clock: StillClock,
        resources: Sequence[Resource] = (),
    ) -> None:
        self.desk = desk
        self.clock = clock
        self.site = site
        self.loop = asyncio.new_event_loop()
        self.bus = Bus()
        self.view = DepotView(site, self.bus, clock)
        closing = asyncio.Event()
        calls = CallDesk(site.charge_points, desk, FakeLocations(), closing)
        self.server = WebServer(site.web, self.view, [calls, *resources], closing)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def open(self) -> None:
        self._thread.start()
        assert self._ready.wait(WAIT_S)

    def close(self) -> None:
        """End the server; fails when it does not end."""
        if self._thread.is_alive():
            future = asyncio.run_coroutine_threadsafe(self.server.close(), self.loop)
            with contextlib.suppress(asyncio.CancelledError):
                future.result(WAIT_S)
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()

    def publish(self, *events: Event) -> None:
        """Put ``events`` on the bus, on the thread of the server, and wait until they are told."""

        def tell() -> None:
            for event in events:
                self.bus.publish(event)

        self.in_loop(tell)

    def in_loop(self, work: Callable[[], object]) -> None:
        done = threading.Event()

        def run() -> None:
            work()
            done.set()

        self.loop.call_soon_threadsafe(run)
        assert done.wait(WAIT_S)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request on a connection of its own."""
        connection = self.connect()
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=WAIT_S)

    def call(self, path: str, body: bytes = b"") -> Reply:
        """POST a CALL: ``path`` is what follows ``charge-points/``."""
        return self.request("POST", f"/api/v1/charge-points/{path}", body)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        await self.server.start()
        self._ready.set()
        await self.server.serve()


@contextlib.contextmanager
def yard(
    site: Site | None = None, desk: FakeDesk | None = None, resources: Sequence[Resource] = ()
) -> Iterator[Yard]:
    """A server that runs while the block does."""
    opened = Yard(site or make_site(), desk or FakeDesk(), StillClock(), resources)
    opened.open()
    try:
        yield opened
    finally:
        opened.close()
