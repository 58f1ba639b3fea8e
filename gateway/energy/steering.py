"""From targets to commands: which connectors are told which limit in this cycle.

Cuts go out at once and first. A raise goes out only into room that is left beside everybody at the
highest limit that may be in force, so it waits for the cuts that it needs to be confirmed.
"""

from collections.abc import Sequence
from typing import NamedTuple

from gateway.energy.member import Member
from gateway.energy.snapshot import Demand
from gateway.energy.stability import STEP_DA
from gateway.site.depot import ConnectorKey
from gateway.site.electrical import MIN_OFFER_DA


class SetLimit(NamedTuple):
    """A limit for a running transaction; its outcome must come back, with the same ``serial``.

    Args:
        failsafe_da: What it falls to by itself at the end of its lease.
        cut: It is lower than what the connector was offered before.
    """

    key: ConnectorKey
    limit_da: int
    failsafe_da: int
    serial: int
    cut: bool


class Steered(NamedTuple):
    """A connector that can be told a limit.

    Args:
        counted_da: The most that it may take now.
    """

    member: Member
    demand: Demand
    target_da: int
    counted_da: int


def steer(everyone: Sequence[Steered], left_da: list[int], now_s: float) -> tuple[SetLimit, ...]:
    """The limits to send now, cuts before raises; they count as sent.

    Connectors that leave 0 A are raised before others, then those with the lowest level.

    Args:
        left_da: What is left on each row; what the raises take is taken off it.
    """
    commands: list[SetLimit] = []
    raisable: list[tuple[bool, float, ConnectorKey, int, Steered]] = []
    for one in everyone:
        member, limits = one.member, one.member.limits
        offer_da = limits.offer_da(now_s)
        member.hold.observe(offer_da, one.target_da, now_s)
        if not member.may_be_told(now_s):
            continue
        if one.target_da < offer_da:
            if member.may_retry(now_s, cut=True):
                commands.append(_send(member, one.target_da, now_s))
        elif _must_be_told(one, offer_da, now_s):
            commands.append(_send(member, offer_da, now_s))
        elif (level_da := _free_da(one, offer_da, now_s)) > 0:
            level = offer_da / one.demand.priority
            raisable.append((offer_da > 0, level, member.key, level_da, one))
    raisable.sort(key=lambda entry: entry[:3])
    for *_, level_da, one in raisable:
        limit_da = _raised_da(one, level_da, left_da, now_s)
        if limit_da > 0:
            commands.append(_send(one.member, limit_da, now_s))
            for row in one.demand.rows:
                left_da[row] -= max(0, limit_da - one.counted_da)
    return tuple(commands)


def _must_be_told(one: Steered, offer_da: int, now_s: float) -> bool:
    """What it has is to be sent (again): it lapses soon, is in doubt, or never was sent."""
    limits = one.member.limits
    if not limits.told:
        return one.target_da < offer_da + STEP_DA
    due = limits.in_doubt() or limits.refresh_due(now_s)
    return due and one.member.may_retry(now_s, cut=False)


def _free_da(one: Steered, offer_da: int, now_s: float) -> int:
    """What the hold and earlier failures let it be raised to; 0 when it has to wait."""
    if not one.member.may_retry(now_s, cut=False):
        return 0
    fresh = not one.member.limits.told
    return min(one.target_da, one.member.hold.free_da(offer_da, now_s, fresh=fresh))


def _raised_da(one: Steered, level_da: int, left_da: Sequence[int], now_s: float) -> int:
    """``level_da`` as far as there is room for it; 0 when that is not worth a message."""
    free_da = min(left_da[row] for row in one.demand.rows)
    limit_da = min(level_da, one.counted_da + free_da)
    floor_da = max(MIN_OFFER_DA, one.member.limits.offer_da(now_s) + STEP_DA)
    return limit_da if free_da >= 0 and limit_da >= floor_da else 0


def _send(member: Member, limit_da: int, now_s: float) -> SetLimit:
    cut = limit_da < member.limits.offer_da(now_s)
    member.sent(limit_da, now_s)
    return SetLimit(member.key, limit_da, member.limits.failsafe_da, member.serial, cut)
