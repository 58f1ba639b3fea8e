"""Charging profiles as the operator types them, and what the tester asks of those that arrive."""

from typing import Any, Final

from tests.conformance.station import instant

DAY_S: Final = 86_400
DURATION_S: Final = 300
ONE_PHASE: Final = 1
LIMITS: Final = {"A": 6.0, "W": 6000.0}
"""By unit, as the test document wants them."""

_BOUNDS: Final = frozenset({"validFrom", "validTo"})


def schedule(unit: str = "A", *, absolute: bool = True) -> dict[str, Any]:
    """One period."""
    period = {"startPeriod": 0, "limit": LIMITS[unit], "numberPhases": ONE_PHASE}
    return {
        "duration": DURATION_S,
        **({"startSchedule": instant()} if absolute else {}),
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [period],
    }


def profile(
    profile_id: int,
    purpose: str = "TxDefaultProfile",
    *,
    unit: str = "A",
    stack_level: int = 1,
    kind: str = "Absolute",
    transaction_id: int | None = None,
) -> dict[str, Any]:
    """A profile; an absolute one is valid for a day."""
    absolute = kind == "Absolute"
    valid = {"validFrom": instant(), "validTo": instant(DAY_S)} if absolute else {}
    return {
        "chargingProfileId": profile_id,
        **({} if transaction_id is None else {"transactionId": transaction_id}),
        "stackLevel": stack_level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        **valid,
        "chargingSchedule": schedule(unit, absolute=absolute),
    }


def has_kind(found: dict[str, Any], *kinds: str) -> None:
    """One of ``kinds``, with exactly the bounds that belong to it, and no recurrence."""
    sent = found["chargingSchedule"]
    assert found["chargingProfileKind"] in kinds
    assert "recurrencyKind" not in found
    if found["chargingProfileKind"] == "Absolute":
        assert found.keys() >= _BOUNDS
        assert sent.keys() >= {"startSchedule", "duration"}
    else:
        assert "startSchedule" not in sent


def has_first_period(found: dict[str, Any], unit: str) -> None:
    """The schedule of `schedule`."""
    sent = found["chargingSchedule"]
    assert (sent["chargingRateUnit"], sent["duration"]) == (unit, DURATION_S)
    assert sent["chargingSchedulePeriod"][0] == {
        "startPeriod": 0,
        "limit": LIMITS[unit],
        "numberPhases": ONE_PHASE,
    }
