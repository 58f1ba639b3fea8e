"""Configuration values: what the balancing needs, and when two values are the same (OCPP 1.6 §9).

Only differences are written: configuration lives in flash memory.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

SAMPLE_INTERVAL: Final = "MeterValueSampleInterval"
SAMPLED: Final = "MeterValuesSampledData"
SAMPLED_DATA: Final = "Energy.Active.Import.Register,Current.Import,Power.Active.Import"
"""Measurands that balancing needs; the order matters to no charge point that is known."""
DRAWN: Final = frozenset({"current.import", "power.active.import"})
"""Either of these tells what a connector draws."""

LISTS: Final = frozenset({SAMPLED.casefold()})
"""Lists of which our own needs may be a part."""

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_FLAGS: Final = frozenset({"true", "false"})


def balancing_needs(meter_values_interval_s: int) -> Mapping[str, str]:
    """The keys that balancing relies on (OCPP 1.6 §9.1); none for an interval of 0."""
    if meter_values_interval_s == 0:
        return {}
    return {SAMPLE_INTERVAL: str(meter_values_interval_s), SAMPLED: SAMPLED_DATA}


def same_value(wanted: str, actual: str) -> bool:
    """Numbers compare as numbers, switches without case, lists as sets."""
    one, other = wanted.strip(), actual.strip()
    if one == other:
        return True
    if _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other):
        return Decimal(one) == Decimal(other)
    if one.casefold() in _FLAGS:
        return one.casefold() == other.casefold()
    return ("," in one or "," in other) and words(one) == words(other)


def holds_all(key: str, wanted: str, actual: str) -> bool:
    """As `same_value`; a list may hold more than ``wanted``."""
    if key.casefold() in LISTS:
        return words(wanted) <= words(actual)
    return same_value(wanted, actual)


def words(value: str) -> frozenset[str]:
    """The entries of a comma separated list, in lower case."""
    return frozenset(word.strip().casefold() for word in value.split(",") if word.strip())
