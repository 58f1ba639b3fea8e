"""Laws of the allocation, for any tree of circuits and any demands."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.energy.allocate import allocate
from gateway.energy.offers import Reason, Why
from gateway.energy.snapshot import Demand, Row
from gateway.site.depot import ConnectorKey
from gateway.site.electrical import MIN_OFFER_DA


@dataclass(frozen=True)
class Depot:
    """Rows 3 * circuit + conductor; the parent of a circuit has a lower index."""

    parents: tuple[int, ...]
    rows: tuple[Row, ...]
    demands: tuple[Demand, ...]


def row(circuit: int, conductor: int, budget_da: int) -> Row:
    return Row(budget_da, Reason(Why.SHARED, f"c{circuit} L{conductor + 1}"))


@st.composite
def depots(draw: st.DrawFn) -> Depot:
    count = draw(st.integers(1, 5))
    parents = (-1, *(draw(st.integers(0, min(index, 2))) for index in range(count - 1)))
    rows = tuple(
        row(circuit, conductor, draw(st.integers(-300, 1600)))
        for circuit in range(count)
        for conductor in range(3)
    )
    masks = [m for size in (1, 2, 3) for m in itertools.permutations(range(3), size)]
    demands = []
    for number in range(draw(st.integers(0, 9))):
        circuit = draw(st.integers(0, count - 1))
        mask = draw(st.sampled_from(masks))
        path = []
        while circuit >= 0:
            path.append(circuit)
            circuit = parents[circuit]
        demands.append(
            Demand(
                ConnectorKey(f"CP-{number}", 1),
                tuple(3 * c + conductor for c in path for conductor in mask),
                draw(st.one_of(st.integers(0, 640), st.just(320))),
                priority=draw(st.integers(1, 5)),
                asleep=draw(st.booleans()),
                pinned=draw(st.booleans()),
                waiting_since_s=float(draw(st.integers(0, 3))),
            )
        )
    return Depot(parents, rows, tuple(demands))


def solve(rows: Sequence[Row], demands: Sequence[Demand]) -> dict[ConnectorKey, int]:
    return {key: target.target_da for key, target in allocate(rows, demands).items()}


def left(depot: Depot, given_da: dict[ConnectorKey, int]) -> list[int]:
    result = [max(one.budget_da, 0) for one in depot.rows]
    for demand in depot.demands:
        for index in demand.rows:
            result[index] -= given_da[demand.key]
    return result


@given(depots())
@settings(max_examples=150)
def test_no_row_is_given_more_than_it_has(depot: Depot) -> None:
    assert min(left(depot, solve(depot.rows, depot.demands))) >= 0


@given(depots())
@settings(max_examples=150)
def test_a_target_is_nothing_or_six_ampere_up_to_the_wish(depot: Depot) -> None:
    given_da = solve(depot.rows, depot.demands)
    for demand in depot.demands:
        target_da = given_da[demand.key]
        assert target_da == 0 or MIN_OFFER_DA <= target_da <= demand.wanted_da


@given(depots())
@settings(max_examples=150)
def test_nobody_who_charges_and_wants_more_could_take_another_tenth(depot: Depot) -> None:
    given_da = solve(depot.rows, depot.demands)
    rest = left(depot, given_da)
    for demand in depot.demands:
        if 0 < given_da[demand.key] < demand.wanted_da:
            assert min(rest[index] for index in demand.rows) == 0


@given(depots())
@settings(max_examples=150)
def test_nobody_waits_while_six_ampere_are_free(depot: Depot) -> None:
    given_da = solve(depot.rows, depot.demands)
    rest = left(depot, given_da)
    for demand in depot.demands:
        if given_da[demand.key] == 0 and demand.wanted_da >= MIN_OFFER_DA:
            assert min(rest[index] for index in demand.rows) < MIN_OFFER_DA


@given(depots())
@settings(max_examples=150)
def test_every_shortage_has_a_full_row_where_no_other_is_better_off(depot: Depot) -> None:
    """Whoever gets less than it wants stands in a full row, and every other member of that row that
    is above 6 A has a level (current per weight) not above this one's level after 0.1 A more."""
    given_da = solve(depot.rows, depot.demands)
    rest = left(depot, given_da)

    def certifies(index: int, short: Demand) -> bool:
        return rest[index] == 0 and all(
            given_da[other.key] * short.priority <= (given_da[short.key] + 1) * other.priority
            for other in depot.demands
            if index in other.rows and given_da[other.key] > MIN_OFFER_DA
        )

    for demand in depot.demands:
        if 0 < given_da[demand.key] < demand.wanted_da:
            assert any(certifies(index, demand) for index in demand.rows)


@given(depots())
@settings(max_examples=100)
def test_the_named_bottleneck_is_a_full_row_of_the_connector(depot: Depot) -> None:
    targets = allocate(depot.rows, depot.demands)
    rest = left(depot, {key: target.target_da for key, target in targets.items()})
    for demand in depot.demands:
        reason = targets[demand.key].reason
        if reason.why is Why.AS_REQUESTED:
            continue
        named = next(i for i in demand.rows if depot.rows[i].bound.detail == reason.detail)
        assert rest[named] == 0 if reason.why is Why.SHARED else rest[named] < MIN_OFFER_DA


@given(depots(), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_order_of_the_demands_does_not_matter(depot: Depot, chance: object) -> None:
    shuffled = list(depot.demands)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert solve(depot.rows, shuffled) == solve(depot.rows, depot.demands)


@given(depots(), st.permutations(range(3)))
@settings(max_examples=100)
def test_no_conductor_is_special(depot: Depot, renamed: list[int]) -> None:
    def moved(index: int) -> int:
        return 3 * (index // 3) + renamed[index % 3]

    rows = list(depot.rows)
    for index, one in enumerate(depot.rows):
        rows[moved(index)] = one
    demands = [
        one._replace(rows=tuple(moved(index) for index in one.rows)) for one in depot.demands
    ]
    assert solve(rows, demands) == solve(depot.rows, depot.demands)


@given(depots())
@settings(max_examples=100)
def test_asking_for_what_one_got_gives_the_same(depot: Depot) -> None:
    given_da = solve(depot.rows, depot.demands)
    again = [one._replace(wanted_da=given_da[one.key]) for one in depot.demands]
    assert solve(depot.rows, again) == given_da
