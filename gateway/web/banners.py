"""What deserves a banner. Nothing is said twice; what changes each second is in ``detail``."""

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.site.electrical import CONDUCTORS
from gateway.web.state import Banner, ChargePointState, CircuitState

STALLED_AFTER_S: Final = 5.0
"""A balancing cycle is due each second; this late, nobody guards the fuses."""


def silent_meter(meter: str, age_s: float | None, reason: str) -> Banner:
    """The banner for a meter without a fresh value; ``age_s`` is None when it never had one."""
    age = "no value since the start" if age_s is None else f"last value {age_s:.0f} s ago"
    return Banner("warning", "meter", f"Meter {meter} is silent.", f"{age}; {reason}".rstrip("; "))


def banners(
    circuits: Sequence[CircuitState],
    charge_points: Sequence[ChargePointState],
    silent_meters: Sequence[Banner],
    balanced_age_s: float | None,
    quiet: Sequence[str],
) -> list[Banner]:
    """Everything that a person should know at once, the worst first.

    Args:
        quiet: Identities of the charge points in quiet mode.
    """
    all_quiet = len(quiet) == len(charge_points) > 0
    return [
        *_balancing(balanced_age_s, all_quiet),
        *_overloads(circuits),
        *_failsafe(circuits),
        *silent_meters,
        *_faults(charge_points),
        *_some_quiet(() if all_quiet else quiet),
        *_cloud(charge_points),
        *_offline(charge_points),
    ]


def _balancing(age_s: float | None, quiet: bool) -> Iterator[Banner]:
    if quiet:
        yield Banner("note", "quiet", "Quiet mode: currents are watched, not limited.")
    elif age_s is None:
        yield Banner("note", "starting", "Starting: no balancing cycle yet.")
    elif age_s > STALLED_AFTER_S:
        yield Banner(
            "alarm",
            "stalled",
            "Balancing stands still; the limits in the charge points run out by themselves.",
            f"last cycle {age_s:.0f} s ago",
        )


def _some_quiet(names: Sequence[str]) -> Iterator[Banner]:
    if names:
        yield Banner(
            "note",
            "quiet",
            f"Quiet mode: currents of {_listed(names)} are watched, not limited.",
        )


def _overloads(circuits: Sequence[CircuitState]) -> Iterator[Banner]:
    for circuit in circuits:
        if circuit.load_a is None:
            continue
        over_a = {
            conductor.name: load_a - limit_a
            for conductor, load_a, limit_a in zip(
                CONDUCTORS, circuit.load_a, circuit.limit_a, strict=True
            )
            if load_a > limit_a
        }
        if over_a:
            yield Banner(
                "alarm",
                "overload",
                f"{circuit.name} is above its limit.",
                ", ".join(f"{name} by {by_a:.1f} A" for name, by_a in over_a.items()),
            )


def _failsafe(circuits: Sequence[CircuitState]) -> Iterator[Banner]:
    names = [circuit.name for circuit in circuits if circuit.failsafe]
    if names:
        yield Banner(
            "warning",
            "failsafe",
            f"Fail-safe: no fresh meter value for {_listed(names)}. "
            "Connectors there get their fail-safe current.",
        )


def _faults(charge_points: Sequence[ChargePointState]) -> Iterator[Banner]:
    for charge_point in charge_points:
        if charge_point.status == "Faulted":
            name = charge_point.identity
            yield Banner("warning", "fault", f"{name} is faulted: {charge_point.error_code}.")
        for connector in charge_point.connectors:
            if connector.status == "Faulted":
                name = f"{charge_point.identity}/{connector.connector_id}"
                yield Banner("warning", "fault", f"{name} is faulted: {connector.error_code}.")


def _cloud(charge_points: Sequence[ChargePointState]) -> Iterator[Banner]:
    mirrored = [cp.upstream for cp in charge_points if cp.upstream.state != "none"]
    away = [upstream for upstream in mirrored if upstream.state == "away"]
    if not away:
        return
    waiting = sum(upstream.waiting for upstream in mirrored)
    whom = (
        "Cloud is away"
        if len(away) == len(mirrored)
        else f"Cloud is away for {len(away)} of {len(mirrored)} charge points"
    )
    yield Banner(
        "warning",
        "cloud",
        f"{whom}. Charging goes on; nothing is lost.",
        f"{waiting} message{'' if waiting == 1 else 's'} waiting",
    )


def _offline(charge_points: Sequence[ChargePointState]) -> Iterator[Banner]:
    names = [cp.identity for cp in charge_points if not cp.online]
    if names:
        yield Banner(
            "note",
            "offline",
            f"Offline: {_listed(names)}. "
            f"{'Its' if len(names) == 1 else 'Their'} fail-safe current is reserved.",
        )


def _listed(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
