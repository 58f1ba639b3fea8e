"""From results to a report, and from the report in the repository back to the cases."""

from tests.conformance import test_negatives
from tests.conformance.catalogue import CATALOGUE
from tests.conformance.report import (
    NEGATIVES,
    REPORT,
    Result,
    Results,
    Versions,
    all_played,
    as_markdown,
    listed,
    row_of,
)

VERSIONS = Versions("1.2", "2.1")


def everything(result: Result = Result.PASS) -> Results:
    results = Results()
    for played in all_played():
        results.case(played.case.number, played.edition, result)
    for name in NEGATIVES:
        results.negative(name, result)
    return results


def test_the_report_of_the_repository_lists_every_case_of_the_run() -> None:
    rows = [row[:-1] for row in listed(REPORT.read_text())]
    assert rows == [row_of(played, Results())[:-1] for played in all_played()]
    assert {row[0] for row in rows} == {case.case_id for case in CATALOGUE}


def test_where_the_editions_differ_each_has_its_row() -> None:
    editions = [played.edition for played in all_played() if played.case.number == "043_5"]
    assert editions == ["2024", "2025"]


def test_the_same_results_give_the_same_text() -> None:
    assert as_markdown(everything(), VERSIONS) == as_markdown(everything(), VERSIONS)


def test_a_run_without_fault_passes() -> None:
    results = everything()
    assert results.all_passed
    assert {row.result for row in listed(as_markdown(results, VERSIONS))} == {"PASS"}


def test_one_failed_way_of_playing_a_case_fails_the_case() -> None:
    results = everything()
    results.case("014", "2024 and 2025", Result.FAIL)
    report = as_markdown(results, VERSIONS)
    assert not results.all_passed
    assert _failing(report) == {"TC_014_CSMS": "FAIL"}
    (core,) = (line.split() for line in report.splitlines() if line.startswith("| Core "))
    assert core == ["|", "Core", "|", "34", "|", "33", "|"]


def test_a_case_without_a_result_is_told() -> None:
    results = everything()
    del results.cases[("014", "2024 and 2025")]
    report = as_markdown(results, VERSIONS)
    assert not results.all_passed
    assert _failing(report) == {"TC_014_CSMS": "NOT RUN"}


def test_skipped_negatives_are_told() -> None:
    results = everything()
    name = next(iter(NEGATIVES))
    results.negatives[name] = {Result.NOT_RUN}
    assert not results.all_passed
    assert "| NOT RUN |" in as_markdown(results, VERSIONS)


def test_the_negatives_of_the_report_are_tests() -> None:
    assert [name for name in NEGATIVES if not hasattr(test_negatives, name)] == []


def test_the_versions_are_told() -> None:
    report = as_markdown(everything(), VERSIONS)
    assert "Depot Gateway 1.2, `ocpp` 2.1.\n" in report


def _failing(report: str) -> dict[str, str]:
    return {row.case_id: row.result for row in listed(report) if row.result != "PASS"}
