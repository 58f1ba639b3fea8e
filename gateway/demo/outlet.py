"""One outlet of a simulated charge point: vehicle, pilot, meter, transaction. It sends nothing.

The pilot follows the charging profiles by time alone: what the gateway sent goes on working, and
expires, whether or not anybody is connected.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.demo.behaviour import Behaviour
from gateway.demo.profile_stack import ProfileStack
from gateway.demo.vehicle import PILOT_MINIMUM_A, Vehicle
from gateway.ports import Clock
from gateway.site.depot import Connector
from gateway.site.electrical import NO_CURRENT, PhaseCurrents


@dataclass(slots=True)
class TrueTransaction:
    """What really happened, for judges.

    Args:
        metered: The timestamp of each MeterValues of it, in order.
        transaction_id: As the gateway called it; None until it answered.
    """

    identity: str
    connector_id: int
    id_tag: str
    started_at: str
    meter_start_wh: int
    began_s: float
    began_epoch_s: float
    transaction_id: int | None = None
    metered: list[str] = field(default_factory=list)
    stopped_at: str | None = None
    meter_stop_wh: int | None = None
    reason: str | None = None


class Outlet:
    """One connector as hardware.

    Args:
        connector: Its key, its supply conductors in its own phase order, and its maximum.
        share_a: What the ChargePointMaxProfile leaves for this outlet at an instant (seconds since
            1970).
    """

    def __init__(
        self,
        connector: Connector,
        profiles: ProfileStack,
        behaviour: Behaviour,
        clock: Clock,
        share_a: Callable[[float], float],
    ) -> None:
        self.connector = connector
        self.connector_id = connector.key.connector_id
        self.status = "Available"
        self.operative = True
        self.vehicle: Vehicle | None = None
        self.transaction: TrueTransaction | None = None
        self._profiles = profiles
        self._behaviour = behaviour
        self._clock = clock
        self._share_a = share_a
        self._register_wh = 0.0
        self._closed = False
        self._pilot_a = 0.0
        self._bend_s = math.inf

    def plug(self, vehicle: Vehicle) -> None:
        """A vehicle is plugged in; it can use no more conductors than there are."""
        vehicle.phases = min(vehicle.phases, len(self.connector.conductors))
        vehicle.voltage_v = self._profiles.voltage_v
        self.vehicle = vehicle

    def unplug(self) -> None:
        """The vehicle leaves; what it drew stays on the meter."""
        at_s = self._clock.now().monotonic_s
        self.open_contactor()
        if self.vehicle is not None:
            self._register_wh += self.vehicle.energy_wh(at_s)
        self.vehicle = None

    def close_contactor(self) -> None:
        """Energy may flow, as far as the profiles let it."""
        self._closed = True
        self.follow_profiles()

    def open_contactor(self) -> None:
        """No energy flows from now on."""
        at_s = self._clock.now().monotonic_s
        self.settle(at_s)
        self._closed = False
        self._pilot_a, self._bend_s = 0.0, math.inf
        if self.vehicle is not None:
            self.vehicle.cut_off(at_s)

    def follow_profiles(self) -> None:
        """Look at the profiles again; they, or the behaviour, changed now."""
        at_s = self._clock.now().monotonic_s
        self.settle(at_s)
        self._advertise(at_s)

    def settle(self, at_s: float) -> None:
        """Carry out every change that the profiles asked for up to the monotonic ``at_s``."""
        while self._bend_s <= at_s:
            self._advertise(self._bend_s)

    def pilot_a(self, at_s: float) -> float:
        """What the pilot advertises: 0, or 6 A and more."""
        self.settle(at_s)
        return self._pilot_a

    def draw_a(self, at_s: float) -> float:
        """What the vehicle draws per conductor that it uses."""
        self.settle(at_s)
        return 0.0 if self.vehicle is None else self.vehicle.draw_a(at_s)

    def wanted_a(self, at_s: float) -> float:
        """What the vehicle would draw if it might, within the outlet's maximum."""
        if self.vehicle is None or self.transaction is None:
            return 0.0
        self.settle(at_s)
        return min(self.vehicle.wanted_a(at_s), self.connector.max_a)

    def phases(self) -> int:
        """How many of the outlet's conductors the vehicle uses."""
        return 0 if self.vehicle is None else self.vehicle.phases

    def supply_currents(self, at_s: float) -> PhaseCurrents:
        """The load on the supply conductors, phase rotation applied."""
        draw_a = self.draw_a(at_s)
        if draw_a == 0.0:
            return NO_CURRENT
        supply_a = [0.0, 0.0, 0.0]
        for conductor in self.connector.conductors[: self.phases()]:
            supply_a[conductor] = draw_a
        return PhaseCurrents(*supply_a)

    def register_wh(self, at_s: float) -> float:
        """Energy.Active.Import.Register; it never goes back."""
        self.settle(at_s)
        drawn_wh = 0.0 if self.vehicle is None else self.vehicle.energy_wh(at_s)
        return self._register_wh + drawn_wh

    def limit_a(self, epoch_s: float) -> float:
        """The current that the profiles and the hardware allow at an instant."""
        profiles_a = self._profiles.limit_a(
            self.connector_id, epoch_s, self._since(), len(self.connector.conductors)
        )
        return min(profiles_a, self._share_a(epoch_s), self.connector.max_a)

    def charging_status(self, at_s: float) -> str:
        """Charging, SuspendedEVSE or SuspendedEV, whichever is true of the transaction."""
        if self.pilot_a(at_s) < PILOT_MINIMUM_A:
            return "SuspendedEVSE"
        if self.vehicle is None or self.vehicle.is_full(at_s):
            return "SuspendedEV"
        return "Charging"

    def sampled_values(self, at_s: float, measurands: frozenset[str]) -> list[dict[str, Any]]:
        """The sampledValue array of a MeterValues.req, as far as ``measurands`` names them."""
        draw_a = self.draw_a(at_s)
        values: list[dict[str, Any]] = []
        if "Energy.Active.Import.Register" in measurands:
            values.append(_value(self.register_wh(at_s), "Energy.Active.Import.Register", "Wh"))
        if "Power.Active.Import" in measurands:
            power_w = draw_a * self.phases() * self._profiles.voltage_v
            values.append(_value(power_w, "Power.Active.Import", "W"))
        if "Current.Import" in measurands:
            for index in range(len(self.connector.conductors)):
                current_a = draw_a if index < self.phases() else 0.0
                value = _value(current_a, "Current.Import", "A")
                values.append({**value, "phase": f"L{index + 1}"})
        return values

    def _since(self) -> float:
        return 0.0 if self.transaction is None else self.transaction.began_epoch_s

    def _advertise(self, at_s: float) -> None:
        """Set the pilot as it is at ``at_s``, and find out when it changes next."""
        if not self._closed or self.vehicle is None:
            self._bend_s = math.inf
            return
        now = self._clock.now()
        ahead_s = now.utc.timestamp() - now.monotonic_s
        limit_a = self.limit_a(at_s + ahead_s)
        if self._behaviour.ignores_limits:
            limit_a = self.connector.max_a
        self._pilot_a = limit_a if limit_a >= PILOT_MINIMUM_A else 0.0
        self.vehicle.set_pilot(self._pilot_a, at_s)
        bend = self._profiles.next_bend(self.connector_id, at_s + ahead_s, self._since())
        self._bend_s = max(bend - ahead_s, at_s + 1e-3)


def _value(number: float, measurand: str, unit: str) -> dict[str, Any]:
    return {
        "value": f"{number:.1f}",
        "context": "Sample.Periodic",
        "measurand": measurand,
        "unit": unit,
    }
