"""`python -m tests.bench [NAME] [--json]`: runs one benchmark, or all of them."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from typing import Final

from tests.bench import ocpp
from tests.bench.report import Report

BENCHMARKS: Final[Mapping[str, Callable[[int], Report]]] = {"ocpp": ocpp.measure}
"""By name; each takes how many rounds to measure."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure, as ratios.")
    parser.add_argument("name", nargs="?", choices=BENCHMARKS, help="one of them; all if left out")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="medians are taken over so many")
    chosen = parser.parse_args()
    names = [chosen.name] if chosen.name else list(BENCHMARKS)
    reports = {}
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr)
        reports[name] = BENCHMARKS[name](max(1, chosen.rounds))
    if chosen.json:
        print(json.dumps({name: report.as_object() for name, report in reports.items()}))
    else:
        print("\n\n".join(report.as_table() for report in reports.values()))


if __name__ == "__main__":
    main()
