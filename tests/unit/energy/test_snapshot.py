"""The words of the allocation."""

from gateway.energy.offers import Reason, Why
from gateway.energy.snapshot import Demand, OutsideLimit, Row
from gateway.site.depot import ConnectorKey


def test_equal_questions_compare_equal() -> None:
    bound = Reason(Why.SHARED, "main L1")
    assert Row(1, bound) == Row(1, Reason(Why.SHARED, "main L1"))
    assert Demand(ConnectorKey("A", 1), (0,), 60) == Demand(ConnectorKey("A", 1), (0,), 60)
    assert Demand(ConnectorKey("A", 1), (0,), 60) != Demand(ConnectorKey("A", 1), (0,), 61)


def test_a_cap_says_who_set_it() -> None:
    assert OutsideLimit(100, "cloud").source == "cloud"
