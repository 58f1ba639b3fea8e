"""What the rounds found of one server, and the rows and verdicts that follow from three of them.

Medians are taken over rounds, so that a round in which the machine was busy counts for little.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.bench.loads import Taken
from tests.bench.memory import PerConnection
from tests.bench.report import Row, Verdict, percentile
from tests.bench.script import DURABLE
from tests.bench.servers import ECHO, OURS, PACKAGE

ALL: Final = "all messages"
QUICK: Final = ("Heartbeat", "Authorize", "StatusNotification", "MeterValues")
LASTING: Final = ("StartTransaction", "StopTransaction")

MOST_TO_ECHO: Final = 1.5
LEAST_TO_PACKAGE: Final = 10.0
MOST_IDLE_BYTES: Final = 20_000


@dataclass(slots=True)
class Figures:
    """Measurements of one server: by load, and within it by action."""

    memory: PerConnection
    times_s: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    p50_s: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    p99_s: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    cpu_s: dict[str, list[float]] = field(default_factory=dict)

    def add(self, load: str, taken: Taken, cpu_s: float) -> None:
        """Take in what one round found under one load."""
        by_action: dict[str, list[float]] = {ALL: [took_s for _, took_s in taken]}
        for action, took_s in taken:
            by_action.setdefault(action, []).append(took_s)
        for action, times_s in by_action.items():
            ordered = sorted(times_s)
            for kept, found in (
                (self.times_s, ordered),
                (self.p50_s, [percentile(ordered, 50)]),
                (self.p99_s, [percentile(ordered, 99)]),
            ):
                kept.setdefault(load, {}).setdefault(action, []).extend(found)
        self.cpu_s.setdefault(load, []).append(cpu_s / len(taken))


def rows(figures: Mapping[str, Figures], loads: Sequence[str], busy: str) -> Iterator[Row]:
    """Every quantity of the three servers side by side.

    Args:
        loads: Those under which a server has time to spare.
        busy: The one under which it has none; what a CALL waits there is a matter of the queue.
    """
    for load in loads:
        yield from _times(figures, load, (ALL, *QUICK), load)
    for load in loads:
        yield from _times(figures, load, LASTING, f"{load}, durable in ours")
    for load in (*loads, busy):
        cpu = {name: _median(found.cpu_s[load]) * 1e6 for name, found in figures.items()}
        yield _row("server CPU", load, "ms per 1000 CALLs", cpu)
    for what in ("idle", "used"):
        label = "idle" if what == "idle" else "after a session"
        memory = {name: getattr(found.memory, what) / 1000 for name, found in figures.items()}
        yield _row("memory of a connection", label, "kB", memory)


def _times(
    figures: Mapping[str, Figures], load: str, actions: Sequence[str], group: str
) -> Iterator[Row]:
    for action in actions:
        for name in ("p50", "p99") if action == ALL or action in DURABLE else ("p50",):
            times_us = {
                who: _median(getattr(found, f"{name}_s")[load][action]) * 1e6
                for who, found in figures.items()
            }
            yield _row(group, f"{action} {name}", "us", times_us)


def _row(group: str, what: str, unit: str, by_server: Mapping[str, float]) -> Row:
    echo, package, ours = (round(by_server[name], 2) for name in (ECHO, PACKAGE, OURS))
    return Row(group, what, unit, echo, package, ours)


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def verdicts(found: Sequence[Row], loads: Sequence[str], busy: str) -> tuple[Verdict, ...]:
    """The three goals.

    On response times the load decides under which we look worst. On CPU the busy one does: under
    the others most of it is waking up, which every server pays alike; the worst of them is told.
    """
    of = {(row.group, row.what): row for row in found}
    slowest = max((of[load, f"{ALL} p50"] for load in loads), key=lambda row: row.to_echo)
    quick = [of[load, f"{action} p50"] for load in loads for action in QUICK]
    worst = max(quick, key=lambda row: row.to_echo)
    cpu = of["server CPU", busy]
    least = min((of["server CPU", load] for load in loads), key=lambda row: row.package_to_ours)
    idle = of["memory of a connection", "idle"]
    return (
        Verdict(
            f"p50 within {MOST_TO_ECHO:g} times the echo",
            slowest.to_echo <= MOST_TO_ECHO,
            f"{slowest.to_echo:.2f} over all messages ({slowest.group}); of one action at most "
            f"{worst.to_echo:.2f} ({worst.what.split()[0]}, {worst.group}), without those that are "
            "durable",
        ),
        Verdict(
            f"at least {LEAST_TO_PACKAGE:g} times less CPU than the ocpp package's server",
            cpu.package_to_ours >= LEAST_TO_PACKAGE,
            f"{cpu.package_to_ours:.1f} times less ({cpu.what}); at the least "
            f"{least.package_to_ours:.1f} ({least.what})",
        ),
        Verdict(
            f"at most {MOST_IDLE_BYTES // 1000} kB of memory per idle connection",
            idle.ours * 1000 <= MOST_IDLE_BYTES,
            f"{idle.ours:.1f} kB",
        ),
    )
