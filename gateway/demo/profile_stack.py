"""The charging profiles inside a charge point, and the limit that they make (OCPP 1.6 §3.13).

Written without the gateway's own evaluation, so that the simulation judges the gateway by a second
reading of the specification. Instants are seconds since 1970 (UTC); the unit of a limit is ampere
per conductor once it leaves this file.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

MAX_STACK_LEVEL: Final = 10
MAX_PERIODS: Final = 24
MAX_INSTALLED: Final = 20

_RECURRENCE_S: Final = {"Daily": 86_400.0, "Weekly": 604_800.0}
_BEND_S: Final = 1e-6


@dataclass(frozen=True, slots=True)
class _Period:
    start_s: float
    limit: float
    phases: int


@dataclass(frozen=True, slots=True)
class InstalledProfile:
    """One profile as it was accepted."""

    connector_id: int
    profile_id: int
    purpose: str
    stack_level: int
    transaction_id: int | None
    kind: str
    recurrence_s: float
    valid_from: float
    valid_to: float
    start: float | None
    duration_s: float
    in_watt: bool
    periods: tuple[_Period, ...]

    def origin(self, at: float, charging_since: float) -> float:
        """Where the schedule's time 0 lies, seen from ``at``."""
        if self.kind == "Relative" or self.start is None:
            return charging_since
        if self.kind == "Recurring" and at > self.start:
            return at - (at - self.start) % self.recurrence_s
        return self.start

    def period(self, at: float, charging_since: float) -> _Period | None:
        """The period in force at ``at``; None while the profile says nothing."""
        if not self.valid_from <= at < self.valid_to:
            return None
        offset_s = at - self.origin(at, charging_since)
        if offset_s < 0 or offset_s >= min(self.duration_s, self.recurrence_s):
            return None
        return next((p for p in reversed(self.periods) if p.start_s <= offset_s), None)

    def bends(self, at: float, charging_since: float) -> Iterator[float]:
        """Instants around ``at`` at which what it says may change."""
        origin = self.origin(at, charging_since)
        yield from (self.valid_from, self.valid_to, origin, origin + self.recurrence_s)
        yield origin + self.duration_s
        for period in self.periods:
            yield origin + period.start_s


@dataclass(slots=True)
class ProfileStack:
    """Everything installed. It survives a reboot (OCPP 1.6 errata 3.37)."""

    voltage_v: float = 230.0
    installed: list[InstalledProfile] = field(default_factory=list)

    def install(
        self, connector_id: int, payload: Mapping[str, Any], transaction_id: int | None
    ) -> bool:
        """Take over a csChargingProfiles object; False when a charge point must refuse it.

        Args:
            transaction_id: The transaction that runs on the connector; None without one.
        """
        profile = _read(connector_id, payload)
        if not _allowed(profile, transaction_id):
            return False
        kept = [old for old in self.installed if not _replaces(profile, old)]
        if len(kept) >= MAX_INSTALLED:
            return False
        self.installed = [*kept, profile]
        return True

    def clear(
        self,
        profile_id: int | None = None,
        connector_id: int | None = None,
        purpose: str | None = None,
        stack_level: int | None = None,
    ) -> bool:
        """Remove what matches every criterion that is given (OCPP 1.6 §5.5); False: none did."""

        def matches(profile: InstalledProfile) -> bool:
            if profile_id is not None:
                return profile.profile_id == profile_id
            return (
                connector_id in (None, profile.connector_id)
                and purpose in (None, profile.purpose)
                and stack_level in (None, profile.stack_level)
            )

        kept = [profile for profile in self.installed if not matches(profile)]
        found = len(kept) < len(self.installed)
        self.installed = kept
        return found

    def end_transaction(self, connector_id: int) -> None:
        """TxProfiles live no longer than their transaction (OCPP 1.6 §3.13.1)."""
        self.clear(connector_id=connector_id, purpose="TxProfile")

    def limit_a(
        self, connector_id: int, at: float, charging_since: float, conductors: int
    ) -> float:
        """The limit of the transaction at ``connector_id``; infinite without any profile."""
        for purpose, owner in (
            ("TxProfile", connector_id),
            ("TxDefaultProfile", connector_id),
            ("TxDefaultProfile", 0),
        ):
            limit_a = self._prevailing_a(purpose, owner, at, charging_since, conductors)
            if limit_a is not None:
                return limit_a
        return math.inf

    def charge_point_limit_a(self, at: float, charging_since: float, conductors: int) -> float:
        """The limit of all connectors together; infinite without a ChargePointMaxProfile."""
        limit_a = self._prevailing_a("ChargePointMaxProfile", 0, at, charging_since, conductors)
        return math.inf if limit_a is None else limit_a

    def next_bend(self, connector_id: int, at: float, charging_since: float) -> float:
        """The first instant after ``at`` at which a limit of the connector may change."""
        return min(
            (
                bend
                for profile in self.installed
                if profile.connector_id in (0, connector_id)
                for bend in profile.bends(at, charging_since)
                if bend > at + _BEND_S
            ),
            default=math.inf,
        )

    def _prevailing_a(
        self, purpose: str, connector_id: int, at: float, since: float, conductors: int
    ) -> float | None:
        best: tuple[int, float] | None = None
        for profile in self.installed:
            if profile.purpose != purpose or profile.connector_id != connector_id:
                continue
            period = profile.period(at + _BEND_S, since)
            if period is not None and (best is None or profile.stack_level > best[0]):
                best = (profile.stack_level, self._ampere(profile, period, conductors))
        return None if best is None else best[1]

    def _ampere(self, profile: InstalledProfile, period: _Period, conductors: int) -> float:
        if not profile.in_watt:
            return period.limit
        return period.limit / (self.voltage_v * min(period.phases, conductors))


def _read(connector_id: int, payload: Mapping[str, Any]) -> InstalledProfile:
    schedule: Mapping[str, Any] = payload["chargingSchedule"]
    return InstalledProfile(
        connector_id=connector_id,
        profile_id=payload["chargingProfileId"],
        purpose=payload["chargingProfilePurpose"],
        stack_level=payload["stackLevel"],
        transaction_id=payload.get("transactionId"),
        kind=payload["chargingProfileKind"],
        recurrence_s=_RECURRENCE_S.get(payload.get("recurrencyKind", ""), math.inf),
        valid_from=_instant(payload.get("validFrom"), -math.inf),
        valid_to=_instant(payload.get("validTo"), math.inf),
        start=_instant(schedule["startSchedule"], 0.0) if "startSchedule" in schedule else None,
        duration_s=schedule.get("duration", math.inf),
        in_watt=schedule["chargingRateUnit"] == "W",
        periods=tuple(
            _Period(period["startPeriod"], period["limit"], period.get("numberPhases", 3))
            for period in schedule["chargingSchedulePeriod"]
        ),
    )


def _instant(text: str | None, default: float) -> float:
    return default if text is None else datetime.fromisoformat(text).timestamp()


def _allowed(profile: InstalledProfile, transaction_id: int | None) -> bool:
    if profile.stack_level > MAX_STACK_LEVEL or not 0 < len(profile.periods) <= MAX_PERIODS:
        return False
    if profile.purpose == "ChargePointMaxProfile":
        return profile.connector_id == 0
    if profile.purpose == "TxProfile":
        return (
            profile.connector_id > 0
            and transaction_id is not None
            and profile.transaction_id in (None, transaction_id)
        )
    return True


def _replaces(new: InstalledProfile, old: InstalledProfile) -> bool:
    if new.profile_id == old.profile_id:
        return True
    return (new.purpose, new.stack_level, new.connector_id) == (
        old.purpose,
        old.stack_level,
        old.connector_id,
    )
