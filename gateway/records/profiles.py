"""The charging profiles that a charge point holds, by what it accepted (OCPP 1.6 §3.13).

The one rule: as in the charge point, the newer of two with one id, or one purpose, stack level and
connector, is the one that stands.
"""

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
    SetChargingProfileRequest,
    StatusResponse,
    read,
)
from gateway.records.document import Document, Exchange


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One profile: the csChargingProfiles object as it was sent."""

    connector_id: int
    profile: msgspec.Raw


class ChargingProfiles(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Those of one charge point, in the order in which it took them."""

    profiles: tuple[Held, ...] = ()


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
    return _record(profiles)


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
    return _record(kept)


def after_transaction(record: ChargingProfiles, connector_id: int) -> ChargingProfiles:
    """A transaction ended, and its TxProfiles with it."""
    before = installed(record)
    after = end_transaction(before, connector_id)
    return record if len(after) == len(before) else _record(after)


def _record(profiles: Profiles) -> ChargingProfiles:
    return ChargingProfiles(
        profiles=tuple(
            Held(connector_id=entry.connector_id, profile=msgspec.Raw(entry.payload))
            for entry in profiles
        )
    )
