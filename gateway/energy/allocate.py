"""The allocation: who charges at all, then how much each gets. A pure function of its inputs.

A connector gets nothing or at least 6 A (IEC 61851-1), and no row is ever given more than it has.
"""

from collections.abc import Sequence

from gateway.energy.offers import Reason, Why
from gateway.energy.share import NO_ROW, Taker, share
from gateway.energy.snapshot import Demand, Row, Target
from gateway.site.depot import ConnectorKey
from gateway.site.electrical import MIN_OFFER_DA


def allocate(rows: Sequence[Row], demands: Sequence[Demand]) -> dict[ConnectorKey, Target]:
    """Give every demand its target. The order of ``demands`` does not matter.

    6 A go first to vehicles that want current before sleeping ones, then by priority, then to those
    that charge already (while pinned), then to those that wait longest. Whoever's 6 A do not fit
    gets nothing. What is left is shared max-min fairly by weight, weight being the priority.
    """
    targets: dict[ConnectorKey, Target] = {}
    left = [max(row.budget_da, 0) for row in rows]
    served = []
    for demand in sorted(demands, key=_rank):
        if demand.wanted_da < MIN_OFFER_DA:
            targets[demand.key] = Target(0, demand.wish)
            continue
        full = next((row for row in demand.rows if left[row] < MIN_OFFER_DA), NO_ROW)
        if full != NO_ROW:
            targets[demand.key] = Target(0, waiting(rows[full].bound))
            continue
        served.append(demand)
        for row in demand.rows:
            left[row] -= MIN_OFFER_DA
    served.sort(key=_by_key)
    shares = share(
        [max(row.budget_da, 0) for row in rows],
        [Taker(demand.rows, demand.wanted_da, demand.priority) for demand in served],
    )
    for demand, taken_da, row in zip(served, shares.taken_da, shares.bottleneck, strict=True):
        reason = demand.wish if row == NO_ROW else rows[row].bound
        targets[demand.key] = Target(taken_da, reason)
    return targets


def waiting(bound: Reason) -> Reason:
    """The reason of a connector that gets nothing because of a full row."""
    return Reason(Why.WAITING, bound.detail) if bound.why is Why.SHARED else bound


def _rank(demand: Demand) -> tuple[bool, int, bool, float, ConnectorKey]:
    return (
        demand.asleep,
        -demand.priority,
        not demand.pinned,
        demand.waiting_since_s,
        demand.key,
    )


def _by_key(demand: Demand) -> ConnectorKey:
    return demand.key
