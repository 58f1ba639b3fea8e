"""The cloud's charging profiles as caps: kept here, heeded by the balancing, never passed down.

A cap can only lower what the site allows, so the cloud is never in charge of a fuse.
"""

import logging
import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from gateway.errors import ProtocolViolation
from gateway.events import Balanced, TransactionBegan, TransactionEnded
from gateway.ocpp.v16.composite import composite, composite_response
from gateway.ocpp.v16.installed_profiles import (
    TX,
    Installed,
    Profiles,
    bound,
    clear,
    end_transaction,
    install,
    restore,
)
from gateway.ocpp.v16.messages import (
    ChargingProfile,
    ClearChargingProfileRequest,
    GetCompositeScheduleRequest,
    GetCompositeScheduleResponse,
    SetChargingProfileRequest,
    encode,
    read,
)
from gateway.ocpp.v16.schedules import Session, charge_point_limit_a, limit_a
from gateway.ports import Cap, Clock, CloudProfile, ProfileStore
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.circuits import path_to_feeder
from gateway.site.depot import ChargePoint, Connector, ConnectorKey, Site
from gateway.site.electrical import CONDUCTORS, to_a, to_da

log = logging.getLogger(__name__)

SOURCE: Final = "cloud"
EXPECTED_FOR_S: Final = 600.0
"""A remote start that led to no transaction by then will not: a vehicle that comes later is another
driver's."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Expected:
    profile: bytes
    until_s: float


class CapService:
    """Fulfils `gateway.ports.CapSource` and `gateway.ports.CloudLimits`."""

    def __init__(self, site: Site, bus: Bus, clock: Clock, store: ProfileStore) -> None:
        self._site = site
        self._clock = clock
        self._store = store
        self._profiles: dict[str, Profiles] = {}
        self._expected: dict[tuple[str, int | None], _Expected] = {}
        self._sessions: dict[ConnectorKey, Session] = {}
        self._offers_da: dict[ConnectorKey, int] = {}
        self._tasks = TaskKeeper()
        bus.subscribe(TransactionBegan, self._began)
        bus.subscribe(TransactionEnded, self._ended)
        bus.subscribe(Balanced, self._balanced)

    async def load(self) -> None:
        """Take up the profiles that outlived the restart."""
        rows: dict[str, list[tuple[int, bytes]]] = {}
        for row in await self._store.load():
            rows.setdefault(row.identity, []).append((row.connector_id, row.payload))
        self._profiles = {identity: restore(pairs) for identity, pairs in rows.items()}

    async def close(self) -> None:
        """Stop what runs in the background."""
        await self._tasks.cancel()

    def connector_cap(self, key: ConnectorKey, now: datetime) -> Cap | None:
        """The highest current per conductor that the cloud lets ``key`` have now."""
        profiles = self._profiles.get(key.identity)
        connector = self._site.connector(key) if profiles else None
        if not profiles or connector is None:
            return None
        return _cap(limit_a(profiles, key.connector_id, now, self._session(connector)))

    def charge_point_cap(self, identity: str, now: datetime) -> Cap | None:
        """The highest sum over the charge point's connectors, per conductor."""
        profiles = self._profiles.get(identity)
        charge_point = self._site.charge_points.get(identity)
        if not profiles or charge_point is None:
            return None
        phases = max((len(c.conductors) for c in charge_point.connectors), default=len(CONDUCTORS))
        return _cap(charge_point_limit_a(profiles, now, self._site.voltage_v, phases))

    async def set_profile(self, identity: str, payload: bytes) -> bytes:
        """SetChargingProfile.req to its conf; what cannot be carried out is Rejected."""
        request = read(SetChargingProfileRequest, payload)
        members = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
        key = ConnectorKey(identity, request.connector_id)
        try:
            self._install(key, bytes(members["csChargingProfiles"]))
        except ProtocolViolation as exc:
            log.warning("cloud_profile.rejected", extra=facts(connector=key, reason=exc.detail))
            return _status("Rejected")
        await self._keep(identity)
        log.info("cloud_profile.installed", extra=facts(connector=key))
        return _status("Accepted")

    def expect_profile(self, identity: str, connector_id: int | None, profile: bytes) -> None:
        """Keep a profile that came with a RemoteStartTransaction until that start, if it comes
        within `EXPECTED_FOR_S`; only a TxProfile may come so (OCPP 1.6 §5.16.2)."""
        until_s = self._clock.now().monotonic_s + EXPECTED_FOR_S
        self._expected[(identity, connector_id)] = _Expected(profile, until_s)

    async def clear_profile(self, identity: str, payload: bytes) -> bytes:
        """ClearChargingProfile.req to its conf; touches only what the cloud itself has set."""
        request = read(ClearChargingProfileRequest, payload)
        kept, cleared = clear(
            self._profiles.get(identity, ()),
            _known(request.id),
            _known(request.connector_id),
            _known(request.charging_profile_purpose),
            _known(request.stack_level),
        )
        if cleared:
            self._profiles[identity] = kept
            await self._keep(identity)
        return _status("Accepted" if cleared else "Unknown")

    def composite_schedule(self, identity: str, payload: bytes) -> bytes:
        """GetCompositeSchedule.req to its conf: the cloud's profiles under the site's limit.

        Raises:
            ProtocolViolation: chargingRateUnit is neither A nor W (errata 3.24).
        """
        request = read(GetCompositeScheduleRequest, payload)
        unit = _known(request.charging_rate_unit) or "A"
        if unit not in ("A", "W"):
            raise ProtocolViolation("PropertyConstraintViolation", "chargingRateUnit is A or W")
        charge_point = self._site.charge_points[identity]
        sessions = {
            connector.key.connector_id: self._limited_session(connector)
            for connector in charge_point.connectors
        }
        if request.connector_id not in (0, *sessions) or request.duration < 0:
            return encode(GetCompositeScheduleResponse(status="Rejected"))
        found = composite(
            self._profiles.get(identity, ()),
            request.connector_id,
            self._clock.now().utc,
            request.duration,
            sessions,
            unit,
            self._fuses_a(charge_point),
        )
        return encode(composite_response(found))

    def _install(self, key: ConnectorKey, payload: bytes) -> None:
        """Put a csChargingProfiles object into force. Raises ProtocolViolation when it cannot be
        carried out."""
        if key.connector_id != 0 and self._site.connector(key) is None:
            raise ProtocolViolation("PropertyConstraintViolation", "there is no such connector")
        profile = read(ChargingProfile, payload)
        if profile.charging_profile_purpose == TX:
            running = self._sessions.get(key)
            if running is None or running.transaction_id is None:
                raise ProtocolViolation("PropertyConstraintViolation", "no transaction runs there")
            if profile.transaction_id not in (UNSET, running.transaction_id):
                raise ProtocolViolation("PropertyConstraintViolation", "another transaction runs")
            payload = bound(payload, running.transaction_id)
        self._profiles[key.identity] = install(
            self._profiles.get(key.identity, ()), key.connector_id, payload
        )

    async def _keep(self, identity: str) -> None:
        """Write what is in force, as it is when the writing begins."""
        entries = self._profiles.get(identity, ())
        await self._store.replace(identity, [_row(identity, entry) for entry in entries])

    def _session(self, connector: Connector) -> Session:
        running = self._sessions.get(connector.key)
        return running or Session(None, None, self._site.voltage_v, len(connector.conductors))

    def _limited_session(self, connector: Connector) -> Session:
        """With what the site allows now: a running transaction's offer, else the connector's own
        limit."""
        offer_da = self._offers_da.get(connector.key)
        running = connector.key in self._sessions
        own_a = to_a(offer_da) if running and offer_da is not None else connector.max_a
        return replace(self._session(connector), upper_a=own_a)

    def _fuses_a(self, charge_point: ChargePoint) -> float:
        """What the circuits that feed all of the charge point's connectors let through."""
        paths = [
            {circuit.name for circuit in path_to_feeder(self._site.circuits, connector.circuit)}
            for connector in charge_point.connectors
        ]
        shared = set.intersection(*paths) if paths else set()
        return min(
            (
                circuit.limit_a[conductor] - circuit.margin_a
                for circuit in map(self._site.circuits.__getitem__, shared)
                for conductor in CONDUCTORS
            ),
            default=math.inf,
        )

    def _began(self, event: TransactionBegan) -> None:
        key = event.key
        connector = self._site.connector(key)
        if connector is None:
            return
        self._sessions[key] = Session(
            event.began_at or self._clock.now().utc,
            event.local_transaction_id,
            self._site.voltage_v,
            len(connector.conductors),
        )
        stale = self._drop_ended(key, event.local_transaction_id)
        sent = self._expected_by(key)
        fresh = sent is not None and self._install_expected(key, sent, event.local_transaction_id)
        if stale or fresh:
            self._tasks.start(self._keep(key.identity), "caps.keep")

    def _ended(self, event: TransactionEnded) -> None:
        """A late end of an earlier transaction leaves the one that runs alone."""
        session = self._sessions.get(event.key)
        running = None if session is None else session.transaction_id
        if running == event.local_transaction_id:
            del self._sessions[event.key]
            running = None
        if self._drop_ended(event.key, running):
            self._tasks.start(self._keep(event.key.identity), "caps.keep")

    def _drop_ended(self, key: ConnectorKey, running: int | None) -> bool:
        """Drop the TxProfiles of all but the running transaction; True when there were any."""
        before = self._profiles.get(key.identity, ())
        after = end_transaction(before, key.connector_id, running)
        if len(after) == len(before):
            return False
        self._profiles[key.identity] = after
        return True

    def _expected_by(self, key: ConnectorKey) -> bytes | None:
        """The profile that came for a start like this one; each counts once."""
        for place in ((key.identity, key.connector_id), (key.identity, None)):
            expected = self._expected.pop(place, None)
            if expected is not None and self._clock.now().monotonic_s <= expected.until_s:
                return expected.profile
        return None

    def _install_expected(self, key: ConnectorKey, profile: bytes, transaction_id: int) -> bool:
        try:
            self._install(key, bound(profile, transaction_id))
        except ProtocolViolation as exc:
            log.warning("cloud_profile.rejected", extra=facts(connector=key, reason=exc.detail))
            return False
        return True

    def _balanced(self, event: Balanced) -> None:
        self._offers_da = {
            key: offer.offer_da for key, offer in event.balance.offers.items() if offer.active
        }


def _cap(capped_a: float | None) -> Cap | None:
    return None if capped_a is None else Cap(to_da(capped_a), SOURCE)


def _row(identity: str, entry: Installed) -> CloudProfile:
    return CloudProfile(identity, entry.connector_id, entry.payload)


def _known(value: T | UnsetType) -> T | None:
    return None if value is UNSET else value


def _status(status: str) -> bytes:
    return msgspec.json.encode({"status": status})
