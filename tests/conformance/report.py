"""From the results of a test run to `CONFORMANCE.md`.

The one rule: the same results give the same text; no date, no time, nothing of the machine.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final, NamedTuple

from tests.conformance.catalogue import CATALOGUE, Case, Plan, Profile, plan_of
from tests.conformance.negatives import of_answers, of_requests

REPORT: Final = Path(__file__).parents[2] / "CONFORMANCE.md"

MODULES: Final[Mapping[Profile, str]] = {
    Profile.CORE: "test_core",
    Profile.LOCAL_LIST: "test_local_authorization_list",
    Profile.FIRMWARE: "test_firmware_management",
    Profile.RESERVATION: "test_reservation",
    Profile.REMOTE_TRIGGER: "test_remote_trigger",
    Profile.SMART_CHARGING: "test_smart_charging",
}
"""Where the cases of a profile are."""

_ABOUT: Final = """\
The cases that the OCA's test document (editions of April 2024 and of 2025) has for a Central System
in the six profiles, played by a charge point of another make (the `ocpp` package) over a real
socket against the gateway process. This is the project's own test run, not a certificate. Written
by `./dev conformance`; changes by hand are lost."""

_ABOUT_NEGATIVES: Final = """\
Every request and every answer of a charge point, with each required field missing, each type wrong,
each bound crossed and each word unknown, one fault at a time."""


class Negatives(NamedTuple):
    """A test that plays many spoilt messages."""

    what: str
    messages: Callable[[], int]


NEGATIVES: Final[Mapping[str, Negatives]] = {
    "test_a_strict_reader_has_the_right_callerror_for_every_fault": Negatives(
        "Request with one fault, strict: the right CALLERROR", lambda: len(of_requests())
    ),
    "test_a_tolerant_reader_answers_whatever_can_be_answered": Negatives(
        "Request with one fault, tolerant: an answer wherever there is one",
        lambda: len(of_requests()),
    ),
    "test_a_spoilt_answer_is_told_to_the_operator_and_the_connection_goes_on": Negatives(
        "Answer with one fault: told to the operator, the connection goes on",
        lambda: len(of_answers()),
    ),
}
"""By name, those of `tests.conformance.test_negatives`."""


class Result(Enum):
    """What became of a test, or of several that play one case; the worst counts."""

    PASS = "PASS"
    FAIL = "FAIL"
    NOT_RUN = "NOT RUN"


class Played(NamedTuple):
    """A case as one edition wants it, or as both do."""

    case: Case
    edition: str


class Row(NamedTuple):
    """A row of the report, word for word."""

    case_id: str
    title: str
    profile: str
    edition: str
    result: str


@dataclass(slots=True)
class Results:
    """Every result of a run, by what it is a result of."""

    cases: dict[tuple[str, str], set[Result]] = field(default_factory=dict)
    negatives: dict[str, set[Result]] = field(default_factory=dict)

    def case(self, number: str, edition: str, result: Result) -> None:
        """A test of a case ended."""
        self.cases.setdefault((number, edition), set()).add(result)

    def negative(self, name: str, result: Result) -> None:
        """A test of the negatives ended."""
        self.negatives.setdefault(name, set()).add(result)

    def of_case(self, played: Played) -> Result:
        """The result of a row."""
        return _worst(self.cases.get((played.case.number, played.edition), ()))

    def of_negatives(self, name: str) -> Result:
        """The result of a test of the negatives."""
        return _worst(self.negatives.get(name, ()))

    @property
    def all_passed(self) -> bool:
        """True when nothing failed and nothing is missing."""
        rows = [self.of_case(played) for played in all_played()]
        rows += [self.of_negatives(name) for name in NEGATIVES]
        return set(rows) == {Result.PASS}


class Versions(NamedTuple):
    """What was tested, with what."""

    gateway: str
    ocpp: str


def cases_of(profile: Profile) -> Iterator[tuple[str, Plan]]:
    """The name of every test of a case in the profile's file, and what it plays."""
    module = importlib.import_module(f"tests.conformance.{MODULES[profile]}")
    for name, test in vars(module).items():
        plan = plan_of(test) if callable(test) else None
        if plan is not None:
            yield name, plan


def all_played() -> list[Played]:
    """A row for each case and edition that the tests play, in the order of the catalogue."""
    editions = dict(plan for profile in Profile for _, plan in cases_of(profile))
    return [
        Played(case, edition) for case in CATALOGUE for edition in editions.get(case.number, ("",))
    ]


def as_markdown(results: Results, versions: Versions) -> str:
    """The whole report."""
    rows = all_played()
    parts = [
        "# Conformance",
        _ABOUT,
        f"Depot Gateway {versions.gateway}, `ocpp` {versions.ocpp}.",
        _table(["Profile", "Cases", "Passed"], _by_profile(rows, results)),
        "## Cases",
        _table(
            ["Case", "What", "Profile", "Edition", "Result"],
            (list(row_of(played, results)) for played in rows),
        ),
        "## Negatives",
        _ABOUT_NEGATIVES,
        _table(
            ["What", "Messages", "Result"],
            (
                [what, str(messages()), results.of_negatives(name).value]
                for name, (what, messages) in NEGATIVES.items()
            ),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def row_of(played: Played, results: Results) -> Row:
    """What the report says of a case."""
    case = played.case
    result = results.of_case(played)
    return Row(case.case_id, case.title, case.profile.value, played.edition, result.value)


def listed(report: str) -> list[Row]:
    """The rows of a report that are about cases."""
    lines = re.findall(r"^\| (TC_.+) \|$", report, re.MULTILINE)
    return [Row(*map(str.strip, line.split(" | "))) for line in lines]


def _by_profile(rows: list[Played], results: Results) -> Iterator[list[str]]:
    total = passed = 0
    for profile in Profile:
        cases = {played.case for played in rows if played.case.profile is profile}
        bad = {played.case for played in rows if results.of_case(played) is not Result.PASS}
        total, passed = total + len(cases), passed + len(cases - bad)
        yield [profile.value, str(len(cases)), str(len(cases - bad))]
    yield ["All", str(total), str(passed)]


def _worst(results: Iterable[Result]) -> Result:
    found = set(results)
    if Result.FAIL in found:
        return Result.FAIL
    return Result.PASS if found == {Result.PASS} else Result.NOT_RUN


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    )
