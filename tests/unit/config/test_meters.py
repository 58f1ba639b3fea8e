"""``[meters.*]``."""

import pytest

from gateway.site.depot import MeterSite
from tests.unit.config.files import SMALL, changed, only_problem_of, site_of


def test_a_meter_gets_the_usual_port_and_unit() -> None:
    assert site_of(SMALL).meters["main"] == MeterSite(
        "main", "grid", "modbus-tcp", "eastron_sdm630_v2", "127.0.0.1", 502, 1
    )


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ('host = "127.0.0.1"', "", "host", "is missing"),
        ('host = "127.0.0.1"', 'host = "300.1.1.1"', "host", "neither an IP address nor"),
        ('host = "127.0.0.1"', 'host = "a b"', "host", "neither an IP address nor"),
        ('host = "127.0.0.1"', 'host = "m"\nport = 0', "port", "it goes from 1 to 65535"),
        ('host = "127.0.0.1"', 'host = "m"\nunit = 256', "unit", "it goes from 0 to 255"),
        ("eastron_sdm630_v2", "eastron_sdm630", "map", 'did you mean "eastron_sdm630_v2"?'),
        ("eastron_sdm630_v2", "../meters/x", "map", "is not known here"),
        ('map = "eastron_sdm630_v2"', "", "map", "is missing; write the meter's register map"),
        (
            "[meters.main]\n",
            '[meters.main]\ndriver = "rtu"\n',
            "driver",
            'choose from "modbus-tcp"',
        ),
    ],
)
def test_a_wrong_value_is_told(old: str, new: str, path: str, words: str) -> None:
    problem = only_problem_of(changed(old, new))
    assert problem.startswith(f"meters.main.{path}: ")
    assert words in problem


def test_a_circuit_has_one_meter() -> None:
    second = '[meters.second]\ncircuit = "grid"\nmap = "eastron_sdm630_v2"\nhost = "10.0.0.2"\n'
    assert only_problem_of(SMALL + second) == (
        'meters.second.circuit: meter "main" watches "grid" already'
    )


def test_one_meter_cannot_watch_two_circuits() -> None:
    text = SMALL + '[circuits.hall]\nparent = "grid"\nlimit_a = 40\n[meters.hall]\n'
    text += 'circuit = "hall"\nmap = "eastron_sdm630_v2"\nhost = "127.0.0.1"\n'
    assert "has the same address, port and unit" in only_problem_of(text)


def test_an_unknown_circuit_is_told() -> None:
    text = SMALL + '[meters.x]\ncircuit = "hall"\nmap = "eastron_sdm630_v2"\nhost = "h"\n'
    assert only_problem_of(text) == 'meters.x.circuit: no circuit is called "hall"'
