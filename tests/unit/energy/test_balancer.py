"""The balancing as a whole, one second after the other."""

from dataclasses import replace

import pytest

from gateway.energy.balancer import Balancer, Caps
from gateway.energy.offers import Why
from gateway.energy.snapshot import OutsideLimit
from gateway.site.depot import Connector, ConnectorKey, Site
from tests.unit.energy.depots import L1, L2, circuit, connector, depot, each
from tests.unit.energy.world import World

A, B, C = (connector(name) for name in "ABC")


def world(*connectors: Connector, limit_a: float = 63.0) -> World:
    return World(depot([circuit("main", limit_a, reserve_a=20)], list(connectors or (A, B, C))))


def steady(site: Site) -> Balancer:
    """Everybody online with a standing profile, the meter believed, at 3 s."""
    balancer = Balancer(site)
    for identity in site.charge_points:
        balancer.connected(identity)
        balancer.standing_limit_confirmed(identity, 0.0)
    for at_s in (1.0, 2.0, 3.0):
        for meter in site.meters.values():
            balancer.sampled(meter.circuit, each(0.0), at_s)
    return balancer


def test_the_first_offer_comes_after_two_seconds_and_is_all_that_is_free() -> None:
    depot_now = world()
    depot_now.run(5)
    depot_now.plug(A, 32.0)
    depot_now.run(2)
    assert depot_now.sent == 0
    depot_now.run(1)
    assert [command.limit_da for command in depot_now.commands] == [320]


def test_three_vehicles_share_a_fuse_equally() -> None:
    depot_now = world()
    for one in (A, B, C):
        depot_now.plug(one, 32.0)
    depot_now.run(60)
    assert [offer.offer_da for offer in depot_now.balance.offers.values()] == [210, 210, 210]
    assert {str(offer.reason) for offer in depot_now.balance.offers.values()} == {
        "shares what is free (main L1)"
    }


def test_a_building_step_is_answered_in_the_same_second() -> None:
    depot_now = world()
    for one in (A, B, C):
        depot_now.plug(one, 32.0)
    depot_now.run(60)
    depot_now.building["main"] = [30.0, 0.0, 0.0]
    depot_now.run(1)
    assert [command.limit_da for command in depot_now.commands] == [110, 110, 110]
    depot_now.run(10)
    assert depot_now.longest_over_s["main"] <= 6


def test_a_silent_meter_brings_everybody_to_failsafe_after_five_seconds() -> None:
    depot_now = world()
    depot_now.plug(A, 32.0)
    depot_now.run(40)
    depot_now.meter_works = False
    depot_now.run(5)
    assert not depot_now.balance.failsafe
    depot_now.run(1)
    assert [command.limit_da for command in depot_now.commands] == [60]
    offer = depot_now.balance.offers[A.key]
    assert (offer.target_da, offer.reason.why) == (60, Why.METER_SILENT)
    depot_now.meter_works = True
    depot_now.run(30)
    assert depot_now.balance.offers[A.key].offer_da == 320


def test_before_the_first_sample_nobody_gets_more_than_failsafe() -> None:
    depot_now = world()
    depot_now.meter_works = False
    depot_now.plug(A, 32.0)
    depot_now.run(30)
    assert depot_now.balance.offers[A.key].offer_da == 60


def test_when_not_all_fit_one_waits_and_says_for_what() -> None:
    depot_now = world(limit_a=17.0)
    for one in (A, B, C):
        depot_now.plug(one, 32.0)
    depot_now.run(40)
    offers = [depot_now.balance.offers[one.key] for one in (A, B, C)]
    assert [offer.offer_da for offer in offers] == [85, 85, 0]
    assert str(offers[2].reason) == "waits until 6 A come free (main L1)"


def test_the_one_that_waits_gets_its_turn_after_a_quarter_of_an_hour() -> None:
    depot_now = world(limit_a=17.0)
    for one in (A, B, C):
        depot_now.plug(one, 32.0)
    depot_now.run(40)
    depot_now.run(900)
    assert depot_now.balance.offers[C.key].offer_da > 0


def test_vehicles_on_other_conductors_do_not_share() -> None:
    one, other = connector("A", conductors=(L1,)), connector("B", conductors=(L2,))
    depot_now = world(one, other, limit_a=20.0)
    depot_now.run(5)
    depot_now.plug(one, 32.0, 1)
    depot_now.plug(other, 32.0, 1)
    depot_now.run(30)
    assert [offer.offer_da for offer in depot_now.balance.offers.values()] == [200, 200]


def test_an_idle_vehicle_gives_up_its_share_and_gets_it_back_when_it_wakes() -> None:
    depot_now = world(limit_a=32.0)
    for one in (A, B):
        depot_now.plug(one, 32.0)
    depot_now.run(30)
    depot_now.cars[A.key].wants_a = 0.0
    depot_now.run(70)
    assert depot_now.balance.offers[A.key].reason.why is Why.VEHICLE
    assert depot_now.balance.offers[B.key].offer_da == 260
    depot_now.cars[A.key].wants_a = 32.0
    depot_now.run(80)
    assert depot_now.balance.offers[A.key].offer_da == 160


def test_a_refusing_charge_point_keeps_its_reservation_and_the_others_fit_beside_it() -> None:
    balancer = steady(depot([circuit("main", 40)], [A, B]))
    for number, one in enumerate((A, B)):
        balancer.transaction_began(one.key, number, 3.0)
    now_s, refused = 3.0, 0
    for _ in range(60):
        now_s += 1.0
        balancer.sampled("main", each(0.0), now_s)
        for command in balancer.cycle(now_s).commands:
            if command.key == A.key:
                balancer.limit_failed(command, now_s)
                refused += 1
            else:
                balancer.limit_confirmed(command, now_s)
    balance = balancer.cycle(now_s).balance
    assert refused > 3
    assert balance.offers[A.key].counted_da == 200
    assert balance.offers[B.key].offer_da == 200
    assert balance.circuits["main"].headroom_da == (0, 0, 0)


def test_an_offline_charge_point_reserves_its_failsafe_current() -> None:
    balancer = steady(depot([circuit("main", 40)], [A, B]))
    balancer.disconnected("A")
    balancer.transaction_began(B.key, 1, 3.0)
    balance = balancer.cycle(3.5).balance
    assert (balance.offers[A.key].counted_da, balance.offers[A.key].reason.why) == (
        60,
        Why.OFFLINE,
    )
    assert balance.offers[B.key].target_da == 320
    assert balance.circuits["main"].headroom_da == (280, 280, 280)


def test_a_cap_on_the_charge_point_is_shared_by_its_connectors() -> None:
    one, two = connector("A"), connector("A", connector_id=2)
    balancer = steady(depot([circuit("main", 63)], [one, two]))
    for number, each_one in enumerate((one, two)):
        balancer.transaction_began(each_one.key, number, 3.0)
    caps = Caps({one.key: OutsideLimit(80, "cloud")}, {"A": OutsideLimit(200, "cloud")})
    offers = balancer.cycle(3.5, caps).balance.offers
    assert [offer.target_da for offer in offers.values()] == [80, 120]
    offers = balancer.cycle(4.0, Caps({one.key: OutsideLimit(50, "cloud")}, {})).balance.offers
    assert (offers[one.key].target_da, str(offers[one.key].reason)) == (
        0,
        "limited from outside (cloud)",
    )


def test_a_quiet_site_is_balanced_but_nothing_is_sent() -> None:
    balancer = steady(depot([circuit("main", 63)], [A], quiet=True))
    balancer.transaction_began(A.key, 1, 3.0)
    cycles = [balancer.cycle(3.0 + step) for step in range(5)]
    assert [cycle.commands for cycle in cycles] == [()] * 5
    assert cycles[-1].balance.offers[A.key].target_da == 320


def test_a_resumed_transaction_is_limited_at_once() -> None:
    balancer = steady(depot([circuit("main", 20)], [A]))
    balancer.transaction_began(A.key, 1, 3.0, resumed=True)
    cycle = balancer.cycle(3.5)
    assert [command.limit_da for command in cycle.commands] == [200]
    assert cycle.balance.offers[A.key].counted_da == 320


def test_the_stop_of_an_older_transaction_changes_nothing() -> None:
    balancer = steady(depot([circuit("main", 63)], [A]))
    balancer.transaction_began(A.key, 2, 3.0)
    balancer.transaction_ended(A.key, 1, 4.0)
    assert balancer.cycle(4.0).balance.offers[A.key].active
    balancer.transaction_ended(A.key, 2, 5.0)
    assert not balancer.cycle(5.0).balance.offers[A.key].active


def test_an_outcome_from_an_older_transaction_is_ignored() -> None:
    balancer = steady(depot([circuit("main", 63)], [A]))
    balancer.transaction_began(A.key, 1, 3.0, resumed=True)
    (old,) = balancer.cycle(3.0).commands
    balancer.transaction_ended(A.key, 1, 4.0)
    balancer.transaction_began(A.key, 2, 4.0)
    balancer.limit_confirmed(old, 5.0)
    assert balancer.cycle(5.0).balance.offers[A.key].counted_da == 60


def test_a_command_that_was_never_sent_leaves_no_trace() -> None:
    balancer = steady(depot([circuit("main", 63)], [A]))
    balancer.transaction_began(A.key, 1, 3.0)
    balancer.cycle(3.0)
    (raised,) = balancer.cycle(5.0).commands
    assert balancer.cycle(5.0).balance.offers[A.key].counted_da == raised.limit_da == 320
    balancer.limit_withdrawn(raised)
    assert balancer.cycle(5.0).balance.offers[A.key].counted_da == 60


def test_a_cut_behind_an_unanswered_limit_is_known_to_wait() -> None:
    balancer = steady(depot([circuit("main", 63)], [A]))
    balancer.transaction_began(A.key, 1, 3.0)
    balancer.cycle(3.0)
    (raised,) = balancer.cycle(5.0).commands
    balancer.sampled("main", each(40.0), 5.5)
    balancer.cycle(5.5)
    balancer.sampled("main", each(70.0), 6.0)
    balancer.cycle(6.0)
    assert not balancer.cut_waits(A.key, 6.0)
    balancer.limit_confirmed(raised, 6.2)
    assert balancer.cut_waits(A.key, 6.2)


@pytest.mark.parametrize("name", ["X", "A"])
def test_strangers_are_ignored(name: str) -> None:
    balancer = steady(depot([circuit("main", 63)], [A]))
    stranger = ConnectorKey(name, 9)
    balancer.connected("X")
    balancer.disconnected("X")
    balancer.standing_limit_confirmed("X", 1.0)
    balancer.status_changed(stranger, "Charging", 1.0)
    balancer.transaction_began(stranger, 1, 1.0)
    balancer.transaction_ended(stranger, 1, 1.0)
    balancer.draw_measured(stranger, each(1.0), 1.0)
    assert not balancer.cut_waits(stranger, 1.0)
    assert list(balancer.cycle(3.0).balance.offers) == [A.key]


def test_a_charge_point_gets_a_moment_to_learn_its_transaction_id() -> None:
    balancer = steady(depot([circuit("main", 63)], [A]))
    balancer.transaction_began(A.key, 1, 3.0)
    balancer.sampled("main", each(70.0), 3.1)
    assert balancer.cycle(3.1).commands == ()
    assert [command.key for command in balancer.cycle(3.5).commands] == [A.key]


def test_nothing_is_raised_while_the_meter_shows_an_overload() -> None:
    balancer = steady(depot([circuit("main", 63)], [A]))
    balancer.transaction_began(A.key, 1, 3.0)
    balancer.cycle(3.0)
    balancer.sampled("main", each(64.0), 5.0)
    cycle = balancer.cycle(5.0)
    assert all(command.limit_da <= 60 for command in cycle.commands)
    assert cycle.balance.circuits["main"].headroom_da[0] < 0


def test_one_quiet_charge_point_is_told_nothing_and_the_others_fit_beside_it() -> None:
    site = depot([circuit("main", 40)], [A, B])
    quiet = {**site.charge_points, "A": replace(site.charge_points["A"], quiet=True)}
    balancer = Balancer(replace(site, charge_points=quiet))
    for identity in site.charge_points:
        balancer.connected(identity)
    balancer.standing_limit_confirmed("B", 0.0)
    for at_s in (1.0, 2.0, 3.0):
        balancer.sampled("main", each(0.0), at_s)
    balancer.transaction_began(A.key, 1, 3.0)
    balancer.transaction_began(B.key, 2, 3.0)
    cycles = [balancer.cycle(3.0 + step) for step in range(5)]
    commands = [command for cycle in cycles for command in cycle.commands]
    assert {command.key for command in commands} == {B.key}
    offers = cycles[-1].balance.offers
    assert offers[A.key].counted_da == 320
    assert offers[B.key].target_da == 80
    assert offers[A.key].reason.why is not Why.HELD
