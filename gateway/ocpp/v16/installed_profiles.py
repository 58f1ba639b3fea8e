"""The charging profiles that a peer has installed, as a charge point keeps them (OCPP 1.6 §3.13).

The one rule: a collection is never changed; each operation gives a new one. ``payload`` is the
csChargingProfiles object as it came, which is what is kept on disk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import msgspec
from msgspec import UNSET

from gateway.errors import ProtocolViolation
from gateway.ocpp.v16.datatypes import Text
from gateway.ocpp.v16.messages import ChargingProfile, read, read_time
from gateway.ocpp.v16.timetable import Timetable, standing, timetable

CHARGE_POINT_MAX: Final = "ChargePointMaxProfile"
TX_DEFAULT: Final = "TxDefaultProfile"
TX: Final = "TxProfile"

MAX_PROFILES: Final = 100
"""Profiles that one charge point may hold; installing more is refused."""

MAX_PERIODS: Final = 500


@dataclass(frozen=True, slots=True)
class Installed:
    """One profile and where it was put; connector_id 0 is the whole charge point."""

    connector_id: int
    payload: bytes
    profile: ChargingProfile
    timetable: Timetable

    @property
    def purpose(self) -> str:
        """ChargePointMaxProfile, TxDefaultProfile or TxProfile."""
        return self.profile.charging_profile_purpose

    @property
    def binds_to(self) -> int | None:
        """The transaction that a TxProfile is for; None for whichever runs."""
        bound = self.profile.transaction_id
        return None if bound is UNSET else bound


Profiles: TypeAlias = tuple[Installed, ...]


def install(profiles: Profiles, connector_id: int, payload: bytes) -> Profiles:
    """Add a profile; one with its id, or with its purpose, stack level and connector, gives way.

    Args:
        payload: The csChargingProfiles object of a SetChargingProfile.req as JSON.

    Raises:
        ProtocolViolation: The profile cannot be carried out, and the detail says why.
    """
    profile = read(ChargingProfile, payload)
    problem = _problem(profile, connector_id)
    if problem is not None:
        raise ProtocolViolation("PropertyConstraintViolation", problem)
    whole = profile.charging_profile_purpose == CHARGE_POINT_MAX
    times = standing(profile) if whole else timetable(profile)
    new = Installed(connector_id, payload, profile, times)
    kept = tuple(old for old in profiles if not _gives_way(old, new))
    if len(kept) >= MAX_PROFILES:
        raise ProtocolViolation("GenericError", f"{MAX_PROFILES} profiles are installed already")
    return (*kept, new)


def restore(rows: Iterable[tuple[int, bytes]]) -> Profiles:
    """The collection out of (connector_id, payload) pairs, without those that cannot be read."""
    profiles: Profiles = ()
    for connector_id, payload in rows:
        try:
            profiles = install(profiles, connector_id, payload)
        except ProtocolViolation:
            continue
    return profiles


def clear(
    profiles: Profiles,
    profile_id: int | None = None,
    connector_id: int | None = None,
    purpose: str | None = None,
    stack_level: int | None = None,
) -> tuple[Profiles, bool]:
    """Remove what fits every given field; None fits all, and an id makes the others moot.

    Returns:
        The new collection, and whether anything was removed (OCPP 1.6 §5.5, errata 3.25).
    """

    def fits(entry: Installed) -> bool:
        if profile_id is not None:
            return entry.profile.charging_profile_id == profile_id
        return (
            connector_id in (None, entry.connector_id)
            and purpose in (None, entry.purpose)
            and stack_level in (None, entry.profile.stack_level)
        )

    kept = tuple(entry for entry in profiles if not fits(entry))
    return kept, len(kept) < len(profiles)


def end_transaction(profiles: Profiles, connector_id: int, running: int | None = None) -> Profiles:
    """Drop the TxProfiles of a connector: they end with its transaction.

    Args:
        running: The transaction that runs there now; what is bound to it stays.
    """
    return tuple(
        entry
        for entry in profiles
        if entry.purpose != TX
        or entry.connector_id != connector_id
        or (running is not None and entry.binds_to == running)
    )


def bound(payload: bytes, transaction_id: int) -> bytes:
    """A TxProfile that names its transaction, whatever it named before.

    One that names none would outlive a transaction whose end nobody saw.

    Raises:
        ProtocolViolation: It is not a TxProfile.
    """
    if read(ChargingProfile, payload).charging_profile_purpose != TX:
        raise ProtocolViolation("PropertyConstraintViolation", "it is not a TxProfile")
    members = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    members["transactionId"] = msgspec.Raw(msgspec.json.encode(transaction_id))
    return msgspec.json.encode(members)


def _gives_way(old: Installed, new: Installed) -> bool:
    if old.profile.charging_profile_id == new.profile.charging_profile_id:
        return True
    return (old.purpose, old.profile.stack_level, old.connector_id) == (
        new.purpose,
        new.profile.stack_level,
        new.connector_id,
    )


def _problem(profile: ChargingProfile, connector_id: int) -> str | None:
    """Why the profile cannot be carried out; None when it can."""
    return (
        _place_problem(profile, connector_id)
        or _kind_problem(profile)
        or _schedule_problem(profile)
        or _time_problem(profile)
    )


def _place_problem(profile: ChargingProfile, connector_id: int) -> str | None:
    purpose = profile.charging_profile_purpose
    if purpose not in (CHARGE_POINT_MAX, TX_DEFAULT, TX):
        return "chargingProfilePurpose is none of OCPP 1.6"
    if connector_id < 0 or profile.stack_level < 0:
        return "connectorId and stackLevel are 0 or more"
    if purpose == CHARGE_POINT_MAX and connector_id != 0:
        return "a ChargePointMaxProfile goes to connector 0"
    if purpose == TX and connector_id == 0:
        return "a TxProfile goes to one connector"
    return None


def _kind_problem(profile: ChargingProfile) -> str | None:
    kind = profile.charging_profile_kind
    if kind not in ("Absolute", "Recurring", "Relative"):
        return "chargingProfileKind is none of OCPP 1.6"
    if kind == "Recurring":
        if profile.recurrency_kind not in ("Daily", "Weekly"):
            return "a Recurring profile needs recurrencyKind Daily or Weekly"
        if profile.charging_schedule.start_schedule is UNSET:
            return "a Recurring profile needs startSchedule"
    return None


def _schedule_problem(profile: ChargingProfile) -> str | None:
    schedule = profile.charging_schedule
    starts_s = [period.start_period for period in schedule.charging_schedule_period]
    if schedule.charging_rate_unit not in ("A", "W"):
        return "chargingRateUnit is A or W"
    if not 0 < len(starts_s) <= MAX_PERIODS:
        return f"chargingSchedulePeriod has 1 to {MAX_PERIODS} entries"
    if starts_s[0] != 0 or any(b <= a for a, b in pairwise(starts_s)):
        return "startPeriod begins at 0 and ascends"
    if schedule.duration is not UNSET and schedule.duration < 0:
        return "duration is 0 or more"
    phases = (period.number_phases for period in schedule.charging_schedule_period)
    if any(count is not UNSET and not 1 <= count <= 3 for count in phases):
        return "numberPhases is 1 to 3"
    return None


def _time_problem(profile: ChargingProfile) -> str | None:
    named: tuple[tuple[str, Text], ...] = (
        ("startSchedule", profile.charging_schedule.start_schedule),
        ("validFrom", profile.valid_from),
        ("validTo", profile.valid_to),
    )
    for name, text in named:
        if text is not UNSET and read_time(text) is None:
            return f"{name} is not an instant"
    return None
