"""From measurements to rows, and from rows to verdicts."""

import pytest

from tests.bench.figures import ALL, LASTING, QUICK, Figures, rows, verdicts
from tests.bench.loads import Taken
from tests.bench.memory import PerConnection
from tests.bench.report import Row, Verdict

LOADS = ("calm", "brisk")
BUSY = "busy"


def figures(quick_s: float, cpu_s: float, idle: float, brisk_s: float | None = None) -> Figures:
    """Those of a server that takes ``quick_s`` for every message, under one load perhaps longer."""
    found = Figures(PerConnection(idle, 2 * idle))
    for load, took_s in zip((*LOADS, BUSY), (quick_s, brisk_s or quick_s, 1.0), strict=True):
        taken: Taken = [(action, took_s) for action in (*QUICK, *LASTING)]
        found.add(load, taken, cpu_s * len(taken))
    return found


def judged(ours: Figures) -> tuple[Verdict, ...]:
    """The verdicts on ``ours`` beside an echo of 100 us and a package of 1 ms CPU a CALL."""
    echo, package = figures(1e-4, 2e-5, 16_000), figures(1e-3, 1e-3, 22_000)
    return verdicts(compared(echo, package, ours), LOADS, BUSY)


def compared(echo: Figures, package: Figures, ours: Figures) -> list[Row]:
    """The rows of three servers."""
    return list(rows({"echo": echo, "package": package, "ours": ours}, LOADS, BUSY))


def test_all_goals_are_met_at_their_very_limits() -> None:
    assert [verdict.met for verdict in judged(figures(1.5e-4, 1e-4, 20_000))] == [True, True, True]


def test_each_goal_is_missed_on_its_own() -> None:
    assert [verdict.met for verdict in judged(figures(1.6e-4, 1e-4, 20_000))] == [False, True, True]
    assert [verdict.met for verdict in judged(figures(1.5e-4, 2e-4, 20_000))] == [True, False, True]
    assert [verdict.met for verdict in judged(figures(1.5e-4, 1e-4, 20_500))] == [True, True, False]


def test_the_load_under_which_we_look_worst_decides() -> None:
    verdict = judged(figures(1e-4, 1e-5, 10_000, brisk_s=3e-4))[0]
    assert not verdict.met
    assert verdict.found.startswith("3.00 over all messages (brisk)")


def test_a_disturbed_round_does_not_move_the_median_of_three() -> None:
    ours = Figures(PerConnection(1.0, 1.0))
    for took_s in (1e-4, 9e-1, 2e-4):
        for load in (*LOADS, BUSY):
            ours.add(load, [(action, took_s) for action in (*QUICK, *LASTING)], 1e-3)
    found = compared(figures(1e-4, 1e-5, 1.0), figures(1e-4, 1e-5, 1.0), ours)
    assert {row.ours for row in found if row.what == f"{ALL} p50"} == {200.0}


def test_cpu_is_told_per_thousand_calls() -> None:
    found = compared(*(figures(1e-4, cpu_s, 1.0) for cpu_s in (2e-5, 1e-3, 1e-4)))
    row = next(row for row in found if row.group == "server CPU")
    assert (row.echo, row.package, row.ours) == pytest.approx((20.0, 1000.0, 100.0))


def test_durable_messages_stand_apart_and_count_among_all() -> None:
    found = compared(*(figures(1e-4, 1e-5, 1.0) for _ in range(3)))
    apart = {row.what.split()[0] for row in found if row.group == "calm, durable in ours"}
    assert apart == set(LASTING)
    ours = figures(1e-4, 1e-5, 1.0)
    assert len(ours.times_s["calm"][ALL]) == len(QUICK) + len(LASTING)


def test_the_busy_load_decides_on_cpu_and_the_worst_of_the_others_is_told() -> None:
    ours = figures(1e-4, 5e-4, 1.0)
    ours.cpu_s[BUSY] = [1e-4]
    verdict = judged(ours)[1]
    assert verdict.met
    assert verdict.found == "10.0 times less (busy); at the least 2.0 (calm)"
