"""Rows of numbers for the filling."""

import pytest

from gateway.energy.share import NO_ROW, Taker, share


@pytest.mark.parametrize(
    ("budgets", "takers", "taken"),
    [
        ([320], [((0,), 160, 1), ((0,), 320, 1)], [160, 160]),  # equal shares
        ([480], [((0,), 160, 1), ((0,), 320, 1)], [160, 320]),  # everyone has all
        ([400], [((0,), 100, 1), ((0,), 320, 1)], [100, 300]),  # what one leaves, the other takes
        ([300], [((0,), 320, 1), ((0,), 320, 2)], [100, 200]),  # by weight
        ([120], [((0,), 320, 1), ((0,), 320, 9)], [60, 60]),  # nobody below 6 A
        ([181], [((0,), 320, 1), ((0,), 320, 9)], [60, 121]),  # the floor comes before the weight
        ([200, 320], [((0, 1), 320, 1), ((0, 1), 320, 1), ((1,), 320, 1)], [100, 100, 120]),
        ([320, 100], [((0, 1), 320, 1), ((0,), 320, 1)], [100, 220]),  # stopped by the inner row
        ([200], [((0,), 320, 1)] * 3, [67, 67, 66]),  # the first of equals takes the odd step
        ([], [], []),
    ],
)
def test_current_is_shared_max_min_fairly(
    budgets: list[int], takers: list[tuple[tuple[int, ...], int, int]], taken: list[int]
) -> None:
    assert share(budgets, [Taker(*taker) for taker in takers]).taken_da == taken


def test_the_row_that_stopped_a_taker_is_named() -> None:
    shares = share([320, 100], [Taker((0, 1), 320, 1), Taker((0,), 320, 1), Taker((0,), 90, 1)])
    assert shares.taken_da == [100, 130, 90]
    assert shares.bottleneck == [1, 0, NO_ROW]
