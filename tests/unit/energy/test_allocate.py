"""Who charges at all, and with what reason."""

from typing import Any

from gateway.energy.allocate import allocate
from gateway.energy.offers import Reason, Why
from gateway.energy.snapshot import Demand, Row
from gateway.site.depot import ConnectorKey

HALL = Reason(Why.SHARED, "hall L2")


def demand(name: str, rows: tuple[int, ...] = (0,), wanted_da: int = 320, **more: Any) -> Demand:
    return Demand(ConnectorKey(name, 1), rows, wanted_da)._replace(**more)


def targets(budgets: list[int], demands: list[Demand]) -> dict[str, int]:
    result = allocate([Row(budget, HALL) for budget in budgets], demands)
    return {key.identity: target.target_da for key, target in result.items()}


def test_a_lone_vehicle_gets_all_it_wants() -> None:
    assert targets([400], [demand("A")]) == {"A": 320}


def test_a_budget_below_nothing_gives_nothing() -> None:
    assert targets([-50], [demand("A")]) == {"A": 0}


def test_who_wants_less_than_six_ampere_gets_nothing() -> None:
    assert targets([400], [demand("A", wanted_da=59), demand("B")]) == {"A": 0, "B": 320}


def test_six_ampere_go_to_the_higher_priority_first() -> None:
    assert targets([100], [demand("A"), demand("B", priority=2)]) == {"A": 0, "B": 100}


def test_a_pinned_vehicle_is_not_paused_for_an_equal_one() -> None:
    demands = [demand("A", waiting_since_s=1.0), demand("B", pinned=True)]
    assert targets([100], demands) == {"A": 0, "B": 100}


def test_the_one_that_waits_longest_is_served_first() -> None:
    demands = [demand("A", waiting_since_s=2.0), demand("B", waiting_since_s=1.0)]
    assert targets([100], demands) == {"A": 0, "B": 100}


def test_a_sleeping_vehicle_is_served_after_all_others() -> None:
    demands = [demand("A", asleep=True, wanted_da=60, priority=5), demand("B")]
    assert targets([100], demands) == {"A": 0, "B": 100}
    assert targets([200], demands) == {"A": 60, "B": 140}


def test_one_that_does_not_fit_leaves_its_place_to_the_next() -> None:
    demands = [demand("A", (0, 1), priority=3), demand("B", (0,))]
    assert targets([100, 50], demands) == {"A": 0, "B": 100}


def test_each_target_names_what_bound_it() -> None:
    cap = Reason(Why.CAP, "cloud")
    rows = [Row(300, HALL), Row(50, cap)]
    demands = [
        demand("A"),
        demand("B", wanted_da=100, wish=cap),
        demand("C", (0, 1)),
        demand("D", wanted_da=0, wish=cap),
    ]
    result = allocate(rows, demands)
    assert {key.identity: (t.target_da, t.reason) for key, t in result.items()} == {
        "A": (200, HALL),
        "B": (100, cap),
        "C": (0, cap),
        "D": (0, cap),
    }


def test_a_waiting_vehicle_learns_which_conductor_is_full() -> None:
    result = allocate([Row(50, HALL)], [demand("A")])
    assert result[ConnectorKey("A", 1)].reason == Reason(Why.WAITING, "hall L2")
