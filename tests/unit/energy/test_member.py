"""One connector's place among the others."""

from gateway.energy.member import Member
from gateway.energy.offers import Reason, Why
from gateway.energy.snapshot import OutsideLimit
from gateway.site.depot import BalancingRules
from tests.unit.energy.depots import connector, each


def charging(limit_da: int = 160) -> Member:
    """Online, standing profile in place, at a confirmed limit since 0 s."""
    member = Member(connector("A"), (0, 1, 2), BalancingRules())
    member.limits.online = member.limits.standing = True
    member.began(1, -5.0, None)
    member.sent(limit_da, 0.0)
    member.confirmed(0.0)
    return member


def test_a_vehicle_wants_all_its_connector_can_give() -> None:
    demand = charging().demand(1.0, None, None, None)
    assert (demand.wanted_da, demand.wish, demand.rows) == (
        320,
        Reason(Why.AS_REQUESTED),
        (0, 1, 2),
    )


def test_the_lowest_of_cap_failsafe_and_appetite_is_wanted_and_named() -> None:
    member = charging()
    capped = member.demand(1.0, OutsideLimit(100, "cloud"), None, 7)
    assert (capped.wanted_da, str(capped.wish), capped.rows[-1]) == (
        100,
        "limited from outside (cloud)",
        7,
    )
    stale = member.demand(1.0, OutsideLimit(100, "cloud"), "main", None)
    assert (stale.wanted_da, stale.wish.why) == (60, Why.METER_SILENT)
    member.status_changed("SuspendedEV", 1.0)
    asleep = member.demand(1.0, None, None, None)
    assert (asleep.wanted_da, asleep.wish.why, asleep.asleep) == (60, Why.VEHICLE, True)


def test_a_vehicle_is_pinned_for_a_quarter_of_an_hour() -> None:
    member = charging()
    member.queue(160, 0.0)
    assert member.demand(899.0, None, None, None).pinned
    assert not member.demand(900.0, None, None, None).pinned


def test_a_paused_vehicle_waits_since_it_was_paused() -> None:
    member = charging()
    member.queue(0, 10.0)
    member.queue(0, 20.0)
    demand = member.demand(30.0, None, None, None)
    assert (demand.waiting_since_s, demand.pinned) == (10.0, False)


def test_a_limit_without_outcome_makes_a_connector_unruly_after_five_seconds() -> None:
    member = charging()
    member.sent(100, 10.0)
    assert (member.unruly(15.0), member.unruly(15.1)) == (False, True)
    member.limits.fail(16.0)
    assert member.unruly(16.0)
    assert (member.may_retry(20.9, cut=True), member.may_retry(21.0, cut=True)) == (False, True)


def test_a_vehicle_that_does_not_obey_counts_at_what_it_draws() -> None:
    member = charging(limit_da=100)
    member.measured(each(16.0), 20.0)
    assert (member.counted_da(20.0), member.unruly(20.0)) == (160, True)


def test_a_refresh_of_the_same_limit_does_not_excuse_a_draw() -> None:
    member = charging(limit_da=100)
    member.sent(100, 60.0)
    member.confirmed(61.0)
    member.measured(each(16.0), 62.0)
    assert member.unruly(62.0)
