"""When a raise may go out."""

import pytest

from gateway.energy.stability import RaiseHold, retry_pause_s


def test_a_raise_waits_until_it_was_free_for_the_hold_time() -> None:
    hold = RaiseHold(10.0)
    seen = []
    for at_s in range(12):
        hold.observe(60, 160, float(at_s))
        seen.append(hold.free_da(60, float(at_s), fresh=False))
    assert seen == [0] * 10 + [160, 160]


def test_a_raise_goes_no_higher_than_what_was_free_all_the_time() -> None:
    hold = RaiseHold(10.0)
    for at_s in range(11):
        hold.observe(60, 100 if at_s == 5 else 160, float(at_s))
    assert hold.free_da(60, 10.0, fresh=False) == 100


def test_a_dip_begins_the_wait_anew() -> None:
    hold = RaiseHold(10.0)
    for at_s in range(11):
        hold.observe(60, 69 if at_s == 5 else 160, float(at_s))
    assert hold.free_da(60, 10.0, fresh=False) == 0


def test_less_than_one_ampere_is_not_worth_a_raise() -> None:
    hold = RaiseHold(10.0)
    for at_s in range(30):
        hold.observe(60, 69, float(at_s))
    assert hold.free_da(60, 29.0, fresh=False) == 0


@pytest.mark.parametrize(("offer_da", "fresh", "free_da"), [(60, True, 160), (0, False, 60)])
def test_a_fresh_or_paused_vehicle_waits_two_seconds(
    offer_da: int, fresh: bool, free_da: int
) -> None:
    hold = RaiseHold(10.0)
    seen = []
    for at_s in range(3):
        hold.observe(offer_da, 160, float(at_s))
        seen.append(hold.free_da(offer_da, float(at_s), fresh=fresh))
    assert seen == [0, 0, free_da]


def test_raises_are_five_seconds_apart() -> None:
    hold = RaiseHold(2.0)
    hold.raised(0.0)
    for at_s in range(6):
        hold.observe(60, 160, float(at_s))
    assert hold.free_da(60, 4.9, fresh=False) == 0
    assert hold.free_da(60, 5.0, fresh=False) == 160


def test_pauses_after_failures_grow_up_to_a_minute() -> None:
    assert [retry_pause_s(n) for n in (1, 2, 3, 9, 5000)] == [5.0, 10.0, 20.0, 60.0, 60.0]
