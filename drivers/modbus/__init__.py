"""Meters that speak Modbus. Only this room knows pymodbus, and loads it with the first meter."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # checking a site file needs the list of maps, not the ports
    from gateway.ports import Meter
    from gateway.site.depot import MeterSite


def meter_for(site: "MeterSite") -> "Meter":
    """The meter that ``site`` describes, not yet connected. Needs no running loop."""
    from drivers.modbus.registers import load_map
    from drivers.modbus.tcp import ModbusTcpMeter

    return ModbusTcpMeter(site, load_map(site.map_name))
