"""The charging profiles that a charge point holds, by what it accepted (OCPP 1.6 §3.13).

The one rule: as in the charge point, the newer of two with one id, or one purpose, stack level and
connector, is the one that stands.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from gateway.errors import ProtocolViolation
from gateway.ocpp.v16.installed_profiles import (
    Profiles,
    clear,
    end_transaction,
    install,
    restore,
)
from gateway.ocpp.v16.messages import (
    ClearChargingProfileRequest,
    GetCompositeScheduleRequest,
    SetChargingProfileRequest,
    StatusResponse,
    read,
)
from gateway.ocpp.v16.reported_schedule import Asked, disagreements
from gateway.ocpp.v16.schedules import Session
from gateway.records.document import Document, Exchange, stamp


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One profile: the csChargingProfiles object as it was sent."""

    connector_id: int
    profile: msgspec.Raw


class ChargingProfiles(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Those of one charge point, in the order in which it took them.

    Args:
        disagreements: Where its last GetCompositeSchedule.conf said otherwise than these profiles
            do, in sentences.
        reported_at: When it said so; empty before the first.
    """

    profiles: tuple[Held, ...] = ()
    disagreements: tuple[str, ...] = ()
    reported_at: str = ""


def installed(record: ChargingProfiles) -> Profiles:
    """The profiles as the evaluator reads them."""
    return restore((held.connector_id, bytes(held.profile)) for held in record.profiles)


def after_set(record: ChargingProfiles, exchange: Exchange) -> ChargingProfiles:
    """SetChargingProfile was answered."""
    if read(StatusResponse, exchange.answer).status != "Accepted":
        return record
    connector_id = read(SetChargingProfileRequest, exchange.request).connector_id
    members = msgspec.json.decode(exchange.request, type=dict[str, msgspec.Raw])
    try:
        profiles = install(installed(record), connector_id, bytes(members["csChargingProfiles"]))
    except ProtocolViolation:
        return record  # a profile that the evaluator cannot carry out, sent on purpose
    return _record(record, profiles)


def after_clear(record: ChargingProfiles, exchange: Exchange) -> ChargingProfiles:
    """ClearChargingProfile was answered (errata 3.25, 3.26)."""
    if read(StatusResponse, exchange.answer).status != "Accepted":
        return record
    wanted = read(ClearChargingProfileRequest, exchange.request)
    kept, _ = clear(
        installed(record),
        wanted.id if isinstance(wanted.id, int) else None,
        wanted.connector_id if isinstance(wanted.connector_id, int) else None,
        wanted.charging_profile_purpose
        if isinstance(wanted.charging_profile_purpose, str)
        else None,
        wanted.stack_level if isinstance(wanted.stack_level, int) else None,
    )
    return _record(record, kept)


def after_transaction(record: ChargingProfiles, connector_id: int) -> ChargingProfiles:
    """A transaction ended, and its TxProfiles with it."""
    before = installed(record)
    after = end_transaction(before, connector_id)
    return record if len(after) == len(before) else _record(record, after)


def after_report(
    record: ChargingProfiles,
    exchange: Exchange,
    called_at: datetime,
    sessions: Mapping[int, Session],
) -> ChargingProfiles:
    """GetCompositeSchedule was answered: hold it against what the charge point should hold.

    Args:
        sessions: Every connector of the charge point, by connectorId.
    """
    wanted = read(GetCompositeScheduleRequest, exchange.request)
    asked = Asked(wanted.connector_id, wanted.duration, called_at)
    found = disagreements(exchange.answer, asked, installed(record), sessions)
    return msgspec.structs.replace(record, disagreements=found, reported_at=stamp(exchange.at))


def _record(before: ChargingProfiles, profiles: Profiles) -> ChargingProfiles:
    return msgspec.structs.replace(
        before,
        profiles=tuple(
            Held(connector_id=entry.connector_id, profile=msgspec.Raw(entry.payload))
            for entry in profiles
        ),
    )
