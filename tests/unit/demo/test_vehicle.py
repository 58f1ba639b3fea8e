"""A vehicle's draw and energy, against a fine-grained integration of the same story."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.demo.vehicle import Vehicle

FAST = 1_000_000.0
"""A ramp that takes no time worth naming."""


def car(**changes: float) -> Vehicle:
    vehicle = Vehicle(phases=3, max_a=16.0)
    for name, value in changes.items():
        setattr(vehicle, name, value)
    return vehicle


def test_nothing_flows_before_a_pilot() -> None:
    vehicle = car()
    assert vehicle.draw_a(10.0) == 0.0
    assert vehicle.energy_wh(1000.0) == 0.0


def test_it_rises_after_its_delay_and_along_its_ramp() -> None:
    vehicle = car(reaction_up_s=3.0, ramp_a_per_s=4.0)
    vehicle.set_pilot(16.0, 0.0)
    assert vehicle.draw_a(3.0) == 0.0
    assert vehicle.draw_a(5.0) == pytest.approx(8.0)
    assert vehicle.draw_a(7.0) == pytest.approx(16.0)
    assert vehicle.draw_a(70.0) == pytest.approx(16.0)


def test_it_falls_after_its_shorter_delay() -> None:
    vehicle = car(reaction_up_s=3.0, reaction_down_s=1.0, ramp_a_per_s=5.0)
    vehicle.set_pilot(16.0, 0.0)
    vehicle.set_pilot(6.0, 100.0)
    assert vehicle.draw_a(101.0) == pytest.approx(16.0)
    assert vehicle.draw_a(102.0) == pytest.approx(11.0)
    assert vehicle.draw_a(103.0) == pytest.approx(6.0)


def test_a_later_cut_overtakes_a_raise_that_has_not_happened_yet() -> None:
    vehicle = car(reaction_up_s=5.0, reaction_down_s=1.0)
    vehicle.set_pilot(8.0, 0.0)
    vehicle.set_pilot(16.0, 100.0)
    vehicle.set_pilot(6.0, 101.0)
    assert max(vehicle.draw_a(100.0 + tenth / 10) for tenth in range(300)) == pytest.approx(8.0)
    assert vehicle.draw_a(140.0) == pytest.approx(6.0)


def test_a_cut_is_not_postponed_by_the_next_cut() -> None:
    vehicle = car(reaction_down_s=2.0, ramp_a_per_s=FAST)
    vehicle.set_pilot(16.0, 0.0)
    for second in range(6):
        vehicle.set_pilot(15.0 - second, 100.0 + second)
    assert vehicle.draw_a(105.5) == pytest.approx(12.0)


@pytest.mark.parametrize("pilot_a", [0.0, 5.9])
def test_below_six_ampere_it_pauses(pilot_a: float) -> None:
    vehicle = car()
    vehicle.set_pilot(16.0, 0.0)
    vehicle.set_pilot(pilot_a, 60.0)
    assert vehicle.draw_a(90.0) == 0.0


def test_one_that_needs_eight_ampere_draws_nothing_at_six() -> None:
    vehicle = car(minimum_a=8.0)
    vehicle.set_pilot(6.0, 0.0)
    assert vehicle.draw_a(60.0) == 0.0
    vehicle.set_pilot(8.0, 60.0)
    assert vehicle.draw_a(120.0) == pytest.approx(8.0)


def test_a_contactor_stops_it_at_once() -> None:
    vehicle = car()
    vehicle.set_pilot(16.0, 0.0)
    assert vehicle.draw_a(60.0) > 0
    vehicle.cut_off(60.0)
    assert vehicle.draw_a(60.0) == 0.0
    assert vehicle.draw_a(90.0) == 0.0


def test_energy_is_power_times_time() -> None:
    vehicle = car(ramp_a_per_s=FAST, reaction_up_s=0.0)
    vehicle.set_pilot(10.0, 0.0)
    assert vehicle.energy_wh(3600.0) == pytest.approx(3 * 230 * 10, rel=1e-6)


def test_it_takes_less_when_nearly_full_and_nothing_when_full() -> None:
    vehicle = car(ramp_a_per_s=FAST, reaction_up_s=0.0, battery_wh=10_000.0, charged_wh=8_000.0)
    vehicle.set_pilot(16.0, 0.0)
    assert vehicle.draw_a(60.0) == pytest.approx(16.0)
    assert vehicle.draw_a(400.0) == pytest.approx(12.0)
    assert vehicle.is_full(3600.0)
    assert vehicle.draw_a(3600.0) == 0.0
    assert vehicle.energy_wh(7200.0) == pytest.approx(2_000.0, abs=1.0)
    assert vehicle.wanted_a(7200.0) == 0.0


changes = st.lists(
    st.tuples(
        st.floats(0.1, 120.0), st.sampled_from([0.0, 6.0, 7.5, 10.0, 16.0, 32.0]), st.booleans()
    ),
    min_size=1,
    max_size=12,
)


@given(changes, st.floats(1.0, 20.0), st.floats(0.0, 60_000.0))
def test_asking_often_changes_nothing(
    story: list[tuple[float, float, bool]], ramp: float, charged_wh: float
) -> None:
    """The lazy answer equals that of a vehicle which is watched all the time."""
    lazy = car(ramp_a_per_s=ramp, charged_wh=charged_wh)
    watched = car(ramp_a_per_s=ramp, charged_wh=charged_wh)
    at_s = 0.0
    for wait_s, pilot_a, cuts in story:
        for part in range(1, 20):
            watched.draw_a(at_s + wait_s * part / 20)
        at_s += wait_s
        for vehicle in (lazy, watched):
            vehicle.set_pilot(pilot_a, at_s)
            if cuts:
                vehicle.cut_off(at_s)
    assert lazy.draw_a(at_s + 30) == pytest.approx(watched.draw_a(at_s + 30), abs=1e-6)
    assert lazy.energy_wh(at_s + 30) == pytest.approx(watched.energy_wh(at_s + 30), abs=1e-3)


@given(changes, st.floats(1.0, 20.0))
def test_it_never_draws_more_than_it_was_ever_offered(
    story: list[tuple[float, float, bool]], ramp: float
) -> None:
    vehicle = car(ramp_a_per_s=ramp, max_a=32.0)
    at_s, highest_a = 0.0, 0.0
    for wait_s, pilot_a, _ in story:
        vehicle.set_pilot(pilot_a, at_s)
        highest_a = max(highest_a, pilot_a)
        for part in range(20):
            assert 0.0 <= vehicle.draw_a(at_s + wait_s * part / 20) <= highest_a + 1e-9
        at_s += wait_s


@given(st.floats(50.0, 5_000.0), st.floats(0.0, 1.0), st.floats(1.0, 20.0))
def test_energy_equals_a_fine_sum(battery_wh: float, charge: float, ramp: float) -> None:
    def new() -> Vehicle:
        return car(battery_wh=battery_wh, charged_wh=battery_wh * charge, ramp_a_per_s=ramp)

    exact, fine = new(), new()
    sum_wh = 0.0
    for vehicle in (exact, fine):
        vehicle.set_pilot(16.0, 0.0)
    for step in range(3000):
        sum_wh += 3 * 230 * fine.draw_a(step * 0.05 + 0.025) * 0.05 / 3600
    assert exact.energy_wh(150.0) == pytest.approx(sum_wh, rel=0.01, abs=0.5)
