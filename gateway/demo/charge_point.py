"""A simulated OCPP 1.6 charge point: its life, its power supply and its drivers.

It knows the gateway only as a charge point in the field does: by a link that carries OCPP-J. The
truth about its currents and transactions is open to judges.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.demo.behaviour import Behaviour
from gateway.demo.cabinet import Cabinet
from gateway.demo.modem import Modem
from gateway.demo.outlet import Outlet, TrueTransaction
from gateway.demo.vehicle import Vehicle
from gateway.errors import InvariantBroken
from gateway.ports import Chance, Channel, Clock
from gateway.site.depot import Connector
from gateway.site.electrical import PhaseCurrents

SOFT_RESET_S: Final = 5.0
"""How long a Soft Reset waits for the transaction messages to be answered."""

HARD_RESET_S: Final = 0.5
"""How long a Hard Reset waits for its own answer to leave."""

UNMETERED_S: Final = 60.0
"""How often it looks for a new MeterValueSampleInterval while that is 0."""


@dataclass(frozen=True, slots=True)
class _PowerCut:
    utc: datetime
    reason: str


class SimulatedChargePoint:
    """A charge point with a dial of its own.

    Args:
        connectors: Its outlets, with the supply conductors behind them after phase rotation.
        dial: Opens a link to the Central System; raises Unavailable.
        behaviour: Habits and faults; may be changed at any time.
    """

    def __init__(
        self,
        identity: str,
        connectors: Sequence[Connector],
        dial: Callable[[], Awaitable[Channel]],
        clock: Clock,
        chance: Chance,
        *,
        behaviour: Behaviour | None = None,
        voltage_v: float = 230.0,
        meter_values_interval_s: int = 10,
    ) -> None:
        self.identity = identity
        self.behaviour = behaviour or Behaviour()
        self.cabinet = Cabinet(
            identity,
            connectors,
            clock,
            self.behaviour,
            voltage_v,
            meter_values_interval_s,
            self._reset_requested,
        )
        self.modem = Modem(self.cabinet, dial, clock, chance)
        self._clock = clock
        self._chance = chance
        self._tasks: asyncio.TaskGroup | None = None
        self._cut: _PowerCut | None = None
        self._off_until_s = 0.0

    @property
    def started(self) -> list[TrueTransaction]:
        """Every transaction as it really was, in the order of their starts."""
        return self.cabinet.started

    @property
    def received_profiles(self) -> list[dict[str, Any]]:
        """The payload of every SetChargingProfile.req that came through."""
        return self.cabinet.received_profiles

    @property
    def authorize_s(self) -> list[float]:
        """How long each answered Authorize.req took."""
        return self.modem.authorize_s

    @property
    def online(self) -> bool:
        """True while the link stands and the Central System has accepted the boot."""
        return self.cabinet.online

    @property
    def powered(self) -> bool:
        """False from a power cut until it dials again."""
        return self.cabinet.powered

    def outlet(self, connector_id: int) -> Outlet:
        """The hardware of a connector."""
        return self.cabinet.outlets[connector_id]

    def supply_currents(self, monotonic_s: float) -> PhaseCurrents:
        """What it really draws from the supply conductors."""
        return self.cabinet.supply_currents(monotonic_s)

    async def run(self) -> None:
        """Live until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            for outlet in self.cabinet.outlets.values():
                tasks.create_task(self._meter(outlet))
            pause_s = self.behaviour.retry_s
            while True:
                await self._wait_for_power()
                stood = await self.modem.connect()
                pause_s = self.behaviour.retry_s if stood else pause_s
                await asyncio.sleep(pause_s * (0.5 + self._chance.fraction()))
                pause_s = min(2 * pause_s, self.behaviour.retry_max_s)

    def plug_in(self, connector_id: int, vehicle: Vehicle, id_tag: str | None = None) -> None:
        """A driver plugs in and presents ``id_tag``, if any. `run` must be running."""
        remote_tag = self.cabinet.plug_in(connector_id, vehicle)
        if remote_tag is not None:
            self.cabinet.begin(self.outlet(connector_id), remote_tag)
        elif id_tag is not None:
            self.present_tag(connector_id, id_tag)

    def present_tag(self, connector_id: int, id_tag: str) -> None:
        """A driver holds a card to the reader: Authorize, and StartTransaction if it is good."""
        if self.powered:
            self._start(self._authorize(self.outlet(connector_id), id_tag))

    def unplug(self, connector_id: int) -> None:
        """The vehicle leaves: StopTransaction, Finishing, Available."""
        self.cabinet.unplug(connector_id)

    def ignore_limits(self, *, ignores: bool) -> None:
        """Fault: the pilot advertises the maximum until told otherwise."""
        self.behaviour.ignores_limits = ignores
        self.cabinet.follow_profiles()

    def reboot(
        self, off_s: float = 0.0, reason: str = "PowerLoss", *, silent: bool = False
    ) -> None:
        """Lose power now, and boot ``off_s`` later.

        Args:
            reason: Why transactions end, unless the behaviour keeps them.
            silent: The link is left half open instead of closed.
        """
        now = self._clock.now()
        self._cut = self._cut or _PowerCut(now.utc, reason)
        self.cabinet.powered = False
        self._off_until_s = now.monotonic_s + off_s + self.behaviour.boot_s
        for outlet in self.cabinet.outlets.values():
            outlet.open_contactor()
        self.modem.forget_boot()
        if silent:
            self.modem.vanish()
        else:
            self._start(self.modem.hang_up())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        if self._tasks is None:
            work.close()
            raise InvariantBroken("run() comes first")
        self._tasks.create_task(work)

    def _reset_requested(self, reason: str) -> None:
        self._start(self._reset(reason))

    async def _reset(self, reason: str) -> None:
        if reason == "SoftReset":
            self.cabinet.end_all(reason)
        await asyncio.sleep(SOFT_RESET_S if reason == "SoftReset" else HARD_RESET_S)
        self.reboot(reason=reason)

    async def _wait_for_power(self) -> None:
        await asyncio.sleep(max(0.0, self._off_until_s - self._clock.now().monotonic_s))
        cut, self._cut = self._cut, None
        self.cabinet.powered = True
        if cut is None:
            return
        if self.behaviour.keeps_transactions and cut.reason == "PowerLoss":
            for outlet in self.cabinet.outlets.values():
                if outlet.transaction is not None:
                    outlet.close_contactor()
        else:
            self.cabinet.end_all(cut.reason, cut.utc)

    async def _authorize(self, outlet: Outlet, id_tag: str) -> None:
        status = await self.modem.authorize(id_tag)
        good = self.behaviour.accepts_offline if status is None else status == "Accepted"
        if good:
            self.cabinet.begin(outlet, id_tag)

    async def _meter(self, outlet: Outlet) -> None:
        """Sample the transaction of ``outlet`` at MeterValueSampleInterval."""
        while True:
            interval_s = self.cabinet.configuration.number("MeterValueSampleInterval")
            await asyncio.sleep(interval_s or UNMETERED_S)
            if interval_s and self.powered:
                self.cabinet.sample(outlet)
