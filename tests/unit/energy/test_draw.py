"""Bounds of a vehicle's draw."""

from gateway.energy.draw import Draw
from gateway.site.electrical import CONDUCTORS, PhaseCurrents

NOTHING = (0, 0, 0)


def drawing(current_a: float, at_s: float) -> Draw:
    draw = Draw(CONDUCTORS)
    draw.moved_s = draw.changed_s = 0.0
    draw.measure(PhaseCurrents(current_a, 0.0, 0.0), at_s)
    draw.measure(PhaseCurrents(current_a, 0.0, 0.0), at_s)
    return draw


def test_before_the_first_meter_values_everything_is_possible() -> None:
    draw = Draw(CONDUCTORS[:1])
    assert draw.surely_da(160, 0.0) == NOTHING
    assert draw.maybe_da(160, 0.0) == (160, 0, 0)
    assert draw.measured_da(160, 0.0) == NOTHING


def test_a_settled_vehicle_draws_what_it_drew() -> None:
    draw = drawing(12.0, at_s=20.0)
    assert draw.surely_da(160, 25.0) == draw.maybe_da(160, 25.0) == (120, 0, 0)


def test_meter_values_from_the_ramp_leave_room_up_to_the_limit() -> None:
    draw = drawing(3.0, at_s=9.0)
    assert draw.surely_da(160, 12.0) == (30, 0, 0)
    assert draw.maybe_da(160, 12.0) == (160, 160, 160)


def test_old_meter_values_say_nothing() -> None:
    draw = drawing(12.0, at_s=20.0)
    assert draw.surely_da(160, 35.1) == NOTHING
    assert draw.maybe_da(160, 35.1) == (160, 160, 160)


def test_a_draw_counts_no_higher_than_the_limits_allow() -> None:
    draw = drawing(16.0, at_s=20.0)
    assert draw.surely_da(60, 25.0) == (60, 0, 0)
    assert draw.maybe_da(100, 25.0) == (100, 0, 0)


def test_new_meter_values_may_be_younger_than_the_sample_in_hand() -> None:
    draw = drawing(16.0, at_s=20.0)
    draw.measure(PhaseCurrents(0.0, 0.0, 0.0), 30.0)
    assert (draw.surely_da(160, 31.0), draw.maybe_da(160, 31.0)) == (NOTHING, (160, 0, 0))
    assert draw.maybe_da(160, 33.0) == NOTHING


def test_a_vehicle_that_draws_more_than_its_limit_is_found_out() -> None:
    draw = drawing(16.0, at_s=9.0)
    assert draw.excess_da(100, 9.0) == 0
    draw.measure(PhaseCurrents(16.0, 0.0, 0.0), 10.0)
    assert draw.excess_da(100, 10.0) == 60
    assert draw.excess_da(150, 10.0) == 0


def test_a_new_transaction_forgets_what_was_drawn() -> None:
    draw = drawing(16.0, at_s=20.0)
    draw.forget()
    assert (draw.known(20.0), draw.currents, draw.worst_da()) == (False, None, 0)
