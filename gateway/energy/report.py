"""The balance that others see: each offer with its reason, each circuit with its load.

It only tells what was decided. What did not change since the last cycle is the same object.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

from gateway.energy.headroom import PhasesDa
from gateway.energy.member import Member
from gateway.energy.offers import Balance, CircuitLoad, Offer, Reason, Why
from gateway.energy.snapshot import Target
from gateway.energy.stability import STEP_DA
from gateway.energy.tree import Tree
from gateway.energy.watch import Watch
from gateway.site.depot import ConnectorKey
from gateway.site.electrical import DA_PER_A, PhaseCurrents

IDLE: Final = Reason(Why.IDLE)
OFFLINE: Final = Reason(Why.OFFLINE)
HELD: Final = Reason(Why.HELD)
NOT_STEERED: Final = Target(0, IDLE)


class Reporter:
    """Builds balances; remembers the last one to save work."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._facts: dict[ConnectorKey, tuple[Any, ...]] = {}
        self._offers: dict[ConnectorKey, Offer] = {}

    def balance(
        self,
        now_s: float,
        members: Sequence[Member],
        targets: Mapping[ConnectorKey, Target],
        uncontrolled_da: Sequence[PhasesDa],
        left_da: Sequence[int],
        watch: Watch,
        quiet: Container[str],
    ) -> Balance:
        """The outcome of one cycle.

        Args:
            left_da: What is left on each row (see `Tree`).
            quiet: Identities of the charge points that are not told anything.
        """
        offers = {
            member.key: self._offer(
                member,
                targets.get(member.key, NOT_STEERED),
                now_s,
                quiet=member.key.identity in quiet,
            )
            for member in members
        }
        circuits = {
            circuit.name: self._circuit(index, now_s, uncontrolled_da[index], left_da, watch)
            for index, circuit in enumerate(self._tree.circuits)
        }
        return Balance(now_s, offers, circuits)

    def _offer(self, member: Member, target: Target, now_s: float, *, quiet: bool) -> Offer:
        limits = member.limits
        offer_da = limits.offer_da(now_s)
        facts = (
            offer_da,
            target.target_da,
            member.counted_da(now_s),
            _reason(member, offer_da, target, quiet),
            member.draw.currents if limits.active else None,
            limits.active,
            limits.online,
        )
        if self._facts.get(member.key) != facts:
            self._facts[member.key] = facts
            self._offers[member.key] = Offer(member.key, *facts)
        return self._offers[member.key]

    def _circuit(
        self,
        index: int,
        now_s: float,
        uncontrolled_da: PhasesDa,
        left_da: Sequence[int],
        watch: Watch,
    ) -> CircuitLoad:
        circuit = self._tree.circuits[index]
        watched = watch.circuits.get(index)
        load, age_s, failsafe = None, None, False
        if watched is not None:
            age_s = watched.meter.age_s(now_s)
            failsafe = not watched.meter.trusted
            if age_s is not None and age_s <= watched.meter.stale_s:
                load = watched.load
        first = 3 * index
        return CircuitLoad(
            circuit.name,
            circuit.parent,
            circuit.limit_a,
            load,
            PhaseCurrents(
                uncontrolled_da[0] / DA_PER_A,
                uncontrolled_da[1] / DA_PER_A,
                uncontrolled_da[2] / DA_PER_A,
            ),
            (left_da[first], left_da[first + 1], left_da[first + 2]),
            age_s,
            failsafe,
        )


def _reason(member: Member, offer_da: int, target: Target, quiet: bool) -> Reason:
    if not member.limits.online:
        return OFFLINE
    if not member.limits.active:
        return IDLE
    held = not quiet and target.target_da >= offer_da + STEP_DA
    return HELD if held and target.reason.why is not Why.METER_SILENT else target.reason
