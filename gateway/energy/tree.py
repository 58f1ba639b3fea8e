"""The circuit tree as numbers: each conductor of each circuit is a row that connectors load.

Built once; nothing here changes while the gateway runs.
"""

from gateway.energy.headroom import PhasesDa
from gateway.energy.offers import Reason, Why
from gateway.site.circuits import path_to_feeder
from gateway.site.depot import Circuit, Connector, Site
from gateway.site.electrical import CONDUCTORS, PhaseCurrents, to_da


class Tree:
    """Circuits by index in the order of the site file; row = 3 * circuit + conductor.

    Attributes:
        inner_first: Circuit indexes, each after all that it feeds.
        children: Of each circuit, those that it feeds directly.
        path: Of each circuit, itself and all that feed it, feeder last.
        allowed_da: Of each circuit, limit less margin per conductor.
        reserve_da: Of each circuit, rounded up.
        bounds: Of each row, the reason of an offer that it keeps low.
        rows: Of each connector, the rows that it loads, its own circuit first.
        below: Of each circuit, the indexes of the connectors that it feeds, directly or not.
    """

    def __init__(self, site: Site) -> None:
        self.circuits: tuple[Circuit, ...] = tuple(site.circuits.values())
        self.connectors: tuple[Connector, ...] = tuple(site.connectors())
        self.index = {circuit.name: i for i, circuit in enumerate(self.circuits)}
        self.path = [
            tuple(self.index[above.name] for above in path_to_feeder(site.circuits, circuit.name))
            for circuit in self.circuits
        ]
        self.inner_first = sorted(range(len(self.path)), key=lambda i: -len(self.path[i]))
        self.children = [
            tuple(i for i, path in enumerate(self.path) if len(path) > 1 and path[1] == parent)
            for parent in range(len(self.path))
        ]
        self.allowed_da = [
            _each(circuit.limit_a, less_a=circuit.margin_a) for circuit in self.circuits
        ]
        self.reserve_da = [in_da_up(circuit.reserve_a) for circuit in self.circuits]
        self.bounds = [
            Reason(Why.SHARED, f"{circuit.name} {conductor.name}")
            for circuit in self.circuits
            for conductor in CONDUCTORS
        ]
        self.rows = [
            tuple(
                3 * circuit + conductor
                for circuit in self.path[self.index[connector.circuit]]
                for conductor in connector.conductors
            )
            for connector in self.connectors
        ]
        self.below = [
            tuple(
                i
                for i, connector in enumerate(self.connectors)
                if circuit in self.path[self.index[connector.circuit]]
            )
            for circuit in range(len(self.circuits))
        ]


def in_da_up(currents: PhaseCurrents) -> PhasesDa:
    """Deci-ampere per conductor, rounded up; what flows back to the grid counts as nothing."""
    return (
        max(0, -to_da(-currents.l1_a)),
        max(0, -to_da(-currents.l2_a)),
        max(0, -to_da(-currents.l3_a)),
    )


def _each(currents: PhaseCurrents, less_a: float) -> PhasesDa:
    return (
        to_da(currents.l1_a - less_a),
        to_da(currents.l2_a - less_a),
        to_da(currents.l3_a - less_a),
    )
