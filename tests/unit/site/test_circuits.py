"""The circuit tree and its arithmetic."""

from gateway.site.circuits import below, failsafe_a, failsafe_problems, path_to_feeder
from gateway.site.depot import Circuit, Connector, ConnectorKey
from gateway.site.electrical import NO_CURRENT, Conductor, PhaseCurrents

L1, L2, L3 = Conductor


def circuit(name: str, parent: str | None, limit_a: float, reserve_a: float = 0.0) -> Circuit:
    limits = PhaseCurrents(limit_a, limit_a, limit_a)
    return Circuit(name, parent, limits, 2.0, PhaseCurrents(reserve_a, reserve_a, reserve_a))


def connector(number: int, place: str, *conductors: Conductor, failsafe: float = 6.0) -> Connector:
    return Connector(ConnectorKey("CP", number), place, conductors, 32.0, failsafe, 1)


TREE = {
    "grid": circuit("grid", None, 40.0, reserve_a=10.0),
    "hall": circuit("hall", "grid", 20.0),
    "row": circuit("row", "hall", 14.0),
    "yard": circuit("yard", "grid", 20.0),
}


def test_a_path_ends_at_the_feeder() -> None:
    assert [c.name for c in path_to_feeder(TREE, "row")] == ["row", "hall", "grid"]
    assert [c.name for c in path_to_feeder(TREE, "grid")] == ["grid"]


def test_below_is_the_circuit_and_all_that_it_feeds() -> None:
    assert below(TREE, "hall") == {"hall", "row"}
    assert below(TREE, "grid") == set(TREE)
    assert below(TREE, "yard") == {"yard"}


def test_only_connectors_on_the_conductor_count() -> None:
    connectors = [connector(1, "row", L1, L2, L3), connector(2, "row", L2, failsafe=8.0)]
    assert failsafe_a(connectors, L1) == 6.0
    assert failsafe_a(connectors, L2) == 14.0


def test_a_site_that_just_fits_has_no_problems() -> None:
    connectors = [connector(n, "row", L1, L2, L3) for n in (1, 2)]
    assert not failsafe_problems(TREE, connectors)


def test_the_full_conductor_is_named_and_only_that() -> None:
    connectors = [connector(n, "row", L2) for n in (1, 2, 3)]
    (problem,) = failsafe_problems(TREE, connectors)
    assert problem.startswith("circuits.row: with the gateway dead, L2 could carry 18 A")
    assert "only 12 A fit" in problem


def test_every_fuse_above_counts_too() -> None:
    tree = {
        "grid": circuit("grid", None, 20.0, reserve_a=10.0),
        "hall": circuit("hall", "grid", 20.0),
    }
    (problem,) = failsafe_problems(tree, [connector(n, "hall", L3) for n in (1, 2)])
    assert problem.startswith("circuits.grid: ")
    assert "L3" in problem


def test_a_reserve_below_counts_against_the_fuse_above() -> None:
    tree = {"grid": circuit("grid", None, 20.0), "hall": circuit("hall", "grid", 40.0, 17.0)}
    problems = failsafe_problems(tree, [connector(1, "grid", L1)])
    assert [problem.split(":")[0] for problem in problems] == ["circuits.grid"]


def test_a_site_without_connectors_only_holds_its_reserve() -> None:
    assert not failsafe_problems({"grid": Circuit("grid", None, NO_CURRENT, 0, NO_CURRENT)}, [])
