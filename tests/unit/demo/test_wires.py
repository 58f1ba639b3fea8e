import pytest

from gateway.demo.wires import MeterLoss, Wires
from gateway.site.electrical import PhaseCurrents


def fed(*loads_a: float, step_at_s: float | None = None) -> Wires:
    """One sample a second, L2 loaded as given, L1 and L3 idle."""
    wires = Wires(limit_a=80.0)
    for at_s, load_a in enumerate(loads_a):
        if step_at_s is not None and step_at_s <= at_s:
            wires.stepped(step_at_s)
            step_at_s = None
        wires.sample(float(at_s), PhaseCurrents(0.0, load_a, 0.0))
    return wires


def test_the_longest_excursion_counts_not_the_sum_of_all() -> None:
    wires = fed(70, 90, 90, 70, 90, 90, 90, 70)
    assert wires.longest_excess_s == 3.0
    assert wires.max_a == PhaseCurrents(0.0, 90.0, 0.0)
    assert not wires.is_above


def test_an_excursion_that_goes_on_counts_too() -> None:
    wires = fed(70, 90, 90)
    assert wires.longest_excess_s == 1.0
    assert wires.is_above


def test_at_the_limit_is_not_above_it() -> None:
    assert fed(80, 80, 80.01).longest_excess_s == 0.0


def test_conductors_that_take_turns_are_two_excursions() -> None:
    wires = Wires(limit_a=80.0)
    wires.sample(0.0, PhaseCurrents(90.0, 0.0, 0.0))
    wires.sample(1.0, PhaseCurrents(0.0, 90.0, 0.0))
    wires.sample(2.0, PhaseCurrents(0.0, 0.0, 0.0))
    assert wires.longest_excess_s == 1.0


def test_the_reaction_runs_from_the_step_to_the_limit() -> None:
    assert fed(70, 90, 90, 70, 70, step_at_s=0.5).reactions_s == [2.5]


def test_a_step_that_overloads_nothing_is_no_reaction() -> None:
    assert fed(50, 60, 60, 60, 90, 60, step_at_s=0.5).reactions_s == []


def test_the_fallback_runs_from_the_last_answer_to_the_first_quiet_sample() -> None:
    loss = MeterLoss(last_answer_s=10.0)
    for at_s, above in ((10.5, True), (16.0, True), (18.0, False), (20.0, True)):
        loss.sample(at_s, above_failsafe=above)
    assert loss.fallback_s == pytest.approx(8.0)


def test_a_depot_at_rest_needs_no_fallback() -> None:
    loss = MeterLoss(last_answer_s=10.0)
    loss.sample(11.0, above_failsafe=False)
    assert (loss.needed, loss.fallback_s) == (False, None)
