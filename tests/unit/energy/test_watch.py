"""Metered and unmetered circuits."""

import pytest

from gateway.energy.member import Member
from gateway.energy.tree import Tree
from gateway.energy.watch import Watch
from tests.unit.energy.depots import circuit, connector, depot, each


def watch(metered: tuple[str, ...]) -> tuple[Watch, list[Member]]:
    site = depot(
        [
            circuit("main", 63, reserve_a=10),
            circuit("hall", 32, "main", reserve_a=4),
            circuit("yard", 32, "main", reserve_a=3),
        ],
        [connector("A", "hall")],
        metered,
    )
    tree = Tree(site)
    members = [Member(tree.connectors[0], tree.rows[0], site.balancing)]
    return Watch(site, tree), members


@pytest.mark.parametrize(
    ("metered", "main_da", "hall_da"),
    [((), 170, 40), (("main",), 200, 40), (("hall",), 330, 200), (("main", "hall"), 200, 200)],
)
def test_a_circuit_counts_its_meter_else_its_reserve_and_what_it_feeds(
    metered: tuple[str, ...], main_da: int, hall_da: int
) -> None:
    one, members = watch(metered)
    for at_s in (1.0, 2.0, 3.0):
        for name in metered:
            one.sampled(name, each(20.0), at_s)
    main, hall, _ = one.uncontrolled_da(members, 3.0)
    assert (main[0], hall[0]) == (main_da, hall_da)
    assert one.stale_above() == [None, None, None]


def test_everything_below_a_silent_meter_is_stale() -> None:
    one, members = watch(("hall",))
    one.uncontrolled_da(members, 0.0)
    assert one.stale_above() == [None, "hall", None]
    both, members = watch(("main", "hall"))
    both.uncontrolled_da(members, 0.0)
    assert both.stale_above() == ["main", "hall", "main"]


def test_a_silent_meter_is_replaced_by_the_reserve() -> None:
    one, members = watch(("main",))
    for at_s in (1.0, 2.0, 3.0):
        one.sampled("main", each(50.0), at_s)
    assert one.uncontrolled_da(members, 3.0)[0][0] == 500
    assert one.uncontrolled_da(members, 8.1)[0][0] == 170


def test_samples_of_circuits_without_a_meter_are_ignored() -> None:
    one, members = watch(("main",))
    one.sampled("nowhere", each(50.0), 1.0)
    one.sampled("yard", each(50.0), 1.0)
    assert one.uncontrolled_da(members, 1.0)[2] == (30, 30, 30)
