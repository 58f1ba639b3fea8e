"""Spreads, ratios and how they are told."""

import json

import pytest

from tests.bench.report import Report, ResponseTimes, Row, Verdict, percentile, spread

HUNDRED_S = [number / 1000 for number in range(1, 101)]


def report() -> Report:
    """A small one."""
    measured = ResponseTimes.measured("us", spread(HUNDRED_S), spread(HUNDRED_S[:10]))
    certificate = ResponseTimes("them", (0.14, 0.26, 0.17), (0.15, 0.21, 0.17), note="elsewhere")
    rows = (
        Row("quick", "Heartbeat p50", "us", 100.0, 1000.0, 125.0),
        Row("server CPU", "quick", "ms per 1000 CALLs", 20.0, 600.0, 30.0),
    )
    verdicts = (Verdict("fast", True, "1.25"), Verdict("small", False, "21 kB"))
    return Report("bench", ("under these conditions",), (measured, certificate), rows, verdicts)


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 1.0), (1, 1.0), (50, 2.0), (51, 3.0), (75, 3.0), (100, 4.0)]
)
def test_a_percentile_is_one_of_the_values(percent: int, expected: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], percent) == expected


def test_the_p99_of_a_hundred_leaves_out_only_the_slowest() -> None:
    assert percentile(HUNDRED_S, 99) == 0.099


def test_a_spread_does_not_depend_on_the_order() -> None:
    found = spread([0.3, 0.1, 0.2])
    assert (found.count, found.min_s, found.max_s, found.p50_s, found.p99_s) == (
        3,
        0.1,
        0.3,
        0.2,
        0.3,
    )
    assert found.avg_s == pytest.approx(0.2)


def test_a_single_time_is_its_own_spread() -> None:
    found = spread([0.5])
    assert {found.min_s, found.max_s, found.avg_s, found.p50_s, found.p99_s} == {0.5}


def test_ratios_are_ours_to_the_echo_and_the_package_to_ours() -> None:
    row = Row("", "", "", echo=100.0, package=1000.0, ours=125.0)
    assert (row.to_echo, row.package_to_ours) == (1.25, 8.0)


def test_nothing_to_compare_with_is_no_ratio_of_one() -> None:
    assert Row("", "", "", echo=0.0, package=1.0, ours=1.0).to_echo == float("inf")


def test_the_table_prints_seconds_like_the_certificates() -> None:
    lines = report().as_table().splitlines()
    them = next(line for line in lines if line.startswith("them"))
    assert them.split() == ["them", "0.14", "0.26", "0.17", "0.15", "0.21", "0.17", "elsewhere"]
    us = next(line for line in lines if line.startswith("us "))
    assert us.split() == ["us", "0.00100", "0.10", "0.05", "0.00100", "0.01000", "0.00550"]


def test_the_table_says_over_how_many_messages() -> None:
    table = report().as_table()
    assert "p50 50.000  p99 99.000  (N = 100)" in table
    assert "p50 5.000  p99 10.000  (N = 10)" in table


def test_a_group_is_named_once_above_its_rows() -> None:
    lines = report().as_table().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("server CPU"))
    assert lines[at + 1].split()[:6] == ["quick", "20", "30", "600", "1.50", "20.0"]


def test_a_missed_goal_stands_out() -> None:
    lines = report().as_table().splitlines()
    assert lines[-2:] == ["met     fast: 1.25", "MISSED  small: 21 kB"]


def test_the_object_is_json_with_the_ratios() -> None:
    read = json.loads(json.dumps(report().as_object()))
    assert read["rows"][0]["ours_to_echo"] == 1.25
    assert read["rows"][0]["package_to_ours"] == 8.0
    assert [verdict["met"] for verdict in read["verdicts"]] == [True, False]
