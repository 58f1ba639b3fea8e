"""Paths and quotes."""

import pytest

from gateway.config.wording import did_you_mean, quoted, shown, step


def test_paths_are_written_as_toml_writes_them() -> None:
    assert step("", "site") == "site"
    assert step("charge_points", "CP-01") == "charge_points.CP-01"
    assert step("charge_points", "CP 01") == 'charge_points."CP 01"'


@pytest.mark.parametrize("text", ["a\nb", "a\x7fb", "a\u2028b", "a\x1b[31m", "\x00", "x" * 500])
def test_a_quote_stays_on_one_printable_line(text: str) -> None:
    assert quoted(text).isprintable()
    assert len(quoted(text)) < 100


def test_values_are_shown_in_few_words() -> None:
    values: list[object] = [True, 3, 2.5, "x", [1, 2], {}, 10**30]
    assert [shown(value) for value in values] == [
        "true",
        "3",
        "2.5",
        '"x"',
        "a list of 2",
        "a table",
        "a number with too many digits",
    ]


def test_a_far_word_gets_no_suggestion() -> None:
    assert did_you_mean("zzz", ["grid"]) == ""
    assert did_you_mean("GRDI", ["grid"]) == '; did you mean "grid"?'
