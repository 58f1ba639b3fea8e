"""The tree as numbers."""

from gateway.energy.tree import Tree, in_da_up
from gateway.site.electrical import PhaseCurrents
from tests.unit.energy.depots import L2, L3, circuit, connector, depot


def test_a_connector_loads_its_own_conductors_up_to_the_feeder() -> None:
    site = depot(
        [circuit("main", 63, margin_a=1.5), circuit("hall", 32, "main", reserve_a=0.21)],
        [connector("A", "hall", (L3, L2)), connector("B", "main")],
    )
    tree = Tree(site)
    assert tree.rows == [(5, 4, 2, 1), (0, 1, 2)]
    assert tree.below == [(0, 1), (0,)]
    assert tree.children == [(1,), ()]
    assert tree.inner_first == [1, 0]
    assert tree.allowed_da[0] == (615, 615, 615)
    assert tree.reserve_da[1] == (3, 3, 3)
    assert tree.bounds[5].detail == "hall L3"


def test_measured_load_is_rounded_up_and_export_counts_as_nothing() -> None:
    assert in_da_up(PhaseCurrents(10.01, 10.0, -3.0)) == (101, 100, 0)
