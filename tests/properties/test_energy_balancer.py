"""Laws of the balancing in time: arbitrary delays, losses, loads and meter failures."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.energy.offers import Balance
from gateway.energy.steering import SetLimit
from gateway.site.depot import Site
from gateway.site.electrical import MIN_OFFER_DA, to_da
from tests.unit.energy.depots import L1, L2, L3, circuit, connector, depot
from tests.unit.energy.world import World

CONNECTORS = [
    connector("CP-1", "hall"),
    connector("CP-2", "hall", (L2,), max_a=20.0, priority=2),
    connector("CP-3", "yard", (L3, L1, L2), max_a=16.0, failsafe_a=0.0),
    connector("CP-4", "yard", (L1,)),
    connector("CP-5", "main", (L3,), failsafe_a=0.0),
    connector("CP-5", "main", (L2, L3), connector_id=2),
]


def site() -> Site:
    return depot(
        [
            circuit("main", 63, margin_a=1.0, reserve_a=20.0),
            circuit("hall", 35, "main", reserve_a=2.0),
            circuit("yard", 32, "main"),
        ],
        CONNECTORS,
        metered=("main", "yard"),
    )


events = st.lists(
    st.one_of(
        st.tuples(st.just("plug"), st.integers(0, 5), st.sampled_from([0.0, 8.0, 16.0, 32.0])),
        st.tuples(st.just("wants"), st.integers(0, 5), st.sampled_from([0.0, 10.0, 32.0])),
        st.tuples(st.just("building"), st.integers(0, 2), st.sampled_from([0.0, 3.0, 20.0])),
        st.tuples(st.just("meter"), st.integers(0, 1), st.just(0.0)),
        st.tuples(st.just("line"), st.integers(0, 5), st.just(0.0)),
        st.tuples(st.just("loss"), st.integers(0, 2), st.just(0.0)),
        st.tuples(st.just("wait"), st.integers(1, 40), st.just(0.0)),
    ),
    max_size=25,
)


class Story:
    """Plays events in a world and hands every balance to a check."""

    def __init__(self, seed: int) -> None:
        self.world = World(site(), seed)
        self.offline: set[str] = set()

    def play(
        self, happenings: list[tuple[str, int, float]]
    ) -> list[tuple[Balance, list[SetLimit]]]:
        seen = []
        for what, index, value in happenings:
            self.happen(what, index, value)
            for _ in range(index if what == "wait" else 2):
                self.world.step()
                seen.append((self.world.balance, self.world.commands))
        return seen

    def happen(self, what: str, index: int, value: float) -> None:
        world = self.world
        one = CONNECTORS[index % len(CONNECTORS)]
        if what == "plug" and one.key not in world.cars and one.key.identity not in self.offline:
            world.plug(one, value, len(one.conductors))
        elif what == "wants" and one.key in world.cars:
            world.cars[one.key].wants_a = value
        elif what == "building":
            world.building[list(world.building)[index]] = [value, value / 2, value]
        elif what == "meter":
            world.meter_works = bool(index)
        elif what == "loss":
            world.loss, world.latency_s = [(0.0, (0.3, 2.5)), (0.5, (1.0, 20.0)), (1.0, (1, 9))][
                index
            ]
        elif what == "line":
            self.switch_line(one.key.identity)

    def switch_line(self, identity: str) -> None:
        if identity in self.offline:
            self.offline.discard(identity)
            self.world.balancer.connected(identity)
        else:
            self.offline.add(identity)
            self.world.balancer.disconnected(identity)


@given(st.integers(0, 99), events)
@settings(max_examples=40, deadline=None)
def test_a_raise_goes_out_only_into_room_beside_everything_that_may_be_in_force(
    seed: int, happenings: list[tuple[str, int, float]]
) -> None:
    where = {one.key: one for one in CONNECTORS}
    failsafe = {one.key: to_da(one.failsafe_a) for one in CONNECTORS}
    before = dict(failsafe)  # the standing profile lets a new transaction have this much
    story = Story(seed)
    for balance, commands in story.play(happenings):
        for command in commands:
            if command.limit_da > before[command.key]:
                one = where[command.key]
                for name in {one.circuit, "main"}:
                    headroom_da = balance.circuits[name].headroom_da
                    assert min(headroom_da[c] for c in one.conductors) >= 0
        before = {
            key: offer.offer_da if offer.active else failsafe[key]
            for key, offer in balance.offers.items()
        }


@given(st.integers(0, 99), events)
@settings(max_examples=40, deadline=None)
def test_targets_fit_every_row_and_are_nothing_or_at_least_six_ampere(
    seed: int, happenings: list[tuple[str, int, float]]
) -> None:
    story = Story(seed)
    for balance, commands in story.play(happenings):
        limits = [command.limit_da for command in commands]
        assert all(limit_da == 0 or limit_da >= MIN_OFFER_DA for limit_da in limits)
        for name, load in balance.circuits.items():
            for conductor in (L1, L2, L3):
                targets_da = sum(
                    balance.offers[one.key].target_da
                    for one in CONNECTORS
                    if conductor in one.conductors and name in {one.circuit, "main"}
                )
                margin_a = story.world.site.circuits[name].margin_a
                room_da = to_da(load.limit_a[conductor] - margin_a) - round(
                    load.uncontrolled[conductor] * 10
                )
                assert targets_da <= max(room_da, 0)


@given(st.integers(0, 99), events)
@settings(max_examples=40, deadline=None)
def test_below_a_silent_meter_nobody_is_to_have_more_than_failsafe(
    seed: int, happenings: list[tuple[str, int, float]]
) -> None:
    story = Story(seed)
    for balance, commands in story.play(happenings):
        for one in CONNECTORS:
            silent = any(balance.circuits[name].failsafe for name in {one.circuit, "main"})
            if silent:
                assert balance.offers[one.key].target_da <= to_da(one.failsafe_a)
                for command in commands:
                    if command.key == one.key:
                        assert command.limit_da <= to_da(one.failsafe_a)


@given(st.integers(0, 99), events)
@settings(max_examples=40, deadline=None)
def test_what_is_counted_is_never_less_than_what_is_in_force(
    seed: int, happenings: list[tuple[str, int, float]]
) -> None:
    story = Story(seed)
    world = story.world
    for what, index, value in happenings:
        story.happen(what, index, value)
        for _ in range(index if what == "wait" else 2):
            world.step()
            for key, car in world.cars.items():
                assert to_da(car.limit_a) <= world.balance.offers[key].counted_da


@given(st.integers(0, 999))
@settings(max_examples=5, deadline=None)
def test_the_same_happenings_give_the_same_commands(seed: int) -> None:
    def trace() -> list[list[SetLimit]]:
        story = Story(seed)
        happenings = [("plug", i, 32.0) for i in range(6)] + [("building", 0, 20.0)]
        return [commands for _, commands in story.play([*happenings, ("wait", 40, 0.0)])]

    assert trace() == trace()


@given(st.integers(0, 999), st.data())
@settings(max_examples=15, deadline=None)
def test_no_fuse_is_overloaded_for_longer_than_the_reaction_time(
    seed: int, data: st.DataObject
) -> None:
    """Meter 1 s, call up to 2.5 s, vehicle up to 4 s; twice, when a first cut was not enough."""
    world = World(site(), seed)
    for one in CONNECTORS:
        world.plug(one, 32.0, len(one.conductors))
    for _ in range(12):
        name = data.draw(st.sampled_from(["main", "yard"]))
        world.building[name] = [data.draw(st.sampled_from([0.0, 4.0, 9.0, 18.0]))] * 3
        one = data.draw(st.sampled_from(CONNECTORS))
        world.cars[one.key].wants_a = data.draw(st.sampled_from([0.0, 7.0, 14.0, 32.0]))
        world.run(data.draw(st.integers(1, 50)))
    assert max(world.longest_over_s.values()) <= 15


@given(st.integers(0, 999))
@settings(max_examples=10, deadline=None)
def test_a_calm_depot_ends_with_everything_given_away(seed: int) -> None:
    world = World(site(), seed)
    for one in CONNECTORS:
        world.plug(one, 32.0, len(one.conductors))
    world.building["main"] = [3.0, 9.0, 6.0]
    world.run(120)
    before = world.sent
    world.run(55)
    offers = world.balance.offers.values()
    assert all(offer.target_da - offer.offer_da < 10 for offer in offers)
    assert all(offer.counted_da == offer.offer_da for offer in offers)
    assert world.sent - before <= len(CONNECTORS)
