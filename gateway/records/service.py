"""Keeps the records: folds what happens on the line into them, at once, and writes them soon after.

What is read here is what the last event said; a power cut costs the records of some seconds, and
each of them is such that the charge point can be asked again.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway.errors import ProtocolViolation, StorageFailed
from gateway.events import (
    CallEnded,
    ChargePointBooted,
    ConnectorStatusChanged,
    DeviationSeen,
    NotificationReceived,
    TransactionBegan,
    TransactionEnded,
)
from gateway.ocpp.calls import Answered, Caller, Offline, TimedOut
from gateway.ocpp.v16.schedules import Session
from gateway.ports import Clock, DocumentStore
from gateway.records import (
    availability,
    calls,
    configuration,
    deviations,
    local_list,
    profiles,
    progress,
    reservations,
)
from gateway.records.configuration import Configuration
from gateway.records.document import Exchange
from gateway.records.folds import AFTER_ANSWER, NOTIFIED
from gateway.records.kinds import (
    AVAILABILITY,
    CALLS,
    CHARGING_PROFILES,
    CONFIGURATION,
    DEVIATIONS,
    KINDS,
    LOCAL_LIST,
    RESERVATIONS,
    D,
    Kind,
)
from gateway.records.local_list import LocalList
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import ConnectorKey, Site

log = logging.getLogger(__name__)

WRITTEN_AFTER_S: Final = 2.0
"""Changes within this time are one write, to spare the memory card."""


class RecordService:
    """Fulfils `gateway.ports.RecordDesk`. Made before the services that make CALLs, so that what
    they read here after a CALL holds its answer."""

    def __init__(self, site: Site, bus: Bus, clock: Clock, store: DocumentStore) -> None:
        self._site = site
        self._clock = clock
        self._store = store
        self._records: dict[tuple[str, str], Any] = {}
        self._running: dict[ConnectorKey, TransactionBegan] = {}
        self._unwritten: set[tuple[str, str]] = set()
        self._writing = False
        self._tasks = TaskKeeper()
        bus.subscribe(CallEnded, self._call_ended)
        bus.subscribe(ChargePointBooted, self._booted)
        bus.subscribe(ConnectorStatusChanged, self._status_changed)
        bus.subscribe(DeviationSeen, self._deviated)
        bus.subscribe(NotificationReceived, self._notified)
        bus.subscribe(TransactionBegan, self._began)
        bus.subscribe(TransactionEnded, self._ended)

    async def load(self) -> None:
        """Take up what was written. A record that cannot be read begins anew."""
        for kind in KINDS.values():
            for identity, document in (await self._store.load(kind.name)).items():
                try:
                    record = msgspec.json.decode(document, type=kind.document)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    told = facts(charge_point=identity, kind=kind.name)
                    log.warning("record.unreadable", extra=told)
                    continue
                self._records[(identity, kind.name)] = record

    async def close(self) -> None:
        """Write what is not written yet."""
        await self._tasks.cancel()
        await self._write()

    def configuration(self, identity: str) -> Configuration:
        """As last read or written; empty before."""
        return self._find(identity, CONFIGURATION)

    def local_list(self, identity: str) -> LocalList:
        """The list that it holds."""
        return self._find(identity, LOCAL_LIST)

    def document(self, identity: str, kind: str) -> bytes | None:
        """A record as a JSON object; None when there is no such kind."""
        if kind not in KINDS:
            return None
        record = self._find(identity, KINDS[kind])
        if isinstance(record, reservations.Reservations):
            record = reservations.at_instant(record, self._clock.now().utc)
        return msgspec.json.encode(record)

    def _find(self, identity: str, kind: Kind[D]) -> D:
        record: D | None = self._records.get((identity, kind.name))
        return kind.document() if record is None else record

    def _change(
        self, identity: str, kind: Kind[D], change: Callable[[D], D], *, write: bool = True
    ) -> None:
        """Replace a record by what ``change`` makes of it; without ``write`` only until the end."""
        before = self._find(identity, kind)
        after = change(before)
        if after is before:
            return
        self._records[(identity, kind.name)] = after
        if write:
            self._unwritten.add((identity, kind.name))
            self._write_later()

    def _write_later(self) -> None:
        if not self._writing:
            self._writing = True
            self._tasks.start(self._write_soon(), "records.write")

    async def _write_soon(self) -> None:
        await asyncio.sleep(WRITTEN_AFTER_S)
        self._writing = False
        await self._write()

    async def _write(self) -> None:
        due, self._unwritten = self._unwritten, set()
        try:
            for identity, kind in sorted(due):
                document = msgspec.json.encode(self._records[(identity, kind)])
                await self._store.keep(identity, kind, document)
        except StorageFailed as exc:
            self._unwritten |= due  # the next change tries again
            log.warning("records.not_written", extra=facts(records=len(due), reason=str(exc)))

    def _call_ended(self, event: CallEnded) -> None:
        # Limits that the balancing sets all day are no news, and neither are they written.
        routine = event.caller is Caller.GATEWAY and event.action == "SetChargingProfile"
        if not routine:
            self._change(event.identity, CALLS, lambda record: calls.after_call(record, event))
        if isinstance(event.outcome, Answered):
            exchange = Exchange(event.payload, event.outcome.payload, event.caller, event.ended_at)
            try:
                self._answered(event, exchange, write=not routine)
            except ProtocolViolation as exc:
                told = facts(charge_point=event.identity, action=event.action, reason=exc.detail)
                log.info("record.not_kept", extra=told)
        elif event.action == "SendLocalList" and isinstance(event.outcome, TimedOut | Offline):
            self._change(event.identity, LOCAL_LIST, local_list.after_silence)

    def _answered(self, event: CallEnded, exchange: Exchange, *, write: bool) -> None:
        if event.action == "GetCompositeSchedule":
            sessions = self._sessions(event.identity)
            self._change(
                event.identity,
                CHARGING_PROFILES,
                lambda record: profiles.after_report(record, exchange, event.called_at, sessions),
            )
        elif (fold := AFTER_ANSWER.get(event.action)) is not None:
            self._change(
                event.identity,
                fold.kind,
                lambda record: fold.change(record, exchange),
                write=write,
            )

    def _sessions(self, identity: str) -> dict[int, Session]:
        """Every connector of the charge point, with its transaction where one runs."""
        found = {}
        for connector in self._site.charge_points[identity].connectors:
            running = self._running.get(connector.key)
            found[connector.key.connector_id] = Session(
                running.began_at if running else None,
                running.local_transaction_id if running else None,
                self._site.voltage_v,
                len(connector.conductors),
                connector.max_a,
            )
        return found

    def _notified(self, event: NotificationReceived) -> None:
        kind, at = NOTIFIED.get(event.action), self._clock.now().utc
        if kind is not None:
            self._change(
                event.identity,
                kind,
                lambda record: progress.after_notification(record, event.payload, at),
            )

    def _booted(self, event: ChargePointBooted) -> None:
        self._change(event.identity, CONFIGURATION, configuration.after_boot)

    def _status_changed(self, event: ConnectorStatusChanged) -> None:
        at = self._clock.now().utc
        self._change(
            event.key.identity,
            AVAILABILITY,
            lambda record: availability.after_status(
                record, event.key.connector_id, event.status, event.error_code, at
            ),
        )

    def _deviated(self, event: DeviationSeen) -> None:
        seen, at = (event.action, event.place, event.rule), self._clock.now().utc
        known = any(kind.is_at(seen) for kind in self._find(event.identity, DEVIATIONS).kinds)
        if not known:
            told = facts(charge_point=event.identity, action=event.action, detail=event.detail)
            log.info("charge_point.deviated", extra=told)
        self._change(
            event.identity,
            DEVIATIONS,
            lambda record: deviations.after_deviation(
                record, seen, event.detail, at, refused=event.refused
            ),
            write=not known,  # a higher count alone is not worth it
        )

    def _began(self, event: TransactionBegan) -> None:
        self._running[event.key] = event
        used, at = event.reservation_id, self._clock.now().utc
        if used is not None:
            self._change(
                event.key.identity,
                RESERVATIONS,
                lambda record: reservations.after_start(
                    record, used, event.local_transaction_id, at
                ),
            )

    def _ended(self, event: TransactionEnded) -> None:
        self._running.pop(event.key, None)
        self._change(
            event.key.identity,
            CHARGING_PROFILES,
            lambda record: profiles.after_transaction(record, event.key.connector_id),
            write=False,
        )
