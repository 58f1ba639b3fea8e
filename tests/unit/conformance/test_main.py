"""From what pytest tells of a test to the results of a run."""

from typing import Any

import pytest

from tests.conformance.__main__ import Recorder
from tests.conformance.report import NEGATIVES, Result

NODE = "tests/conformance/test_core.py::test_tc_014_csms_soft_reset[new]"
ABOUT: list[tuple[str, object]] = [("case", "014"), ("edition", "2024 and 2025")]
ROW = ("014", "2024 and 2025")


def told(*phases: tuple[Any, Any], node: str = NODE, about: Any = ABOUT) -> Recorder:
    """A recorder that heard of each phase of one test: its name and its outcome."""
    recorder = Recorder()
    for when, outcome in phases:
        report = pytest.TestReport(
            nodeid=node,
            location=("", None, ""),
            keywords={},
            outcome=outcome,
            longrepr=None,
            when=when,
            user_properties=about,
        )
        recorder.pytest_runtest_logreport(report)
    return recorder


def test_a_test_that_passes_passes_its_case() -> None:
    recorder = told(("setup", "passed"), ("call", "passed"), ("teardown", "passed"))
    assert recorder.results.cases == {ROW: {Result.PASS}}


@pytest.mark.parametrize("phase", ["setup", "call", "teardown"])
def test_whatever_goes_wrong_around_a_test_fails_its_case(phase: str) -> None:
    phases = [(name, "passed") for name in ("setup", "call", "teardown") if name != phase]
    recorder = told(*phases, (phase, "failed"))
    assert Result.FAIL in recorder.results.cases[ROW]


def test_a_skipped_test_is_no_pass() -> None:
    assert told(("setup", "skipped")).results.cases == {ROW: {Result.NOT_RUN}}


def test_a_test_of_the_negatives_is_known_by_its_name() -> None:
    name = next(iter(NEGATIVES))
    recorder = told(
        ("call", "passed"), node=f"tests/conformance/test_negatives.py::{name}", about=[]
    )
    assert recorder.results.negatives == {name: {Result.PASS}}
    assert recorder.results.cases == {}


def test_other_tests_are_no_case() -> None:
    recorder = told(("call", "failed"), node="tests/conformance/test_operator.py::test_x", about=[])
    assert recorder.results.cases == {}
    assert recorder.results.negatives == {}
