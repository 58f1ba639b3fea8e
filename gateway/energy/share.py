"""Weighted max-min fair shares over many rows at once, exact on the grid of 0.1 A.

The rule: everyone starts at 6 A, then always the one with the lowest level (current per weight)
takes the next 0.1 A, until each has what it wants or one of its rows is full. Whole levels are
taken in one jump, which changes nothing but the time that it needs.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.site.electrical import MIN_OFFER_DA

NO_ROW: Final = -1


class Taker(NamedTuple):
    """One member. ``rows`` are indexes into the budgets; order among takers breaks ties."""

    rows: tuple[int, ...]
    wanted_da: int
    weight: int


class Shares(NamedTuple):
    """``taken_da`` per taker, and the full row that stopped it (`NO_ROW`: it has all it wants)."""

    taken_da: list[int]
    bottleneck: list[int]


def share(budgets_da: Sequence[int], takers: Sequence[Taker]) -> Shares:
    """Fill the rows; every taker's 6 A must fit, and each wants 60 or more.

    For each taker that got less than it wants, ``bottleneck`` is a full row in which every other
    member above 6 A has a level not above what the next 0.1 A would have given this taker.
    """
    filling = _Filling(budgets_da, takers)
    while filling.rising:
        if not filling.jump():
            filling.climb()
    return Shares(filling.taken, filling.stopped)


class _Filling:
    """State of one filling. ``level`` is whole: every step of a level up to it has been taken."""

    def __init__(self, budgets_da: Sequence[int], takers: Sequence[Taker]) -> None:
        self.takers = takers
        self.left = list(budgets_da)
        self.taken = [MIN_OFFER_DA] * len(takers)
        self.stopped = [NO_ROW] * len(takers)
        for taker in takers:
            for row in taker.rows:
                self.left[row] -= MIN_OFFER_DA
        weights = {taker.weight for taker in takers}
        self.level = MIN_OFFER_DA // max(weights, default=1)
        self.scale = math.lcm(*weights)
        self.rising = list(range(len(takers)))
        self.settle()

    def settle(self) -> None:
        """Take those out of ``rising`` that have all they want or stand in a full row."""
        left, still = self.left, []
        for index in self.rising:
            taker = self.takers[index]
            if self.taken[index] >= taker.wanted_da:
                continue
            for row in taker.rows:
                if left[row] <= 0:
                    self.stopped[index] = row
                    break
            else:
                still.append(index)
        self.rising = still

    def jump(self) -> bool:
        """Raise ``level`` by as much as surely fits everybody; False when that is nothing."""
        gain = self.highest_wish() - self.level
        rate: dict[int, int] = {}
        for index in self.rising:
            taker = self.takers[index]
            starts = MIN_OFFER_DA // taker.weight
            if starts > self.level:
                gain = min(gain, starts - self.level)
            else:
                for row in taker.rows:
                    rate[row] = rate.get(row, 0) + taker.weight
        for row, weight in rate.items():
            gain = min(gain, self.left[row] // weight)
        if gain <= 0:
            return False
        self.level += gain
        for index in self.rising:
            taker = self.takers[index]
            reached = min(taker.wanted_da, taker.weight * self.level)
            if reached > self.taken[index]:
                self.take(index, reached - self.taken[index])
        self.settle()
        return True

    def climb(self) -> None:
        """Take the steps of the next whole level one by one, lowest first, as far as they fit."""
        steps = []
        for order, index in enumerate(self.rising):
            taker = self.takers[index]
            top = min(taker.wanted_da, taker.weight * (self.level + 1))
            steps += [
                (amount * self.scale // taker.weight, order, index)
                for amount in range(self.taken[index] + 1, top + 1)
            ]
        for _, _, index in sorted(steps):
            if all(self.left[row] > 0 for row in self.takers[index].rows):
                self.take(index, 1)
        self.level += 1
        self.settle()

    def highest_wish(self) -> int:
        """The level at which the last of the rising has all it wants, rounded up."""
        return max(-(-self.takers[i].wanted_da // self.takers[i].weight) for i in self.rising)

    def take(self, index: int, more_da: int) -> None:
        """Give ``more_da`` to one taker."""
        self.taken[index] += more_da
        for row in self.takers[index].rows:
            self.left[row] -= more_da
