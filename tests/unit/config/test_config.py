"""The file as a whole: reading it, its syntax, its defaults."""

from pathlib import Path

import pytest

from gateway.config import load, parse
from gateway.errors import ConfigError
from gateway.site.depot import BalancingRules, OcppListener, WebListener
from tests.unit.config.files import EXAMPLE, SMALL, changed, only_problem_of, problems_of, site_of


def test_the_example_is_correct() -> None:
    site = load(EXAMPLE)
    assert site.feeder.name == "grid"
    assert [str(c.key) for c in site.connectors()] == ["CP-01/1", "CP-02/1", "CP-03/1", "CP-03/2"]


def test_every_commented_line_of_the_example_is_correct_too(tmp_path: Path) -> None:
    lines = []
    for line in EXAMPLE.read_text().splitlines():
        words = line.removeprefix("# ").split("  ")[0]
        lines.append(words if line.startswith("# ") and " = " in words else line)
    path = tmp_path / "site.toml"
    path.write_text("\n".join(lines))
    assert load(path) == load(EXAMPLE)


def test_a_small_file_gets_the_usual_values() -> None:
    site = site_of(SMALL)
    assert site.voltage_v == 230
    assert site.state_dir == Path("/var/lib/depot-gateway")
    assert site.balancing == BalancingRules()
    assert site.ocpp == OcppListener()
    assert site.web == WebListener()
    assert site.upstream is None


def test_a_relative_state_directory_starts_at_the_file() -> None:
    site = site_of(changed('name = "Depot"', 'name = "Depot"\nstate_dir = "state"'))
    assert site.state_dir == Path("/etc/depot/state")


def test_a_syntax_error_is_one_problem_with_line_and_column() -> None:
    assert only_problem_of("[site]\nname Depot\n").startswith("site.toml: line 2, column 6: ")


def test_a_syntax_error_at_the_end_has_its_line_too() -> None:
    assert only_problem_of('[site]\nname = "Depot').startswith("site.toml: line 2, column 14: ")


def test_text_that_is_not_utf8_is_told_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"^site.toml: line 2: this is not UTF-8 text$"):
        load_bytes(b'[site]\nname = "D\xe9pot"\n')


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 20000])
def test_absurd_values_end_in_one_sentence(text: str) -> None:
    assert only_problem_of(text).startswith("site.toml: ")


def test_a_huge_hexadecimal_number_is_quoted_in_few_words() -> None:
    text = changed("limit_a = 100", "limit_a = 0x" + "f" * 6000)
    assert "a number with too many digits is out of range" in only_problem_of(text)


def test_a_missing_file_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml")


def test_a_directory_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_an_empty_file_lacks_its_three_pillars() -> None:
    paths = [problem.partition(":")[0] for problem in problems_of("")]
    assert paths == ["site.name", "circuits", "charge_points"]


def test_all_problems_come_at_once_each_with_its_path() -> None:
    text = changed("limit_a = 100", "limit_a = nan\nmargin = 3")
    text = text.replace("CP-01", '"CP:01"')
    paths = [problem.split(": ")[0] for problem in problems_of(text)]
    assert paths == ["circuits.grid.limit_a", "circuits.grid.margin", 'charge_points."CP:01"']


def test_an_unknown_key_is_told_with_the_nearest_known_one() -> None:
    text = changed("limit_a = 100", "limit_a = 100\nmargin = 3")
    assert only_problem_of(text) == (
        'circuits.grid.margin: is not a key that is known here; did you mean "margin_a"?'
    )


def test_an_unknown_table_is_a_problem() -> None:
    assert only_problem_of(SMALL + "[balancin]\n").startswith("balancin: is not a key")


def test_a_value_where_a_table_belongs_is_told_once() -> None:
    problem = only_problem_of("web = 8080\n" + SMALL)
    assert problem == "web: is a table: write [web], not a value"


def load_bytes(data: bytes) -> None:
    """Parse bytes under the usual name."""
    parse(data, "site.toml", Path())
