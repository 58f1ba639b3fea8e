"""What the allocation is asked: rows with a budget, and connectors that want current.

A row is one conductor of one circuit, or a cap on one whole charge point. Everything is in whole
deci-ampere, so a sum has no rounding error.
"""

from typing import Final, NamedTuple

from gateway.energy.offers import Reason, Why
from gateway.site.depot import ConnectorKey

NO_WISH: Final = Reason(Why.AS_REQUESTED)


class Row(NamedTuple):
    """A sum that must not grow above ``budget_da``.

    Args:
        budget_da: What its members may take together; negative counts as nothing.
        bound: The reason of an offer that this row keeps low, such as "shares ... (hall L2)".
    """

    budget_da: int
    bound: Reason


class Demand(NamedTuple):
    """One connector that can be told a limit and has a transaction.

    Args:
        rows: Indexes of the rows that it loads, its own circuit first.
        wanted_da: The most it may or would take; below 60 (6 A) it gets nothing.
        priority: Weight of its share, 1 or more.
        wish: Why ``wanted_da`` is not more.
        asleep: Its vehicle takes nothing now: served after all others.
        pinned: It charges and has not done so for long: not paused for one of equal priority.
        waiting_since_s: Monotonic time since which it waits for current; infinite while it charges.
    """

    key: ConnectorKey
    rows: tuple[int, ...]
    wanted_da: int
    priority: int = 1
    wish: Reason = NO_WISH
    asleep: bool = False
    pinned: bool = False
    waiting_since_s: float = 0.0


class Target(NamedTuple):
    """What the allocation gives one connector, 0 or 60 and more, and what kept it from more."""

    target_da: int
    reason: Reason


class OutsideLimit(NamedTuple):
    """A cap that somebody else set; ``source`` completes the sentence "limited by ..."."""

    limit_da: int
    source: str
