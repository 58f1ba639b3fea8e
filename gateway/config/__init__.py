"""The site file: ``site.toml`` to a `Site`, or every problem in it at once, each with its path.

The one rule: whatever the file holds, the outcome is a `Site` that can be run or a `ConfigError`.
"""

import re
import tomllib
from pathlib import Path
from typing import Final

from gateway.config.authorization import read_authorization
from gateway.config.charge_points import preparation_problems, read_charge_points
from gateway.config.circuits import load_problems, note_blind_feeder, read_circuits
from gateway.config.files import read_files
from gateway.config.meters import read_meters
from gateway.config.network import read_ocpp, read_upstream, read_web
from gateway.config.table import Table
from gateway.errors import ConfigError
from gateway.site.depot import BalancingRules, Site

USUAL_STATE_DIR: Final = "/var/lib/depot-gateway"
USUAL_VOLTAGE_V: Final = 230.0
PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def load(path: Path) -> Site:
    """The site that the file at ``path`` describes.

    Raises:
        ConfigError: The file cannot be read or cannot be true; carries every problem found.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else "no such path"
        raise ConfigError([f"{path}: cannot be read: {reason}"]) from exc
    return parse(data, path.name, path.parent)


def parse(data: bytes, name: str, folder: Path) -> Site:
    """The site that ``data`` describes.

    Args:
        name: The file's name, for problems of the file as a whole.
        folder: What a relative ``state_dir`` is relative to.

    Raises:
        ConfigError: As `load`.
    """
    problems: list[str] = []
    root = Table("", _content(data, name), problems)
    site = _read(root, folder, problems)
    if problems:
        raise ConfigError(problems)
    return site


def _content(data: bytes, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise ConfigError([f"{name}: line {line}: this is not UTF-8 text"]) from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError([_syntax_problem(str(exc), data.decode(), name)]) from exc
    except (ValueError, OverflowError) as exc:
        raise ConfigError(
            [f"{name}: holds a number or a date that no calendar or meter has"]
        ) from exc
    except RecursionError as exc:
        raise ConfigError([f"{name}: tables or lists are nested too deeply"]) from exc


def _syntax_problem(message: str, text: str, name: str) -> str:
    place = PLACE.search(message)
    lines = text.split("\n")
    line, column = str(len(lines)), str(len(lines[-1]) + 1)
    if place is not None and place[1] is not None:
        line, column = place[1], place[2]
    sentence = PLACE.sub("", message)
    return f"{name}: line {line}, column {column}: {sentence[:1].lower()}{sentence[1:]}"


def _read(root: Table, folder: Path, problems: list[str]) -> Site:
    site = root.table("site")
    name = site.text("name", "what the depot is called")
    voltage_v = site.number(
        "voltage_v", "volt (conductor to neutral)", 100.0, 300.0, USUAL_VOLTAGE_V
    )
    state_dir = folder / site.text("state_dir", "a directory", USUAL_STATE_DIR, longest=1000)
    site.close()
    circuits, circuit_tables = read_circuits(root)
    meters = read_meters(root, circuits)
    note_blind_feeder(circuit_tables, {meter.circuit for meter in meters.values()})
    upstream = read_upstream(root)
    charge_points = read_charge_points(root, circuits, has_upstream="upstream" in root)
    authorization = read_authorization(root, charge_points)
    balancing = _balancing(root)
    ocpp = read_ocpp(root)
    web = read_web(root, ocpp)
    files = read_files(root, ocpp, web)
    root.close()
    connectors = [c for charge_point in charge_points.values() for c in charge_point.connectors]
    problems += load_problems(circuits, connectors)
    found = Site(
        name,
        voltage_v,
        state_dir,
        circuits,
        meters,
        charge_points,
        authorization,
        upstream,
        balancing,
        ocpp,
        web,
        files,
    )
    problems += preparation_problems(found)
    return found


def _balancing(root: Table) -> BalancingRules:
    table = root.table("balancing")
    rules = BalancingRules(
        table.number("meter_stale_s", "seconds", 2.0, 60.0, 5.0),
        table.number("raise_hold_s", "seconds", 0.0, 600.0, 10.0),
        table.number("lease_s", "seconds", 30.0, 3600.0, 120.0),
    )
    table.close()
    return rules
