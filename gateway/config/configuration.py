"""Desired configuration: ``[configuration]``, ``[[models]]``, ``[charge_points.*.configuration]``.

The one rule: it goes to charge points as text of OCPP 1.6 §9, and holds no secret.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.config.table import CONTROL, Table
from gateway.config.wording import quoted, shown, step
from gateway.ocpp.v16.provisioning import DRAWN, SAMPLE_INTERVAL, SAMPLED, words
from gateway.records.configuration import SECRET_KEYS
from gateway.site.depot import ModelRules, Site

LONGEST_KEY: Final = 50
LONGEST_VALUE: Final = 500
LONGEST_PATTERN: Final = 50
SLOWEST_SAMPLES_S: Final = 60
"""Balancing that hears of a connector less often than this mostly guesses what it draws."""


def read_configuration(table: Table) -> dict[str, str]:
    """``configuration`` inside ``table``: text by key. Numbers and switches become OCPP text."""
    inner = table.table("configuration")
    found: dict[str, str] = {}
    twins: dict[str, str] = {}
    for key in inner.present():
        value = inner.raw(key)
        fault = key_fault(key) or value_fault(value)
        other = twins.setdefault(key.casefold(), key)
        if fault:
            inner.problem(key, fault)
        elif other != key:
            inner.problem(key, f"is written twice, also as {quoted(other)}; case does not matter")
        else:
            found[key] = ocpp_text(value)
    return found


def read_models(root: Table) -> tuple[ModelRules, ...]:
    """``[[models]]``, in the order of the file."""
    models = []
    for table in root.listed("models"):
        vendor = _pattern(table, "vendor")
        model = _pattern(table, "model")
        configuration = read_configuration(table)
        if "vendor" not in table and "model" not in table:
            table.problem("vendor", 'is missing; write the vendor, such as "ABB*", or the model')
        table.close()
        models.append(ModelRules(vendor, model, configuration))
    return tuple(models)


def key_fault(key: str) -> str:
    """Why ``key`` cannot be a configuration key here; empty when it can."""
    if not key.strip() or key != key.strip() or CONTROL.search(key):
        return "is not a configuration key; write it as the charge point does"
    if len(key) > LONGEST_KEY:
        return f"has {len(key)} characters; OCPP 1.6 allows keys of {LONGEST_KEY}"
    if key.casefold() in SECRET_KEYS:
        return (
            "is a secret, and this table is shown to people; set it with "
            "depot-gateway call, and keep it as the charge point's password"
        )
    return ""


def value_fault(value: object) -> str:
    """Why ``value`` cannot be the value of a key; empty when it can."""
    if not isinstance(value, str | int | float):
        return f"{shown(value)} is not a value; write text, a number, or true or false"
    text = ocpp_text(value)
    if len(text) > LONGEST_VALUE:
        return f"has {len(text)} characters; OCPP 1.6 allows values of {LONGEST_VALUE}"
    if text in ("nan", "inf", "-inf"):
        return f"{text} is no real quantity; write text, a number, or true or false"
    if CONTROL.search(text):
        return f"{quoted(text)} holds a control character or a line break"
    return ""


def ocpp_text(value: object) -> str:
    """A value of TOML as OCPP 1.6 writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def configuration_notes(site: Site) -> list[str]:
    """What the site may want on purpose, and balancing will miss."""
    return [
        f"{path}: {sentence}"
        for path, values in _tables(site)
        for key, value in values.items()
        if (sentence := _takes_away(key, value))
    ]


def _tables(site: Site) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "configuration", site.ocpp.configuration
    for number, rules in enumerate(site.ocpp.models, start=1):
        yield f"models[{number}].configuration", rules.configuration
    for identity, charge_point in site.charge_points.items():
        path = step("charge_points", identity)
        yield f"{path}.configuration", charge_point.configuration


def _takes_away(key: str, value: str) -> str:
    if key.casefold() == SAMPLE_INTERVAL.casefold():
        told_s = int(value) if value.isascii() and value.isdecimal() else None
        if told_s is not None and not 0 < told_s <= SLOWEST_SAMPLES_S:
            return f"{key} = {value} keeps from balancing what the connectors draw"
    if key.casefold() == SAMPLED.casefold() and not words(value) & DRAWN:
        return f"{key} without Current.Import keeps from balancing what the connectors draw"
    return ""


def _pattern(table: Table, key: str) -> str:
    what = f"the {key} of BootNotification; * and ? are wild"
    return table.text(key, what, "*", longest=LONGEST_PATTERN) or "*"
