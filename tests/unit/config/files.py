"""A small site file that is right, to be spoilt line by line."""

from pathlib import Path
from typing import Final

from gateway.config import parse
from gateway.errors import ConfigError
from gateway.site.depot import Site

EXAMPLE: Final = Path("gateway/site.example.toml")

SMALL: Final = """
[site]
name = "Depot"
[circuits.grid]
limit_a = 100
[meters.main]
circuit = "grid"
map = "eastron_sdm630_v2"
host = "127.0.0.1"
[charge_points.CP-01]
circuit = "grid"
allow_without_password = true
"""

CP: Final = "[charge_points.CP-01]\n"


def site_of(text: str) -> Site:
    """The site that ``text`` describes."""
    return parse(text.encode(), "site.toml", Path("/etc/depot"))


def problems_of(text: str) -> list[str]:
    """Every problem in ``text``; empty when it is right."""
    try:
        site_of(text)
    except ConfigError as exc:
        return list(exc.problems)
    return []


def only_problem_of(text: str) -> str:
    """The one problem in ``text``."""
    (problem,) = problems_of(text)
    return problem


def changed(old: str, new: str) -> str:
    """The small file with ``old`` replaced."""
    assert old in SMALL
    return SMALL.replace(old, new)
