"""What ``check`` says of a correct file."""

import json

from gateway.config import summary
from tests.unit.config.files import SMALL, site_of


def test_the_summary_shows_the_fail_safe_arithmetic() -> None:
    text = SMALL.replace("limit_a = 100", "limit_a = 100\nreserve_a = [30, 20, 10]")
    lines = summary.as_lines(site_of(text))
    assert "  grid: 100/100/100 A, meter main" in lines
    assert "  CP-01/1 on grid: L1, L2, L3, up to 32 A, fail-safe 6 A" in lines
    assert "    L2: 6 A charging + 20 A reserve = 26 A, fits 98 A (100 A less 2 A)" in lines


def test_the_object_is_plain_json() -> None:
    found = json.loads(json.dumps(summary.as_object(site_of(SMALL))))
    assert found["ok"] is True
    assert found["connectors"] == ["CP-01/1"]
    assert [row["conductor"] for row in found["failsafe"]] == ["L1", "L2", "L3"]
