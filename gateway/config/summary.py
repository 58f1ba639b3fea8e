"""What a correct site file amounts to: circuits, connectors, and the fail-safe arithmetic."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from gateway.config.configuration import configuration_notes
from gateway.site.circuits import below, failsafe_a, path_to_feeder
from gateway.site.depot import Circuit, Connector, Site
from gateway.site.electrical import CONDUCTORS


@dataclass(frozen=True, slots=True)
class FailsafeSum:
    """What one conductor of one circuit may carry with the gateway dead, and what fits."""

    circuit: str
    conductor: str
    charging_a: float
    reserve_a: float
    limit_a: float
    margin_a: float

    def __str__(self) -> str:
        room_a = self.limit_a - self.margin_a
        return (
            f"{self.conductor}: {self.charging_a:g} A charging + {self.reserve_a:g} A reserve "
            f"= {self.charging_a + self.reserve_a:g} A, fits {room_a:g} A "
            f"({self.limit_a:g} A less {self.margin_a:g} A)"
        )


def failsafe_sums(site: Site) -> list[FailsafeSum]:
    """The arithmetic for every circuit, in the order of the file, and every conductor."""
    connectors = tuple(site.connectors())
    return [
        total for circuit in site.circuits.values() for total in _sums(site, circuit, connectors)
    ]


def as_lines(site: Site) -> list[str]:
    """The summary for a person."""
    connectors = tuple(site.connectors())
    lines = [f"{site.name}: the site file is correct"]
    lines += [f"note: {note}" for note in configuration_notes(site)]
    lines += _circuit_lines(site)
    lines.append(f"charge points: {len(site.charge_points)}, connectors: {len(connectors)}")
    lines += [f"  {_connector_line(connector)}" for connector in connectors]
    lines.append("fail-safe currents, with the gateway dead:")
    for circuit in site.circuits.values():
        lines.append(f"  {circuit.name}")
        lines += [f"    {total}" for total in _sums(site, circuit, connectors)]
    return lines


def as_object(site: Site) -> dict[str, object]:
    """The summary for a program: plain values only."""
    return {
        "ok": True,
        "problems": [],
        "notes": configuration_notes(site),
        "name": site.name,
        "feeder": site.feeder.name,
        "circuits": list(site.circuits),
        "meters": {meter.name: meter.circuit for meter in site.meters.values()},
        "charge_points": list(site.charge_points),
        "connectors": [str(connector.key) for connector in site.connectors()],
        "upstream": site.upstream.url if site.upstream else None,
        "failsafe": [asdict(total) for total in failsafe_sums(site)],
    }


def _sums(site: Site, circuit: Circuit, connectors: Sequence[Connector]) -> Iterator[FailsafeSum]:
    names = below(site.circuits, circuit.name)
    inside = [connector for connector in connectors if connector.circuit in names]
    for conductor in CONDUCTORS:
        yield FailsafeSum(
            circuit.name,
            conductor.name,
            failsafe_a(inside, conductor),
            sum(site.circuits[name].reserve_a[conductor] for name in names),
            circuit.limit_a[conductor],
            circuit.margin_a,
        )


def _circuit_lines(site: Site) -> Iterator[str]:
    watched = {meter.circuit: meter.name for meter in site.meters.values()}
    yield f"circuits: {len(site.circuits)}"
    for circuit in site.circuits.values():
        way = " < ".join(c.name for c in path_to_feeder(site.circuits, circuit.name))
        limits = "/".join(f"{limit_a:g}" for limit_a in circuit.limit_a)
        meter = f", meter {watched[circuit.name]}" if circuit.name in watched else ""
        yield f"  {way}: {limits} A{meter}"


def _connector_line(connector: Connector) -> str:
    conductors = ", ".join(conductor.name for conductor in connector.conductors)
    return (
        f"{connector.key} on {connector.circuit}: {conductors}, up to {connector.max_a:g} A, "
        f"fail-safe {connector.failsafe_a:g} A"
    )
