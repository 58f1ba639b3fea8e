"""Whatever a site file holds, the outcome is a site or a list of problems, never a traceback."""

import math
from pathlib import Path
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from gateway.config import parse
from gateway.errors import ConfigError
from gateway.site.circuits import failsafe_problems
from gateway.site.depot import Site

EXAMPLE: Final = Path("gateway/site.example.toml").read_text()
LINES: Final = EXAMPLE.splitlines()
KEYS: Final = sorted({line.lstrip("# ").split(" = ")[0] for line in LINES if " = " in line})
TABLES: Final = [line.split("  ")[0] for line in LINES if line.startswith("[")]

scalars = st.one_of(
    st.sampled_from(
        [
            "nan",
            "-inf",
            "1e999",
            "true",
            '""',
            '"grid"',
            "2030-01-01",
            "07:00:00",
            "{}",
            "[]",
            "[[]]",
        ]
    ),
    st.sampled_from(["0001-01-01T00:00:00+01:00", "9999-12-31T23:00:00-01:00", '"\\u0000"', "0xF"]),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(st.characters(codec="utf-8", exclude_characters="'\n\r", exclude_categories=["C"])).map(
        lambda text: f"'{text}'"
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(st.sampled_from([key for key in KEYS if "." not in key]), inner).map(
            lambda pair: f"{{ {pair[0]} = {pair[1]} }}"
        ),
    ),
    max_leaves=5,
)
lines = st.one_of(
    st.tuples(st.sampled_from(KEYS), values).map(" = ".join),
    st.sampled_from(TABLES),
    st.sampled_from(LINES),
)


def outcome(data: bytes) -> Site | ConfigError:
    try:
        return parse(data, "site.toml", Path("/etc/depot"))
    except ConfigError as exc:
        return exc


def check(data: bytes) -> None:
    match outcome(data):
        case Site() as site:
            assert site.feeder.parent is None
            assert not failsafe_problems(site.circuits, list(site.connectors()))
            assert all(math.isfinite(a) for c in site.circuits.values() for a in c.limit_a)
            assert all(c.conductors and c.circuit in site.circuits for c in site.connectors())
        case ConfigError(problems=problems):
            assert problems
            assert all(problem.isprintable() and ": " in problem for problem in problems)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    check(data)


@given(st.lists(lines, max_size=25))
def test_any_lines_that_look_like_a_site_file(chosen: list[str]) -> None:
    check("\n".join(chosen).encode())


@given(st.integers(0, len(LINES) - 1), values)
def test_the_example_with_any_value_in_any_place(number: int, value: str) -> None:
    key = LINES[number].lstrip("# ").split(" = ")[0]
    line = f"{key} = {value}" if " = " in LINES[number] else LINES[number]
    check("\n".join([*LINES[:number], line, *LINES[number + 1 :]]).encode())


@given(st.integers(0, len(LINES) - 1), st.integers(0, len(LINES) - 1))
def test_the_example_with_lines_missing_or_moved(one: int, other: int) -> None:
    spoilt = list(LINES)
    spoilt.insert(other, spoilt.pop(one))
    check("\n".join(spoilt).encode())
    del spoilt[other]
    check("\n".join(spoilt).encode())
