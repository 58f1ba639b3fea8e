import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.cli import written
from gateway.cli.exits import UsageFault

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["16.0", "-1", "0", "1e1", "0.50"])
def test_numbers_keep_their_form(text: str) -> None:
    assert bytes(written.number(text)) == text.encode()


@pytest.mark.parametrize("text", ["", "x", "01", "1.", ".5", "1,5", "NaN", "-", "+1", "1\n"])
def test_what_is_no_number_is_told(text: str) -> None:
    with pytest.raises(UsageFault):
        written.number(text)
    with pytest.raises(UsageFault):
        written.integer(text)


def test_an_integer_has_no_fraction() -> None:
    assert bytes(written.integer("-1")) == b"-1"
    with pytest.raises(UsageFault):
        written.integer("1.0")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", "2026-05-04T12:00:00Z"),
        ("+30m", "2026-05-04T12:30:00Z"),
        ("+2h", "2026-05-04T14:00:00Z"),
        ("-1d12h", "2026-05-03T00:00:00Z"),
        ("+90s", "2026-05-04T12:01:30Z"),
        ("2030-01-01T00:00:00+02:00", "2030-01-01T00:00:00+02:00"),
        ("tomorrow", "tomorrow"),
        ("+", "+"),
        ("+30", "+30"),
    ],
)
def test_instants_are_counted_from_now_or_stay_as_they_are(text: str, instant: str) -> None:
    assert written.instant(text, NOW) == instant


def test_an_instant_beyond_the_calendar_is_told() -> None:
    with pytest.raises(UsageFault):
        written.instant("+99999999d", NOW)
    with pytest.raises(UsageFault):
        written.instant("+9999999999999999d", NOW)


def test_a_period_has_a_start_a_limit_and_perhaps_phases() -> None:
    found = written.period("3600:16.5:3")
    assert {name: bytes(value) for name, value in found.items()} == {
        "startPeriod": b"3600",
        "limit": b"16.5",
        "numberPhases": b"3",
    }
    assert list(written.period("0:-1")) == ["startPeriod", "limit"]


@pytest.mark.parametrize("text", ["0", "0:16:3:1", "x:16", "0:x", "0:16:", "0.5:16"])
def test_a_wrong_period_is_told(text: str) -> None:
    with pytest.raises(UsageFault):
        written.period(text)


def test_json_comes_from_the_text_a_file_or_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_text("[1.0]")
    monkeypatch.setattr("sys.stdin", io.StringIO('{"a": 2}'))
    assert bytes(written.document("{}")) == b"{}"
    assert bytes(written.document(f"@{path}")) == b"[1.0]"
    assert bytes(written.document("-")) == b'{"a": 2}'


@pytest.mark.parametrize("text", ["{", "", "NaN", "@/nowhere", "[" * 5000, '"\udc80"'])
def test_what_is_no_json_is_told(text: str) -> None:
    with pytest.raises(UsageFault):
        written.document(text)
