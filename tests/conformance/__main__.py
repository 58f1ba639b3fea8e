"""`./dev conformance`: plays every case, writes `CONFORMANCE.md` and prints it.

The one rule: the report is what this run found; a run that broke off writes none.
"""

import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

from tests.conformance.report import NEGATIVES, REPORT, Result, Results, Versions, as_markdown

FOLDER: Final = Path(__file__).parent
_ENDINGS: Final = {"passed": Result.PASS, "failed": Result.FAIL, "skipped": Result.NOT_RUN}


class Recorder:
    """A pytest plugin that remembers what became of the cases and of the negatives."""

    def __init__(self) -> None:
        self.results = Results()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test ended: the call counts, and whatever went wrong around it."""
        if report.when != "call" and report.passed:
            return
        ending = _ENDINGS[report.outcome]
        about = dict(report.user_properties)
        if "case" in about:
            self.results.case(str(about["case"]), str(about["edition"]), ending)
        name = report.nodeid.rpartition("::")[2]
        if name in NEGATIVES:
            self.results.negative(name, ending)


def versions() -> Versions:
    """Those of this source tree and of the package that plays the charge point."""
    project = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text())
    return Versions(project["project"]["version"], metadata.version("ocpp"))


def main() -> int:
    """Returns 0 when every case passed."""
    recorder = Recorder()
    code = pytest.main(["-q", str(FOLDER)], plugins=[recorder])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        return int(code)
    report = as_markdown(recorder.results, versions())
    REPORT.write_text(report)
    print(f"\n{report}")
    return int(code) or (0 if recorder.results.all_passed else 1)


if __name__ == "__main__":
    sys.exit(main())
