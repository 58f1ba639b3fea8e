"""A Central System of a few lines: it answers everything, and keeps what it heard."""

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import msgspec

from gateway.demo.behaviour import Behaviour
from gateway.demo.charge_point import SimulatedChargePoint
from gateway.demo.vehicle import Vehicle
from gateway.errors import ChannelClosed
from gateway.ocpp.calls import Answered
from gateway.ocpp.v16.conversation import Request, Role
from gateway.ports import Channel
from gateway.runtime.line import Line
from gateway.site.depot import Connector, ConnectorKey
from gateway.site.electrical import Conductor
from tests.simulation.instruments import SimChance, SimClock
from tests.simulation.link import Link, Trace
from tests.simulation.loop import simulate

IDENTITY = "CP-1"
DAY = "2026-03-02T"


class CentralSystem:
    """One charge point with two connectors, and the other end of its links.

    Attributes:
        hangs_up_on: An action at whose next request the link is cut before the answer.
    """

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.clock = SimClock()
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.tag_status = "Accepted"
        self.start_status = "Accepted"
        self.boot_status = "Accepted"
        self.reachable = True
        self.hangs_up_on = ""
        self.links: list[Link] = []
        self.charge_point = SimulatedChargePoint(
            IDENTITY,
            (
                connector(1, Conductor.L2, Conductor.L3, Conductor.L1),
                connector(2, Conductor.L3),
            ),
            self._dial,
            self.clock,
            SimChance("charge point"),
            behaviour=behaviour,
        )
        self._lines: list[Line] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._transactions = 100

    def said(self, action: str) -> list[dict[str, Any]]:
        """The payloads of every CALL of one action."""
        return [payload for name, payload in self.heard if name == action]

    def statuses(self, connector_id: int) -> list[str]:
        """Every status that was reported of a connector."""
        reports = self.said("StatusNotification")
        return [report["status"] for report in reports if report["connectorId"] == connector_id]

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Make a CALL to the charge point; its answer."""
        outcome = await self._lines[-1].call(action, msgspec.json.encode(payload), timeout_s=30)
        assert isinstance(outcome, Answered), outcome
        answer: dict[str, Any] = msgspec.json.decode(outcome.payload)
        return answer

    async def set_profile(
        self, connector_id: int, purpose: str, *periods: float, **more: Any
    ) -> str:
        """SetChargingProfile; ``periods`` are start and limit in turn."""
        level = more.pop("stackLevel", 0)
        starts, limits = periods[::2], periods[1::2]
        profile = {
            "chargingProfileId": more.pop("chargingProfileId", 10 * connector_id + level),
            "stackLevel": level,
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "chargingRateUnit": more.pop("unit", "A"),
                "startSchedule": self.clock.now().utc.isoformat(),
                "chargingSchedulePeriod": [
                    {"startPeriod": int(start_s), "limit": limit}
                    for start_s, limit in zip(starts, limits, strict=True)
                ],
                **({"duration": more.pop("duration")} if "duration" in more else {}),
            },
            **more,
        }
        answer = await self.call(
            "SetChargingProfile", {"connectorId": connector_id, "csChargingProfiles": profile}
        )
        return str(answer["status"])

    def draw_a(self, connector_id: int = 1) -> float:
        """What the vehicle draws now."""
        now_s = self.clock.now().monotonic_s
        return self.charge_point.outlet(connector_id).draw_a(now_s)

    def play(self, story: "Coroutine[Any, Any, None]") -> None:
        """Run ``story`` beside the charge point, in virtual time."""

        async def main() -> None:
            life = asyncio.ensure_future(self.charge_point.run())
            try:
                await asyncio.sleep(5)
                await story
                if life.done():
                    life.result()
            finally:
                life.cancel()
                for task in self._tasks:
                    task.cancel()
                with suppress(asyncio.CancelledError):
                    await life

        simulate(main)

    async def _dial(self) -> Channel:
        await asyncio.sleep(0.05)
        if not self.reachable:
            raise ChannelClosed("refused")
        link = Link(f"link {len(self.links)}", random.Random(1), (0.01, 0.05), Trace())
        line = Line(
            link.accepted, Role.CENTRAL_SYSTEM, self.clock, SimChance("central"), self._answer
        )
        self.links.append(link)
        self._lines.append(line)
        self._tasks.append(asyncio.ensure_future(line.run()))
        return link.dialled

    def _answer(self, request: Request) -> bytes:
        payload: dict[str, Any] = msgspec.json.decode(request.payload)
        self.heard.append((request.action, payload))
        if request.action == self.hangs_up_on:
            self.hangs_up_on = ""
            self.links[-1].cut()
        answers: dict[str, Any] = {
            "Authorize": {"idTagInfo": {"status": self.tag_status}},
            "BootNotification": {
                "status": self.boot_status,
                "currentTime": "2026-03-02T06:00:00Z",
                "interval": 60,
            },
            "Heartbeat": {"currentTime": "2026-03-02T06:00:00Z"},
            "StartTransaction": {"idTagInfo": {"status": self.start_status}, "transactionId": 0},
            "StopTransaction": {"idTagInfo": {"status": "Accepted"}},
        }
        answer = answers.get(request.action, {})
        if request.action == "StartTransaction":
            self._transactions += 1
            answer["transactionId"] = self._transactions
        return msgspec.json.encode(answer)


def connector(connector_id: int, *conductors: Conductor) -> Connector:
    """A connector of 16 A on ``conductors``."""
    key = ConnectorKey(IDENTITY, connector_id)
    return Connector(key, "feeder", conductors, max_a=16.0, failsafe_a=6.0, priority=1)


def car(phases: int = 3) -> Vehicle:
    """A car with room for hours of charging."""
    return Vehicle(phases=phases, max_a=32.0, battery_wh=90_000.0, charged_wh=10_000.0)
