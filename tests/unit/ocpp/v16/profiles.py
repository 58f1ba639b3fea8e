"""Charging profiles for tests: Absolute from noon, in ampere, unless told otherwise."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

import msgspec

from gateway.ocpp.v16.installed_profiles import Profiles, install

NOON: Final = datetime(2026, 8, 1, 12, tzinfo=UTC)
_ids = count(1)


def after(seconds: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds)


def with_profile(
    profiles: Profiles,
    connector_id: int,
    purpose: str,
    *periods: tuple[int, float],
    unit: str = "A",
    schedule: dict[str, Any] | None = None,
    without: Sequence[str] = (),
    phases: int | None = None,
    **more: Any,
) -> Profiles:
    """``profiles`` and one more, with an id of its own."""
    named = {} if phases is None else {"numberPhases": phases}
    told: dict[str, Any] = {
        "startSchedule": "2026-08-01T12:00:00Z",
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [
            {"startPeriod": start_s, "limit": limit} | named for start_s, limit in periods
        ],
    } | (schedule or {})
    profile = {
        "chargingProfileId": next(_ids),
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {name: told[name] for name in told if name not in without},
    }
    return install(profiles, connector_id, msgspec.json.encode(profile | more))
