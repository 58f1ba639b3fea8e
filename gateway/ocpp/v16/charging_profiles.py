"""The charging profiles that we put into a charge point: a standing fail-safe, and leases over it.

The one rule: whatever stops refreshing a lease, the current falls to fail-safe by itself, and any
error of a clock errs low (OCPP 1.6 §3.13).
"""

from datetime import datetime, timedelta
from typing import Final

from gateway.ocpp.v16.messages import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    SetChargingProfileRequest,
    encode,
    wire_time,
)
from gateway.site.electrical import to_a

STANDING_PROFILE_ID: Final = 1
LEASE_PROFILE_ID: Final = 100
"""A lease's id is this plus the connectorId, always the same: the newer replaces the older."""

LEASE_STACK_LEVEL: Final = 1
BACKDATED_S: Final = 60
"""How far a charge point's clock may lag before a fresh lease would not be in force yet."""

_LONG_AGO: Final = "1970-01-01T00:00:00.000Z"
"""In force whatever the clock shows, also one that lost its time."""


def standing_profile(failsafe_da: int, connector_id: int = 0) -> bytes:
    """SetChargingProfile.req of the TxDefaultProfile that holds when nobody says otherwise.

    It never changes and never ends, so that it is written to flash memory once.

    Args:
        failsafe_da: Limit per conductor, in deci-ampere.
        connector_id: 0 stands for every connector.
    """
    profile = ChargingProfile(
        charging_profile_id=STANDING_PROFILE_ID,
        stack_level=0,
        charging_profile_purpose="TxDefaultProfile",
        charging_profile_kind="Absolute",
        charging_schedule=ChargingSchedule(
            start_schedule=_LONG_AGO,
            charging_rate_unit="A",
            charging_schedule_period=(_period(0, failsafe_da),),
        ),
    )
    return _request(connector_id, profile)


def lease(
    connector_id: int,
    transaction_id: int,
    limit_da: int,
    failsafe_da: int,
    now: datetime,
    lease_s: float,
    stack_level: int = LEASE_STACK_LEVEL,
) -> bytes:
    """SetChargingProfile.req that limits a transaction for ``lease_s`` and then to fail-safe.

    A charge point whose clock runs ahead falls to fail-safe early; one whose clock lags by more
    than `BACKDATED_S` still obeys the standing profile.

    Args:
        transaction_id: As the charge point knows it.
        limit_da: Limit per conductor, in deci-ampere; 0 pauses.
        lease_s: More than 0; fractions of a second are dropped.
    """
    profile = ChargingProfile(
        charging_profile_id=LEASE_PROFILE_ID + connector_id,
        transaction_id=transaction_id,
        stack_level=stack_level,
        charging_profile_purpose="TxProfile",
        charging_profile_kind="Absolute",
        charging_schedule=ChargingSchedule(
            start_schedule=wire_time(now - timedelta(seconds=BACKDATED_S)),
            charging_rate_unit="A",
            charging_schedule_period=(
                _period(0, limit_da),
                _period(BACKDATED_S + int(lease_s), failsafe_da),
            ),
        ),
    )
    return _request(connector_id, profile)


def _period(start_s: int, limit_da: int) -> ChargingSchedulePeriod:
    return ChargingSchedulePeriod(start_period=start_s, limit=to_a(limit_da))


def _request(connector_id: int, profile: ChargingProfile) -> bytes:
    return encode(
        SetChargingProfileRequest(connector_id=connector_id, cs_charging_profiles=profile)
    )
