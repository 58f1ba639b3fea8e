"""The configuration that a charge point is to have, and who wants each key.

The charge point's own table goes before its model's (the later entry wins), that before the site's,
and all of them before what the balancing needs.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.ocpp.v16.provisioning import balancing_needs
from gateway.ocpp.v16.quirks import Model, matches
from gateway.site.depot import Site


class Source(enum.Enum):
    """Who wants a value."""

    CHARGE_POINT = "charge point"
    MODEL = "model"
    SITE = "site"
    BALANCING = "balancing"


@dataclass(frozen=True, slots=True)
class Wish:
    """A key, and the value that it is to have."""

    key: str
    value: str
    source: Source


def desired(site: Site, identity: str, model: Model) -> tuple[Wish, ...]:
    """Every key that is to have a certain value; keys that differ in case only are one key."""
    wishes: dict[str, Wish] = {}
    for source, values in _layers(site, identity, model):
        for key, value in values.items():
            wishes[key.casefold()] = Wish(key, value, source)
    return tuple(wishes.values())


def _layers(site: Site, identity: str, model: Model) -> Iterator[tuple[Source, Mapping[str, str]]]:
    """Every table that counts, the weakest first."""
    yield Source.BALANCING, balancing_needs(site.ocpp.meter_values_interval_s)
    yield Source.SITE, site.ocpp.configuration
    for rules in site.ocpp.models:
        if matches(rules.vendor, rules.model, model):
            yield Source.MODEL, rules.configuration
    if identity in site.charge_points:
        yield Source.CHARGE_POINT, site.charge_points[identity].configuration
