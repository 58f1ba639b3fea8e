"""``[circuits.*]``: one feeder, a tree below it, and limits that can carry a car.

Stand-ins for wrong values are the kindest ones (no limit, no reserve), so that the arithmetic that
follows reports only what is wrong for certain.
"""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Final

from gateway.config.names import look_for_twins, name_fault
from gateway.config.table import Table
from gateway.config.wording import did_you_mean, quoted, step
from gateway.site.circuits import failsafe_problems, path_to_feeder
from gateway.site.depot import Circuit, Connector
from gateway.site.electrical import MIN_OFFER_DA, to_a

HIGHEST_LIMIT_A: Final = 6000.0
LOWEST_LIMIT_A: Final = 0.1
DEFAULT_MARGIN_A: Final = 2.0


def read_circuits(root: Table) -> tuple[dict[str, Circuit], dict[str, Table]]:
    """Every circuit of the file, and its table. Wrong parents are noted and cut: trees remain."""
    outer = root.table("circuits")
    tables = outer.named()
    look_for_twins(outer, tables, "circuit")
    circuits = {name: _circuit(name, table) for name, table in tables.items()}
    if not circuits:
        root.problem("circuits", "there is none; describe at least the feeder, as [circuits.grid]")
    feeders = [name for name, table in tables.items() if "parent" not in table]
    for name in feeders[1:]:
        tables[name].problem(
            "parent",
            f"is missing, as it is in {quoted(feeders[0])}, but a site has one feeder; "
            "name the circuit that feeds this one",
        )
    if circuits and not feeders:
        root.problem("circuits", "each has a parent; the feeder, at the grid, must have none")
    return _trees(tables, circuits), tables


def note_blind_feeder(tables: Mapping[str, Table], watched: Container[str]) -> None:
    """Note a feeder without a meter, unless the file says in so many words what to reserve."""
    for name, table in tables.items():
        if "parent" in table or name in watched or "reserve_a" in table:
            continue
        table.problem(
            "",
            "no meter watches the feeder, so the building's load is unknown; add a meter with "
            f"circuit = {quoted(name)}, or write reserve_a: the most that the building draws "
            "(0 when only charge points hang on it)",
        )


def load_problems(circuits: Mapping[str, Circuit], connectors: Sequence[Connector]) -> list[str]:
    """Why the limits cannot work: too small for any car, or unsafe with the gateway dead."""
    known = [c for c in connectors if c.circuit in circuits]
    return [*_too_small(circuits, known), *failsafe_problems(circuits, known)]


def _circuit(name: str, table: Table) -> Circuit:
    if fault := name_fault(name):
        table.problem("", fault)
    parent = table.text("parent", "the name of the circuit that feeds this one", "") or None
    limit_a = table.per_conductor("limit_a", None, math.inf, LOWEST_LIMIT_A, HIGHEST_LIMIT_A)
    margin_a = table.number(
        "margin_a", "ampere", 0.0, HIGHEST_LIMIT_A, DEFAULT_MARGIN_A, stand_in=0.0
    )
    reserve_a = table.per_conductor("reserve_a", 0.0, 0.0, 0.0, HIGHEST_LIMIT_A)
    if margin_a >= min(limit_a):
        table.problem("margin_a", f"{margin_a:g} A leave nothing of a limit of {min(limit_a):g} A")
        margin_a = 0.0
    table.close()
    return Circuit(name, parent, limit_a, margin_a, reserve_a)


def _trees(tables: Mapping[str, Table], circuits: dict[str, Circuit]) -> dict[str, Circuit]:
    sound = dict(circuits)
    for name, circuit in circuits.items():
        if circuit.parent is not None and circuit.parent not in circuits:
            hint = did_you_mean(circuit.parent, [other for other in circuits if other != name])
            tables[name].problem("parent", f"no circuit is called {quoted(circuit.parent)}{hint}")
            sound[name] = replace(circuit, parent=None)
    for name in circuits:
        if loop := _loop(sound, name):
            tables[name].problem("parent", f"circuits feed each other in a ring: {loop}")
            sound[name] = replace(sound[name], parent=None)
    return sound


def _loop(circuits: Mapping[str, Circuit], name: str) -> str:
    """The way from ``name`` back to itself, for a sentence; empty when there is none."""
    way = [name]
    while (parent := circuits[way[-1]].parent) is not None:
        if parent == name:
            return " < ".join(quoted(place) for place in [*way, name])
        if parent in way:
            return ""
        way.append(parent)
    return ""


def _too_small(circuits: Mapping[str, Circuit], connectors: Sequence[Connector]) -> list[str]:
    floor_a = to_a(MIN_OFFER_DA)
    found: dict[str, None] = {}
    for connector in connectors:
        for circuit in path_to_feeder(circuits, connector.circuit):
            for conductor in connector.conductors:
                room_a = circuit.limit_a[conductor] - circuit.margin_a
                if room_a < floor_a - 1e-6:
                    where = step(step("circuits", circuit.name), "limit_a")
                    found[
                        f"{where}: {room_a:g} A on {conductor.name} (limit less margin) cannot "
                        f"charge a car at {connector.key}; a car needs {floor_a:g} A"
                    ] = None
    return list(found)
