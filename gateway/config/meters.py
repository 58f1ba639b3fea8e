"""``[meters.*]``: which circuit each one watches, and how it is reached."""

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Final

from drivers.modbus.registers import map_names
from gateway.config.names import look_for_twins, name_fault
from gateway.config.table import Table
from gateway.config.wording import did_you_mean, listed, quoted
from gateway.site.depot import Circuit, MeterSite

DRIVERS: Final = ("modbus-tcp",)
HOST_NAME: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
HIGHEST_PORT: Final = 65535
HIGHEST_UNIT: Final = 255


def read_meters(root: Table, circuits: Mapping[str, Circuit]) -> dict[str, MeterSite]:
    """Every meter of the file."""
    outer = root.table("meters")
    tables = outer.named()
    look_for_twins(outer, tables, "meter")
    meters = {name: _meter(name, table, circuits) for name, table in tables.items()}
    _note_doubles(tables, meters)
    return meters


def host_fault(host: str) -> str:
    """Why ``host`` is neither an IP address nor a host name; empty when it is one."""
    try:
        ip_address(host)
    except ValueError:
        looks_like_ip = host.replace(".", "").isdigit()
        if looks_like_ip or not HOST_NAME.fullmatch(host):
            return f"{quoted(host)} is neither an IP address nor a host name"
    return ""


def _meter(name: str, table: Table, circuits: Mapping[str, Circuit]) -> MeterSite:
    if fault := name_fault(name):
        table.problem("", fault)
    circuit = table.text("circuit", "the name of the circuit that this meter watches")
    if circuit and circuit not in circuits:
        hint = did_you_mean(circuit, circuits)
        table.problem("circuit", f"no circuit is called {quoted(circuit)}{hint}")
    driver = _one_of(table, "driver", "the driver", DRIVERS, DRIVERS[0])
    map_name = _one_of(table, "map", "the meter's register map", map_names(), None)
    host = table.text("host", "the meter's IP address or host name")
    if host and (fault := host_fault(host)):
        table.problem("host", fault)
    port = table.whole("port", "a TCP port", 1, HIGHEST_PORT, 502)
    unit_id = table.whole("unit", "a Modbus unit", 0, HIGHEST_UNIT, 1)
    table.close()
    return MeterSite(name, circuit, driver, map_name, host, port, unit_id)


def _one_of(table: Table, key: str, what: str, known: Iterable[str], default: str | None) -> str:
    value = table.text(key, f"{what}: one of {listed(known)}", default)
    if value and value not in known:
        hint = did_you_mean(value, known)
        table.problem(key, f"{quoted(value)} is not known here; choose from {listed(known)}{hint}")
    return value


def _note_doubles(tables: Mapping[str, Table], meters: Mapping[str, MeterSite]) -> None:
    watching: dict[str, str] = {}
    addresses: dict[tuple[str, int, int], str] = {}
    for name, meter in meters.items():
        first = watching.setdefault(meter.circuit, name)
        if meter.circuit and first != name:
            tables[name].problem(
                "circuit", f"meter {quoted(first)} watches {quoted(meter.circuit)} already"
            )
        address = (meter.host.casefold(), meter.port, meter.unit_id)
        first = addresses.setdefault(address, name)
        if meter.host and first != name:
            tables[name].problem(
                "host", f"meter {quoted(first)} has the same address, port and unit"
            )
