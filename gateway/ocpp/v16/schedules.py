"""What installed charging profiles allow at an instant (OCPP 1.6 §3.13 and its errata).

The one rule: of the profiles that apply to a connector, the first in order of precedence that has a
period in force prevails. No such profile, no limit.

1. A TxProfile of the running transaction goes before every TxDefaultProfile, and one for the
   connector before one for connector 0 (§3.13.1); among equals the higher stack level goes first.
2. A profile with a gap, because it is not valid yet or no longer, not begun, or executed to the
   end of its duration, lets the next one through (errata 3.43). OCPP does not say whether the gap
   of a TxProfile, or of a TxDefaultProfile for the connector, uncovers the TxDefaultProfile below
   it. Here it does: the other reading would leave a vehicle without any limit.
3. A ChargePointMaxProfile takes no part in that. It bounds the sum of all connectors (§3.13.3).
4. A limit in ampere is per phase, one in watt the total. They convert with the nominal voltage and
   the phases of the period, 3 when it names none (§7.12). Where the connector has fewer, the limit
   is used as it is for those that it has (errata 3.34).
5. minChargingRate is advice for whoever makes profiles; it limits nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec import UNSET

from gateway.ocpp.v16.installed_profiles import (
    CHARGE_POINT_MAX,
    TX,
    TX_DEFAULT,
    Installed,
    Profiles,
)
from gateway.ocpp.v16.messages import ChargingSchedulePeriod
from gateway.ocpp.v16.timetable import FOREVER_US, micros

_PHASES_UNLESS_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Session:
    """A connector and what it is doing, as far as profiles care.

    Args:
        started_at: When its transaction began. None without one: then schedules that count from
            the start of charging are read as if it began at the instant asked for.
        transaction_id: The transaction's id in the words of whoever set the profiles.
        voltage_v: Nominal, between a phase and neutral.
        phases: Phases of the connector, 1 to 3.
        upper_a: What it may draw per phase whatever the profiles say.
    """

    started_at: datetime | None
    transaction_id: int | None
    voltage_v: float
    phases: int
    upper_a: float = math.inf


def limit_a(profiles: Profiles, connector_id: int, at: datetime, session: Session) -> float | None:
    """What TxProfile and TxDefaultProfile allow a connector, per phase; None without a limit."""
    at_us = micros(at)
    entries = heeded(profiles, connector_id, session)
    entry, period, _ = prevailing(entries, at_us, charging_from_us(session, at_us))
    if entry is None or period is None:
        return None
    return converted(entry, period, "A", session.voltage_v, session.phases)


def charge_point_limit_a(
    profiles: Profiles, at: datetime, voltage_v: float, phases: int = 3
) -> float | None:
    """What ChargePointMaxProfile allows all connectors together, per phase; None without a limit.

    Args:
        phases: Phases of the charge point: of the connector that has most.
    """
    at_us = micros(at)
    entry, period, _ = prevailing(heeded_by_all(profiles), at_us, at_us)
    if entry is None or period is None:
        return None
    return converted(entry, period, "A", voltage_v, phases)


def charging_from_us(session: Session, at_us: int) -> int:
    """The start of charging, seen from ``at_us``: never later, whatever a clock did since."""
    return at_us if session.started_at is None else min(micros(session.started_at), at_us)


def heeded(profiles: Profiles, connector_id: int, session: Session) -> list[Installed]:
    """The profiles that apply to a connector, those that go before others first."""
    found = [
        entry
        for entry in profiles
        if entry.connector_id in (connector_id, 0) and _applies(entry, session)
    ]
    found.sort(key=_precedence, reverse=True)
    return found


def heeded_by_all(profiles: Profiles) -> list[Installed]:
    """The profiles for the charge point as a whole, the highest stack level first."""
    found = [entry for entry in profiles if entry.purpose == CHARGE_POINT_MAX]
    found.sort(key=_precedence, reverse=True)
    return found


def prevailing(
    entries: Sequence[Installed], at_us: int, began_us: int
) -> tuple[Installed | None, ChargingSchedulePeriod | None, int]:
    """The first of ``entries`` that has a period in force, that period, and until when.

    Until then at least, the period stays and no earlier entry takes over.

    Args:
        began_us: The start of charging.
    """
    until_us = FOREVER_US
    for entry in entries:
        period, same_until_us = entry.timetable.at(at_us, began_us)
        until_us = min(until_us, same_until_us)
        if period is not None:
            return entry, period, until_us
    return None, None, until_us


def converted(
    entry: Installed, period: ChargingSchedulePeriod, unit: str, voltage_v: float, phases: int
) -> float:
    """The period's limit in ``unit``: A per phase, or W in total, with ``phases`` at hand."""
    told_unit = entry.profile.charging_schedule.charging_rate_unit
    if told_unit == unit:
        return period.limit
    told = _PHASES_UNLESS_TOLD if period.number_phases is UNSET else period.number_phases
    watt_per_ampere = voltage_v * min(told, phases)
    return period.limit / watt_per_ampere if unit == "A" else period.limit * watt_per_ampere


def _applies(entry: Installed, session: Session) -> bool:
    if entry.purpose == TX:
        running = session.started_at is not None
        return running and entry.binds_to in (None, session.transaction_id)
    return entry.purpose == TX_DEFAULT


def _precedence(entry: Installed) -> tuple[bool, int, int]:
    return entry.purpose == TX, entry.connector_id, entry.profile.stack_level
