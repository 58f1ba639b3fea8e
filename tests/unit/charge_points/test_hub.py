"""gateway.charge_points.hub"""

from gateway.charge_points.hub import Hub


def test_the_newest_link_counts_and_the_older_one_is_handed_back() -> None:
    hub: Hub[str] = Hub()
    assert hub.arrive("CP-1", "old") is None
    assert hub.arrive("CP-1", "new") == "old"
    assert hub.find("CP-1") == "new"


def test_a_replaced_link_that_ends_takes_nobody_offline() -> None:
    hub: Hub[str] = Hub()
    hub.arrive("CP-1", "old")
    hub.arrive("CP-1", "new")
    assert not hub.leave("CP-1", "old")
    assert hub.find("CP-1") == "new"


def test_the_current_link_that_ends_takes_its_charge_point_offline() -> None:
    hub: Hub[str] = Hub()
    hub.arrive("CP-1", "only")
    hub.arrive("CP-2", "other")
    assert hub.leave("CP-1", "only")
    assert hub.find("CP-1") is None
    assert hub.all() == ("other",)


def test_the_address_at_which_the_current_link_reached_us_is_known() -> None:
    hub: Hub[str] = Hub()
    assert hub.local_host("CP-1") is None
    hub.arrive("CP-1", "old", "192.0.2.1")
    hub.arrive("CP-1", "new", "192.0.2.2")
    assert hub.local_host("CP-1") == "192.0.2.2"
    hub.leave("CP-1", "new")
    assert hub.local_host("CP-1") is None
