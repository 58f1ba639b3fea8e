"""What others see of a cycle."""

from gateway.energy.balancer import Balancer
from gateway.energy.offers import Why
from tests.unit.energy.depots import circuit, connector, depot, each


def test_a_circuit_tells_its_load_while_it_is_fresh() -> None:
    balancer = Balancer(depot([circuit("main", 63, reserve_a=5)], []))
    before = balancer.cycle(0.0).balance.circuits["main"]
    assert (before.load, before.age_s, before.failsafe) == (None, None, True)
    for at_s in (1.0, 2.0, 3.0):
        balancer.sampled("main", each(12.0), at_s)
    fresh = balancer.cycle(4.0).balance.circuits["main"]
    assert (fresh.load, fresh.age_s, fresh.failsafe) == (each(12.0), 1.0, False)
    assert (fresh.uncontrolled, fresh.headroom_da) == (each(12.0), (510, 510, 510))
    silent = balancer.cycle(9.0).balance.circuits["main"]
    assert (silent.load, silent.age_s, silent.failsafe) == (None, 6.0, True)
    assert silent.uncontrolled == each(5.0)


def test_an_offer_says_why() -> None:
    one = connector("A")
    balancer = Balancer(depot([circuit("main", 63)], [one], metered=()))

    def why() -> Why:
        return balancer.cycle(10.0).balance.offers[one.key].reason.why

    assert why() is Why.OFFLINE
    balancer.connected("A")
    assert why() is Why.IDLE
    balancer.standing_limit_confirmed("A", 9.0)
    balancer.transaction_began(one.key, 1, 9.0)
    assert why() is Why.HELD
    (raised,) = balancer.cycle(12.0).commands
    assert balancer.cycle(12.5).balance.offers[one.key].reason.why is Why.AS_REQUESTED
    balancer.limit_confirmed(raised, 13.0)
    balancer.draw_measured(one.key, each(16.0), 13.0)
    offer = balancer.cycle(13.0).balance.offers[one.key]
    assert (offer.offer_da, offer.target_da, offer.counted_da) == (320, 320, 320)
    assert (offer.drawn, offer.active, offer.online) == (each(16.0), True, True)


def test_an_offer_that_did_not_change_is_the_same_object() -> None:
    one = connector("A")
    balancer = Balancer(depot([circuit("main", 63)], [one], metered=()))
    before, after = (balancer.cycle(at_s).balance.offers[one.key] for at_s in (1.0, 2.0))
    assert before is after
