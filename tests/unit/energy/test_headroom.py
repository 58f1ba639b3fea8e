"""The building's load, told from the vehicles'."""

from gateway.energy.headroom import Load, Uncontrolled


def feed(
    estimate: Uncontrolled,
    at_s: float,
    meter_da: int,
    surely_da: int = 0,
    maybe_da: int = 0,
    measured_da: int | None = None,
) -> int:
    measured = surely_da if measured_da is None else measured_da
    load = Load(*((one, 0, 0) for one in (meter_da, surely_da, maybe_da, measured)))
    return estimate.observe(load, at_s)[0]


def test_load_without_vehicles_is_the_building() -> None:
    assert feed(Uncontrolled((630, 630, 630)), 0.0, 100) == 100


def test_a_step_of_the_building_shows_at_once() -> None:
    estimate = Uncontrolled((630, 630, 630))
    feed(estimate, 0.0, 300, surely_da=200, maybe_da=200)
    assert feed(estimate, 1.0, 400, surely_da=200, maybe_da=200) == 200


def test_a_starting_vehicle_is_not_taken_for_the_building() -> None:
    estimate = Uncontrolled((630, 630, 630))
    feed(estimate, 0.0, 100)
    seen = [feed(estimate, 1.0 + step, 100 + 20 * step, maybe_da=160) for step in range(9)]
    assert seen == [100] * 9


def test_a_vehicle_that_stopped_opens_no_hole_while_its_meter_values_are_old() -> None:
    estimate = Uncontrolled((630, 630, 630))
    feed(estimate, 0.0, 260, surely_da=160, maybe_da=160)
    stopped = [feed(estimate, 1.0 + at, 100, surely_da=160, maybe_da=160) for at in range(10)]
    told = [feed(estimate, 11.0 + at, 100) for at in range(20)]
    assert stopped == [100] * 10
    assert told == [100] * 20


def test_a_building_that_switched_off_is_believed_after_one_interval_of_meter_values() -> None:
    estimate = Uncontrolled((630, 630, 630))
    feed(estimate, 0.0, 360, surely_da=160, maybe_da=160)
    seen = [feed(estimate, at, 210, surely_da=160, maybe_da=160) for at in range(1, 18)]
    assert seen[:14] == [200] * 14
    assert seen[-1] == 50


def test_the_building_is_never_more_than_the_meter() -> None:
    estimate = Uncontrolled((630, 630, 630))
    feed(estimate, 0.0, 400)
    seen = [feed(estimate, float(at), 100) for at in range(1, 6)]
    assert seen == [400, 400, 400, 100, 100]


def test_export_counts_as_nothing() -> None:
    assert feed(Uncontrolled((630, 630, 630)), 0.0, -50, surely_da=100) == 0


def test_a_lasting_overload_is_explained_by_meter_values_only() -> None:
    estimate = Uncontrolled((300, 300, 300))
    feed(estimate, 0.0, 100, maybe_da=250)
    seen = [feed(estimate, at, 360, maybe_da=250, measured_da=100) for at in range(1, 7)]
    assert seen == [110, 110, 110, 110, 260 + 60, 260 + 60]


def test_an_overload_that_nothing_explains_is_answered_again_and_again() -> None:
    estimate = Uncontrolled((300, 300, 300))
    feed(estimate, 0.0, 50, maybe_da=310)
    seen = [feed(estimate, at, 310, maybe_da=310, measured_da=310) for at in range(1, 14)]
    assert seen == [50] * 4 + [60] * 4 + [70] * 4 + [90]


def test_what_an_overload_cost_is_given_back_after_meter_values_have_caught_up() -> None:
    estimate = Uncontrolled((300, 300, 300))
    feed(estimate, 0.0, 0)
    for at_s in range(1, 6):
        feed(estimate, float(at_s), 310, maybe_da=310, measured_da=310)
    seen = [feed(estimate, at, 200, maybe_da=200) for at in range(6, 22)]
    assert seen[:14] == [10] * 14
    assert seen[-1] == 0


def test_noise_does_not_move_the_estimate() -> None:
    estimate = Uncontrolled((630, 630, 630))
    seen = {feed(estimate, float(at), 98 + at % 3) for at in range(60)}
    assert seen == {100}


def test_a_reset_forgets_the_past() -> None:
    estimate = Uncontrolled((630, 630, 630))
    feed(estimate, 0.0, 400)
    estimate.reset()
    assert feed(estimate, 1.0, 100) == 100
