"""The circuit tree: who feeds whom, and the arithmetic that keeps a dead gateway safe."""

from collections.abc import Iterable, Mapping, Sequence

from gateway.site.depot import Circuit, Connector
from gateway.site.electrical import CONDUCTORS, Conductor


def path_to_feeder(circuits: Mapping[str, Circuit], name: str) -> tuple[Circuit, ...]:
    """The circuit ``name`` and all that feed it, feeder last. The tree must be free of loops."""
    path = [circuits[name]]
    while (parent := path[-1].parent) is not None:
        path.append(circuits[parent])
    return tuple(path)


def below(circuits: Mapping[str, Circuit], name: str) -> frozenset[str]:
    """The circuit ``name`` and every circuit that it feeds, directly or not."""
    return frozenset(
        other for other in circuits if name in {c.name for c in path_to_feeder(circuits, other)}
    )


def failsafe_a(connectors: Iterable[Connector], conductor: Conductor) -> float:
    """What ``connectors`` draw together on ``conductor`` when each is at its fail-safe current."""
    return sum(c.failsafe_a for c in connectors if conductor in c.conductors)


def failsafe_problems(
    circuits: Mapping[str, Circuit], connectors: Sequence[Connector]
) -> list[str]:
    """Why the site would not be safe with the gateway dead; empty when it would.

    Below every protective device and on every conductor, the fail-safe currents plus the reserve
    for loads that we do not control must fit under the limit less its margin.
    """
    found = []
    for circuit in circuits.values():
        names = below(circuits, circuit.name)
        inside = [c for c in connectors if c.circuit in names]
        for conductor in CONDUCTORS:
            cars_a = failsafe_a(inside, conductor)
            reserve_a = sum(circuits[name].reserve_a[conductor] for name in names)
            room_a = circuit.limit_a[conductor] - circuit.margin_a
            if cars_a + reserve_a > room_a + 1e-6:
                found.append(
                    f"circuits.{circuit.name}: with the gateway dead, {conductor.name} could carry "
                    f"{cars_a:g} A of fail-safe charging and {reserve_a:g} A of reserve, "
                    f"but only {room_a:g} A fit ({circuit.limit_a[conductor]:g} A less "
                    f"{circuit.margin_a:g} A margin); lower failsafe_a or reserve_a"
                )
    return found
