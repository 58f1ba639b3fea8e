"""The cloud's charging profiles as caps: kept here, heeded by the balancing, never passed down.

A cap can only lower what the site allows, so the cloud is never in charge of a fuse.
"""

import logging
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from gateway.errors import ProtocolViolation
from gateway.events import Balanced, TransactionBegan, TransactionEnded
from gateway.ocpp.v16.installed_profiles import (
    TX,
    Installed,
    Profiles,
    clear,
    end_transaction,
    install,
    restore,
)
from gateway.ocpp.v16.messages import (
    ClearChargingProfileRequest,
    GetCompositeScheduleRequest,
    GetCompositeScheduleResponse,
    SetChargingProfileRequest,
    encode,
    read,
)
from gateway.ocpp.v16.schedules import (
    Session,
    charge_point_limit_a,
    composite,
    composite_response,
    limit_a,
)
from gateway.ports import Cap, Clock, CloudProfile, ProfileStore
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import ChargePoint, ConnectorKey, Site
from gateway.site.electrical import to_a, to_da

log = logging.getLogger(__name__)

SOURCE = "cloud"

T = TypeVar("T")


class CapService:
    """Fulfils `gateway.ports.CapSource` and `gateway.ports.CloudLimits`."""

    def __init__(self, site: Site, bus: Bus, clock: Clock, store: ProfileStore) -> None:
        self._site = site
        self._clock = clock
        self._store = store
        self._profiles: dict[str, Profiles] = {}
        self._expected: dict[tuple[str, int | None], bytes] = {}
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
        connector = self._site.connector(key)
        if not profiles or connector is None:
            return None
        session = self._session(key, len(connector.conductors))
        capped_a = limit_a(
            profiles,
            key.connector_id,
            now,
            session.started_at,
            session.transaction_id,
            session.voltage_v,
            session.phases,
        )
        return None if capped_a is None else Cap(to_da(capped_a), SOURCE)

    def charge_point_cap(self, identity: str, now: datetime) -> Cap | None:
        """The highest sum over the charge point's connectors, per conductor."""
        profiles = self._profiles.get(identity)
        if not profiles:
            return None
        capped_a = charge_point_limit_a(profiles, now, self._site.voltage_v)
        return None if capped_a is None else Cap(to_da(capped_a), SOURCE)

    async def set_profile(self, identity: str, payload: bytes) -> bytes:
        """SetChargingProfile.req to its conf; what cannot be carried out is Rejected."""
        request = read(SetChargingProfileRequest, payload)
        profile = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])["csChargingProfiles"]
        key = ConnectorKey(identity, request.connector_id)
        if not self._fits(key, request.cs_charging_profiles.charging_profile_purpose):
            return _status("Rejected")
        try:
            await self._install(key, bytes(profile))
        except ProtocolViolation as exc:
            log.warning("cloud_profile.rejected", extra=facts(connector=key, reason=exc.detail))
            return _status("Rejected")
        log.info("cloud_profile.installed", extra=facts(connector=key))
        return _status("Accepted")

    def expect_profile(self, identity: str, connector_id: int | None, profile: bytes) -> None:
        """Keep a profile that came with a RemoteStartTransaction until that start."""
        self._expected[(identity, connector_id)] = profile

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
        await self._keep(identity, kept)
        return _status("Accepted" if cleared else "Unknown")

    def composite_schedule(self, identity: str, payload: bytes) -> bytes:
        """GetCompositeSchedule.req to its conf: the cloud's profiles under the site's limit."""
        request = read(GetCompositeScheduleRequest, payload)
        charge_point = self._site.charge_points[identity]
        key = ConnectorKey(identity, request.connector_id)
        connector = self._site.connector(key)
        if (connector is None and key.connector_id != 0) or request.duration < 0:
            return encode(GetCompositeScheduleResponse(status="Rejected"))
        phases = len(connector.conductors) if connector is not None else 3
        session, now = self._session(key, phases), self._clock.now().utc
        upper_a = self._upper_a(charge_point, key)
        stretches = composite(
            self._profiles.get(identity, ()),
            request.connector_id,
            now,
            request.duration,
            session,
            lambda _: upper_a,
        )
        unit = _known(request.charging_rate_unit) or "A"
        return encode(
            composite_response(
                request.connector_id, now, request.duration, stretches, session, unit
            )
        )

    def _fits(self, key: ConnectorKey, purpose: str) -> bool:
        """A profile needs a connector that exists; a TxProfile a transaction that runs there."""
        if purpose == TX:
            return key in self._sessions
        return key.connector_id == 0 or self._site.connector(key) is not None

    async def _install(self, key: ConnectorKey, profile: bytes) -> None:
        profiles = install(self._profiles.get(key.identity, ()), key.connector_id, profile)
        await self._keep(key.identity, profiles)

    async def _keep(self, identity: str, profiles: Profiles) -> None:
        self._profiles[identity] = profiles
        await self._store.replace(identity, [_row(identity, entry) for entry in profiles])

    def _session(self, key: ConnectorKey, phases: int) -> Session:
        running = self._sessions.get(key)
        return running or Session(None, None, self._site.voltage_v, phases)

    def _upper_a(self, charge_point: ChargePoint, key: ConnectorKey) -> float:
        """What the site allows now: a running transaction's offer, else the connector's own."""
        return sum(
            to_a(self._offers_da[c.key])
            if c.key in self._sessions and c.key in self._offers_da
            else c.max_a
            for c in charge_point.connectors
            if key.connector_id in (0, c.key.connector_id)
        )

    def _began(self, event: TransactionBegan) -> None:
        connector = self._site.connector(event.key)
        if connector is None:
            return
        self._sessions[event.key] = Session(
            event.began_at or self._clock.now().utc,
            event.local_transaction_id,
            self._site.voltage_v,
            len(connector.conductors),
        )
        identity, connector_id = event.key
        expected = self._expected.pop((identity, connector_id), None) or self._expected.pop(
            (identity, None), None
        )
        if expected is not None:
            self._tasks.start(self._install_expected(event.key, expected), "caps.install")

    async def _install_expected(self, key: ConnectorKey, profile: bytes) -> None:
        try:
            await self._install(key, profile)
        except ProtocolViolation as exc:
            log.warning("cloud_profile.rejected", extra=facts(connector=key, reason=exc.detail))

    def _ended(self, event: TransactionEnded) -> None:
        self._sessions.pop(event.key, None)
        identity, connector_id = event.key
        before = self._profiles.get(identity, ())
        after = end_transaction(before, connector_id)
        if len(after) < len(before):
            self._tasks.start(self._keep(identity, after), "caps.end_transaction")

    def _balanced(self, event: Balanced) -> None:
        self._offers_da = {
            key: offer.offer_da for key, offer in event.balance.offers.items() if offer.active
        }


def _row(identity: str, entry: Installed) -> CloudProfile:
    return CloudProfile(identity, entry.connector_id, entry.payload)


def _known(value: T | UnsetType) -> T | None:
    return None if value is UNSET else value


def _status(status: str) -> bytes:
    return msgspec.json.encode({"status": status})
