"""The metered circuits: which meters are believed, and what load there is that we do not control.

A circuit whose meter is not believed counts its reserve in place of its load.
"""

from collections.abc import Iterator, Sequence

from gateway.energy.failsafe import MeterWatch
from gateway.energy.headroom import Load, PhasesDa, Uncontrolled
from gateway.energy.member import Member
from gateway.energy.tree import Tree, in_da_up
from gateway.site.depot import Site
from gateway.site.electrical import CONDUCTORS, PhaseCurrents


class WatchedCircuit:
    """One circuit with a meter."""

    def __init__(self, allowed_da: PhasesDa, stale_s: float) -> None:
        self.meter = MeterWatch(stale_s)
        self.load: PhaseCurrents | None = None
        self.uncontrolled_da: PhasesDa = (0, 0, 0)
        self.pending: list[tuple[float, PhaseCurrents]] = []
        self.estimate = Uncontrolled(allowed_da)


class Watch:
    """Every metered circuit, by the circuit's index in the tree."""

    def __init__(self, site: Site, tree: Tree) -> None:
        self._tree = tree
        self.circuits = {
            tree.index[meter.circuit]: WatchedCircuit(
                tree.allowed_da[tree.index[meter.circuit]], site.balancing.meter_stale_s
            )
            for meter in site.meters.values()
        }

    def sampled(self, circuit: str, currents: PhaseCurrents, at_s: float) -> None:
        """A believed sample of ``circuit`` arrived at ``at_s``."""
        watched = self.circuits.get(self._tree.index.get(circuit, -1))
        if watched is None or at_s <= watched.meter.sampled_s:
            return
        if at_s - watched.meter.sampled_s > watched.meter.stale_s:
            watched.estimate.reset()
            watched.pending.clear()
        watched.meter.sampled(at_s)
        watched.load = currents
        watched.pending.append((at_s, currents))

    def uncontrolled_da(self, members: Sequence[Member], now_s: float) -> list[PhasesDa]:
        """Judge every meter, take new samples in, and return the load of each circuit, by index."""
        tree = self._tree
        result: list[PhasesDa] = [(0, 0, 0)] * len(tree.circuits)
        for circuit in tree.inner_first:
            watched = self.circuits.get(circuit)
            if watched is not None:
                if watched.pending:
                    self._take_in(circuit, watched, members, now_s)
                if watched.meter.check(now_s):
                    result[circuit] = watched.uncontrolled_da
                    continue
            l1_da, l2_da, l3_da = tree.reserve_da[circuit]
            for child in tree.children[circuit]:
                more = result[child]
                l1_da, l2_da, l3_da = l1_da + more[0], l2_da + more[1], l3_da + more[2]
            result[circuit] = (l1_da, l2_da, l3_da)
        return result

    def overloads_da(self) -> Iterator[tuple[int, int]]:
        """Rows whose meter, in its last sample, shows more than is allowed, and by how much."""
        for circuit, watched in self.circuits.items():
            if watched.load is None or not watched.meter.trusted:
                continue
            load_da, allowed_da = in_da_up(watched.load), self._tree.allowed_da[circuit]
            for conductor in CONDUCTORS:
                if load_da[conductor] > allowed_da[conductor]:
                    row = circuit * len(CONDUCTORS) + conductor
                    yield row, load_da[conductor] - allowed_da[conductor]

    def stale_above(self) -> list[str | None]:
        """Of each circuit, the nearest on its way to the feeder whose meter is not believed."""
        stale = {circuit for circuit, watched in self.circuits.items() if not watched.meter.trusted}
        if not stale:
            return [None] * len(self._tree.path)
        names = self._tree.circuits
        return [
            next((names[above].name for above in path if above in stale), None)
            for path in self._tree.path
        ]

    def _take_in(
        self, circuit: int, watched: WatchedCircuit, members: Sequence[Member], now_s: float
    ) -> None:
        surely, maybe, measured = [0, 0, 0], [0, 0, 0], [0, 0, 0]
        for index in self._tree.below[circuit]:
            member = members[index]
            most_da = member.limits.echo_da(now_s)
            if most_da == 0:
                continue
            most_da += member.draw.excess_da(most_da, now_s)
            least_da = member.limits.least_da(now_s)
            for total, phases in (
                (surely, member.draw.surely_da(least_da, now_s)),
                (maybe, member.draw.maybe_da(most_da, now_s)),
                (measured, member.draw.measured_da(most_da, now_s)),
            ):
                total[0] += phases[0]
                total[1] += phases[1]
                total[2] += phases[2]
        for at_s, currents in watched.pending:
            watched.uncontrolled_da = watched.estimate.observe(
                Load(in_da_up(currents), _sum(surely), _sum(maybe), _sum(measured)), at_s
            )
        watched.pending.clear()


def _sum(total: list[int]) -> PhasesDa:
    return (total[0], total[1], total[2])
