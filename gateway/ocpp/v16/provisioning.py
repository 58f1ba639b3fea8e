"""The configuration that we want in a charge point, and what must change to get there.

Only differences are written: configuration lives in flash memory.
"""

from collections.abc import Mapping
from typing import Final

from gateway.ocpp.v16.messages import GetConfigurationResponse

SAMPLED_DATA: Final = "Energy.Active.Import.Register,Current.Import,Power.Active.Import"
"""Measurands that balancing needs; the order matters to no charge point that is known."""


def desired(meter_values_interval_s: int) -> dict[str, str]:
    """The keys that balancing relies on (OCPP 1.6 §9.1); none for an interval of 0."""
    if meter_values_interval_s == 0:
        return {}
    return {
        "MeterValueSampleInterval": str(meter_values_interval_s),
        "MeterValuesSampledData": SAMPLED_DATA,
    }


def differences(wanted: Mapping[str, str], actual: GetConfigurationResponse) -> dict[str, str]:
    """Those of ``wanted`` that the charge point knows, may change, and has otherwise.

    A sampled-data list that already holds our measurands among others is left alone.
    """
    found = {entry.key: entry for entry in actual.configuration_key or ()}
    changes = {}
    for key, value in wanted.items():
        entry = found.get(key)
        if entry is None or entry.readonly or _satisfied(value, entry.value or ""):
            continue
        changes[key] = value
    return changes


def _satisfied(wanted: str, actual: str) -> bool:
    have = {part.strip() for part in actual.split(",")}
    return {part.strip() for part in wanted.split(",")} <= have
