"""The numbers at the end of a demo, and whether they are good.

``seconds_above_limit`` is the longest excursion: the longest time without a break that any
conductor of the feeder carried more than its limit. Brief excursions are part of reacting: only one
that outlasts `REACTION_TIME_S` is a failure.
"""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from gateway.demo.judge import Verdict
from gateway.demo.wires import Wires

REACTION_TIME_S: Final = 15.0
"""An overload ends within this time (UK EREC G100 issue 2 asks for 15 s, typically)."""


class Feeder(msgspec.Struct, frozen=True):
    """The circuit at the grid connection, by what its wires truly carried."""

    limit_a: float
    max_a: tuple[float, float, float]
    seconds_above_limit: float


class Transactions(msgspec.Struct, frozen=True):
    """How many, as a `gateway.demo.judge.Verdict` counts them."""

    started: int
    in_cloud: int
    lost: int
    doubled: int
    out_of_order: int


class Latency(msgspec.Struct, frozen=True):
    """From Authorize.req to its answer, measured at the charge point; None without any."""

    p50: float | None
    p99: float | None


class Reaction(msgspec.Struct, frozen=True):
    """From a step that overloads the feeder until it is back at its limit; None without any."""

    p50: float | None
    max: float | None


class Summary(msgspec.Struct, frozen=True):
    """What ``--json`` prints.

    Args:
        meter_loss_fallback_s: From the meter's last answer until no connector drew more than its
            fail-safe current; None when that did not come to pass.
    """

    ok: bool
    feeder: Feeder
    energy_kwh: float
    transactions: Transactions
    authorize_ms: Latency
    limit_reaction_s: Reaction
    meter_loss_fallback_s: float | None


def summarise(
    wires: Wires,
    verdict: Verdict,
    energy_wh: float,
    authorize_s: Sequence[float],
    fallback_s: float | None,
    problems: Sequence[str],
) -> Summary:
    """Put the numbers together; ``problems`` are failures that none of them shows."""
    safe = wires.longest_excess_s <= REACTION_TIME_S and not wires.is_above
    return Summary(
        ok=safe and verdict.exactly_once and not problems,
        feeder=Feeder(
            wires.limit_a,
            (round(wires.max_a.l1_a, 1), round(wires.max_a.l2_a, 1), round(wires.max_a.l3_a, 1)),
            round(wires.longest_excess_s, 1),
        ),
        energy_kwh=round(energy_wh / 1000.0, 3),
        transactions=Transactions(
            verdict.started,
            verdict.in_cloud,
            len(verdict.lost),
            len(verdict.doubled),
            len(verdict.out_of_order),
        ),
        authorize_ms=Latency(
            _part([1000 * s for s in authorize_s], 0.5),
            _part([1000 * s for s in authorize_s], 0.99),
        ),
        limit_reaction_s=Reaction(_part(wires.reactions_s, 0.5), _part(wires.reactions_s, 1.0)),
        meter_loss_fallback_s=None if fallback_s is None else round(fallback_s, 1),
    )


def to_json(summary: Summary) -> str:
    """One JSON object on one line."""
    return msgspec.json.encode(summary).decode()


def to_text(summary: Summary) -> str:
    """A few lines for a person."""
    feeder, counts, reaction = summary.feeder, summary.transactions, summary.limit_reaction_s
    worst = " / ".join(f"{current_a:g}" for current_a in feeder.max_a)
    rows = {
        "transactions": f"{counts.started} started, {counts.in_cloud} in the cloud: "
        f"{counts.lost} lost, {counts.doubled} doubled, {counts.out_of_order} out of order",
        "feeder": f"{feeder.limit_a:g} A fuse; at most {worst} A on L1 / L2 / L3; "
        f"longest above the limit {feeder.seconds_above_limit:g} s",
        "overload to limit": f"{_seconds(reaction.p50)} typical, {_seconds(reaction.max)} at most "
        f"(allowed: {REACTION_TIME_S:g} s)",
        "meter lost": f"fail-safe after {_seconds(summary.meter_loss_fallback_s)}",
        "authorize": f"{_milliseconds(summary.authorize_ms.p50)} typical, "
        f"{_milliseconds(summary.authorize_ms.p99)} p99",
        "energy": f"{summary.energy_kwh:g} kWh",
    }
    verdict = "OK" if summary.ok else "FAILED"
    return "\n".join([verdict, *(f"  {name:<18}{text}" for name, text in rows.items())])


def _part(values: Sequence[float], part: float) -> float | None:
    """The smallest value that at least ``part`` of all values do not exceed, two decimals."""
    if not values:
        return None
    rank = max(1, math.ceil(part * len(values)))
    return round(sorted(values)[rank - 1], 2)


def _seconds(value_s: float | None) -> str:
    return "-" if value_s is None else f"{value_s:.1f} s"


def _milliseconds(value_ms: float | None) -> str:
    return "-" if value_ms is None else f"{value_ms:.1f} ms"
