"""What a vehicle leaves of its offer."""

import math

from gateway.energy.wish import Wish


def idle(drawn_da: int, offer_da: int, *, until_s: int, wish: Wish | None = None) -> Wish:
    wish = wish or Wish()
    for at_s in range(0, until_s + 1, 10):
        wish.measured(drawn_da, offer_da, -math.inf, float(at_s))
    return wish


def test_a_vehicle_that_leaves_more_than_two_ampere_for_thirty_seconds_wants_less() -> None:
    assert idle(100, 160, until_s=20).limit_da is None
    assert idle(100, 160, until_s=30).limit_da == 120


def test_leaving_two_ampere_is_nothing() -> None:
    assert idle(140, 160, until_s=60).limit_da is None


def test_nobody_is_asked_for_less_than_six_ampere() -> None:
    assert idle(0, 160, until_s=30).limit_da == 60


def test_a_paused_vehicle_is_not_judged() -> None:
    assert idle(0, 0, until_s=60).limit_da is None


def test_coming_close_to_the_offer_restores_the_full_wish() -> None:
    wish = idle(100, 160, until_s=30)
    wish.measured(109, 120, -math.inf, 40.0)
    assert wish.limit_da == 120
    wish.measured(110, 120, -math.inf, 50.0)
    assert wish.limit_da is None


def test_time_to_ramp_up_does_not_count() -> None:
    wish = Wish()
    for at_s in (30.0, 40.0, 50.0, 60.0):
        wish.measured(60, 160, 25.0, at_s)
    assert wish.limit_da is None
    wish.measured(60, 160, 25.0, 65.0)
    assert wish.limit_da == 80


def test_all_is_offered_again_after_ten_minutes() -> None:
    wish = idle(100, 160, until_s=30)
    wish.probe(629.0)
    assert wish.limit_da == 120
    wish.probe(630.0)
    assert wish.limit_da is None
