"""A simulated charge point without its modem: outlets, profiles, configuration, transactions.

Nothing here waits. What must be told to the Central System goes into ``notices`` (lost while
offline) or into ``queue`` (kept until answered).
"""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.demo.behaviour import Behaviour
from gateway.demo.configuration_store import ConfigurationStore
from gateway.demo.local_list import LocalList
from gateway.demo.outlet import Outlet, TrueTransaction
from gateway.demo.profile_stack import ProfileStack
from gateway.demo.transaction_queue import TransactionMessage, TransactionQueue
from gateway.demo.vehicle import Vehicle
from gateway.ports import Clock
from gateway.site.depot import Connector
from gateway.site.electrical import NO_CURRENT, PhaseCurrents


class Cabinet:
    """What is inside one charge point.

    Args:
        reset: Called with the reason when a Reset.req asks for a reboot.
    """

    def __init__(
        self,
        identity: str,
        connectors: Sequence[Connector],
        clock: Clock,
        behaviour: Behaviour,
        voltage_v: float,
        meter_values_interval_s: int,
        reset: Callable[[str], None],
    ) -> None:
        self.identity = identity
        self.behaviour = behaviour
        self.reset = reset
        self.profiles = ProfileStack(voltage_v)
        self.configuration = ConfigurationStore(len(connectors), meter_values_interval_s)
        self.local_list = LocalList()
        self.queue = TransactionQueue()
        self.notices: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self.online = False
        self.powered = True
        self.started: list[TrueTransaction] = []
        self.received_profiles: list[dict[str, Any]] = []
        self.outlets = {
            connector.key.connector_id: Outlet(
                connector, self.profiles, behaviour, clock, self._share_a
            )
            for connector in connectors
        }
        self._clock = clock
        self._remote_tags: dict[int, str] = {}

    def timestamp(self) -> str:
        """Now, as OCPP writes it."""
        return wire_time(self._clock.now().utc)

    def supply_currents(self, at_s: float) -> PhaseCurrents:
        """The load of all outlets on the supply conductors."""
        load = NO_CURRENT
        for outlet in self.outlets.values():
            load = load + outlet.supply_currents(at_s)
        return load

    def follow_profiles(self) -> None:
        """Look at the profiles again; something about them changed."""
        for outlet in self.outlets.values():
            outlet.follow_profiles()
            self._review(outlet)

    def install_profile(self, connector_id: int, payload: Mapping[str, Any]) -> bool:
        """SetChargingProfile; False when it must be refused."""
        outlet = self.outlets.get(connector_id)
        if outlet is None and connector_id != 0:
            return False
        running = None if outlet is None else outlet.transaction
        transaction_id = None
        if running is not None:
            transaction_id = running.transaction_id or 0
        if not self.profiles.install(connector_id, payload, transaction_id):
            return False
        self.follow_profiles()
        return True

    def composite_schedule(
        self, connector_id: int, duration_s: int
    ) -> list[tuple[int, float]] | None:
        """Pairs of second and limit in ampere; None for an unknown connector."""
        outlet = self.outlets.get(connector_id)
        if outlet is None:
            return None
        now = self._clock.now().utc.timestamp()
        since = 0.0 if outlet.transaction is None else outlet.transaction.began_epoch_s
        periods = [(0, round(outlet.limit_a(now), 1))]
        at = now
        while (at := self.profiles.next_bend(connector_id, at, since)) < now + duration_s:
            periods.append((math.ceil(at - now), round(outlet.limit_a(at), 1)))
        return periods

    def plug_in(self, connector_id: int, vehicle: Vehicle) -> str | None:
        """A vehicle is plugged in; gives the idTag that a RemoteStart left for it, if any."""
        outlet = self.outlets[connector_id]
        outlet.plug(vehicle)
        self.set_status(outlet, "Preparing")
        return self._remote_tags.pop(connector_id, None)

    def unplug(self, connector_id: int) -> None:
        """The vehicle leaves; its transaction ends."""
        outlet = self.outlets[connector_id]
        self.end(outlet, "EVDisconnected")
        outlet.unplug()
        if outlet.status != "Available":
            self.set_status(outlet, "Finishing")
            self.rest(outlet)

    def begin(self, outlet: Outlet, id_tag: str) -> bool:
        """Start a transaction; False when there is nothing to start it with."""
        if not self.powered or outlet.vehicle is None:
            return False
        if outlet.transaction is not None or not outlet.operative:
            return False
        now = self._clock.now()
        transaction = TrueTransaction(
            identity=self.identity,
            connector_id=outlet.connector_id,
            id_tag=id_tag,
            started_at=wire_time(now.utc),
            meter_start_wh=round(outlet.register_wh(now.monotonic_s)),
            began_s=now.monotonic_s,
            began_epoch_s=now.utc.timestamp(),
        )
        outlet.transaction = transaction
        self.started.append(transaction)
        payload = {
            "connectorId": outlet.connector_id,
            "idTag": id_tag,
            "meterStart": transaction.meter_start_wh,
            "timestamp": transaction.started_at,
        }
        self.queue.append(TransactionMessage("StartTransaction", transaction, payload))
        outlet.close_contactor()
        self.follow_profiles()
        return True

    def sample(self, outlet: Outlet, context: str = "Sample.Periodic") -> None:
        """Queue one MeterValues of the running transaction."""
        transaction = outlet.transaction
        if transaction is None:
            return
        timestamp = self.timestamp()
        transaction.metered.append(timestamp)
        payload = {
            "connectorId": outlet.connector_id,
            "meterValue": [{"timestamp": timestamp, "sampledValue": self._values(outlet, context)}],
        }
        self.queue.append(TransactionMessage("MeterValues", transaction, payload))
        self._review(outlet)

    def end(self, outlet: Outlet, reason: str, stopped: datetime | None = None) -> None:
        """End the running transaction, if there is one; ``stopped`` is when energy stopped."""
        transaction = outlet.transaction
        if transaction is None:
            return
        now = self._clock.now()
        outlet.open_contactor()
        outlet.transaction = None
        self.profiles.end_transaction(outlet.connector_id)
        transaction.stopped_at = wire_time(stopped or now.utc)
        transaction.meter_stop_wh = round(outlet.register_wh(now.monotonic_s))
        transaction.reason = reason
        payload = {
            "meterStop": transaction.meter_stop_wh,
            "timestamp": transaction.stopped_at,
            "reason": reason,
            "idTag": transaction.id_tag,
        }
        self.queue.append(TransactionMessage("StopTransaction", transaction, payload))
        self.follow_profiles()
        if reason != "EVDisconnected":
            self.set_status(outlet, "Finishing")

    def end_all(self, reason: str, stopped: datetime | None = None) -> None:
        """End every running transaction."""
        for outlet in self.outlets.values():
            self.end(outlet, reason, stopped)

    def remote_start(
        self, connector_id: int | None, id_tag: str, profile: Mapping[str, Any] | None
    ) -> bool:
        """RemoteStartTransaction: start now, or as soon as a vehicle is plugged in."""
        outlet = self._free_outlet(connector_id)
        if outlet is None:
            return False
        if outlet.vehicle is None:
            self._remote_tags[outlet.connector_id] = id_tag
            self.set_status(outlet, "Preparing")
            return True
        begun = self.begin(outlet, id_tag)
        if begun and profile is not None:
            self.received_profiles.append(
                {"connectorId": outlet.connector_id, "csChargingProfiles": profile}
            )
            self.install_profile(outlet.connector_id, profile)
        return begun

    def remote_stop(self, transaction_id: int) -> bool:
        """RemoteStopTransaction."""
        for outlet in self.outlets.values():
            running = outlet.transaction
            if running is not None and running.transaction_id == transaction_id:
                self.end(outlet, "Remote")
                return True
        return False

    def announce(self, outlets: Sequence[Outlet], *, whole: bool) -> None:
        """Report the status of ``outlets``, and of the charge point itself when ``whole``."""
        if whole:
            self._notify_status(0, "Available")
        for outlet in outlets:
            self._notify_status(outlet.connector_id, outlet.status)

    def set_status(self, outlet: Outlet, status: str) -> None:
        """Report ``status`` when it is a change."""
        if outlet.status != status:
            outlet.status = status
            self._notify_status(outlet.connector_id, status)

    def rest(self, outlet: Outlet) -> None:
        """Report the status of an outlet without transaction."""
        if not outlet.operative:
            self.set_status(outlet, "Unavailable")
        elif outlet.vehicle is None:
            self.set_status(outlet, "Available")

    def _free_outlet(self, connector_id: int | None) -> Outlet | None:
        free = [
            outlet
            for outlet in self.outlets.values()
            if connector_id in (None, outlet.connector_id)
            and outlet.transaction is None
            and outlet.operative
        ]
        return max(free, key=lambda outlet: outlet.vehicle is not None, default=None)

    def _review(self, outlet: Outlet) -> None:
        """Report it when energy began or ceased to flow."""
        if outlet.transaction is not None:
            self.set_status(outlet, outlet.charging_status(self._clock.now().monotonic_s))

    def _notify_status(self, connector_id: int, status: str) -> None:
        if not self.online:
            return
        fields = {
            "connectorId": connector_id,
            "errorCode": "NoError",
            "status": status,
            "timestamp": self.timestamp(),
        }
        self.notices.put_nowait(("StatusNotification", fields))

    def _values(self, outlet: Outlet, context: str) -> list[dict[str, Any]]:
        measurands = frozenset(self.configuration.text("MeterValuesSampledData").split(","))
        at_s = self._clock.now().monotonic_s
        return [{**value, "context": context} for value in outlet.sampled_values(at_s, measurands)]

    def _share_a(self, epoch_s: float) -> float:
        """What the ChargePointMaxProfile leaves for each outlet that charges."""
        busy = [outlet for outlet in self.outlets.values() if outlet.transaction is not None]
        total_a = self.profiles.charge_point_limit_a(epoch_s, epoch_s, 3)
        return total_a / max(1, len(busy))


def wire_time(utc: datetime) -> str:
    """An instant as OCPP writes it, with milliseconds."""
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"
