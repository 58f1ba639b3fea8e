"""From targets to commands."""

from gateway.energy.member import Member
from gateway.energy.steering import Steered, steer
from gateway.site.depot import BalancingRules
from tests.unit.energy.depots import connector


def member(name: str, limit_da: int) -> Member:
    """Online, at a confirmed limit since 0 s."""
    one = Member(connector(name), (0,), BalancingRules(raise_hold_s=3.0))
    one.limits.online = one.limits.standing = True
    one.began(1, -20.0, None)
    one.sent(limit_da, -10.0)
    one.confirmed(-10.0)
    return one


def steered(one: Member, target_da: int, now_s: float) -> Steered:
    demand = one.demand(now_s, None, None, None)
    return Steered(one, demand, target_da, one.counted_da(now_s))


def cycle(now_s: float, left_da: list[int], **targets: tuple[Member, int]) -> dict[str, int]:
    everyone = [steered(one, target_da, now_s) for one, target_da in targets.values()]
    return {c.key.identity: c.limit_da for c in steer(everyone, left_da, now_s)}


def test_a_cut_goes_out_at_once_however_small() -> None:
    assert cycle(0.0, [0], a=(member("A", 160), 159)) == {"A": 159}


def test_a_raise_waits_for_the_hold_and_then_for_room() -> None:
    one = member("A", 100)
    assert cycle(0.0, [0], a=(one, 160)) == {}
    assert cycle(3.0, [0], a=(one, 160)) == {}
    left = [25]
    assert cycle(4.0, left, a=(one, 160)) == {"A": 125}
    assert left == [0]


def test_cuts_come_before_raises() -> None:
    low, high = member("A", 100), member("B", 160)
    cycle(0.0, [100], a=(low, 160))
    commands = cycle(3.0, [100], a=(low, 160), b=(high, 100))
    assert list(commands.items()) == [("B", 100), ("A", 160)]


def test_a_paused_vehicle_is_raised_before_others() -> None:
    paused, low = member("B", 0), member("A", 60)
    cycle(0.0, [80], a=(low, 120), b=(paused, 60))
    assert cycle(3.0, [80], a=(low, 120), b=(paused, 60)) == {"B": 60, "A": 80}


def test_nothing_is_sent_while_a_limit_is_on_its_way() -> None:
    one = member("A", 160)
    one.sent(150, 0.0)
    assert cycle(1.0, [0], a=(one, 60)) == {}
    one.confirmed(2.0)
    assert cycle(2.0, [0], a=(one, 60)) == {"A": 60}


def test_a_lease_is_renewed_at_half_its_life() -> None:
    one = member("A", 160)
    assert cycle(49.0, [0], a=(one, 160)) == {}
    assert cycle(50.0, [0], a=(one, 160)) == {"A": 160}


def test_a_refused_limit_is_tried_again_after_a_pause() -> None:
    one = member("A", 160)
    assert cycle(0.0, [0], a=(one, 100)) == {"A": 100}
    one.limits.fail(1.0)
    assert cycle(5.0, [0], a=(one, 100)) == {}
    assert cycle(6.0, [0], a=(one, 100)) == {"A": 100}


def test_no_raise_into_an_overloaded_row_even_within_what_it_counts_at() -> None:
    one = member("A", 160)
    one.sent(60, 0.0)
    one.limits.fail(0.5)
    one.sent(60, 6.0)
    one.confirmed(6.0)
    assert one.counted_da(8.0) == 160
    cycle(6.0, [-10], a=(one, 120))
    assert cycle(9.5, [-10], a=(one, 120)) == {}
