"""The laws of a depot, for an hour and more, over many seeds, with everything going wrong.

A failure names its seed and the minute; ``play(seed)`` repeats it exactly.
"""

import pytest

from tests.simulation.play import Outcome, play
from tests.simulation.story import HOUR_S

SEEDS = range(50)
QUARTER_S = HOUR_S / 4


def check(seed: str, outcome: Outcome) -> None:
    assert not outcome.findings, f"seed {seed}:\n" + "\n".join(outcome.findings)
    assert outcome.transactions > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_an_hour_of_trouble_breaks_no_law(seed: int) -> None:
    check(str(seed), play(str(seed)))


@pytest.mark.parametrize("seed", range(4))
def test_no_law_relies_on_the_order_of_what_happens_at_the_same_instant(seed: int) -> None:
    name = f"shuffled {seed}"
    check(name, play(name, shuffle=seed))


@pytest.mark.parametrize("seed", range(4))
def test_a_wall_clock_that_jumps_costs_nothing_but_time(seed: int) -> None:
    """Leases err low: vehicles may be paused, but fuses hold and nothing is lost."""
    outcome = play(f"jumps {seed}", jumps=True)
    findings = [finding for finding in outcome.findings if "paused" not in finding]
    assert not findings, f"seed {seed}:\n" + "\n".join(findings)


@pytest.mark.parametrize("seed", range(2))
def test_the_same_seed_gives_the_same_trace(seed: int) -> None:
    first, second = (play(f"twice {seed}", QUARTER_S) for _ in range(2))
    assert first == second
    assert first.frames > 1000


def test_so_it_does_in_the_hostile_order() -> None:
    first, second = (play("twice shuffled", QUARTER_S, shuffle=1) for _ in range(2))
    assert first == second


def test_another_seed_gives_another_trace() -> None:
    assert play("one", QUARTER_S).trace != play("other", QUARTER_S).trace


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(3))
def test_a_day_of_trouble_breaks_no_law(seed: int) -> None:
    name = f"day {seed}"
    check(name, play(name, 24 * HOUR_S))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100))
def test_an_hour_of_trouble_breaks_no_law_over_a_hundred_more_seeds(seed: int) -> None:
    name = f"long {seed}"
    check(name, play(name, shuffle=seed if seed % 2 else None))
