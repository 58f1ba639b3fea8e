"""``[circuits.*]``."""

import pytest

from gateway.site.electrical import PhaseCurrents
from tests.unit.config.files import SMALL, changed, only_problem_of, problems_of, site_of


def with_circuit(lines: str) -> str:
    return SMALL + lines


def test_one_number_holds_for_all_conductors() -> None:
    assert site_of(SMALL).circuits["grid"].limit_a == PhaseCurrents(100, 100, 100)


def test_a_list_gives_each_conductor_its_own() -> None:
    site = site_of(changed("limit_a = 100", "limit_a = [63, 50.5, 40]\nreserve_a = [1, 2, 3]"))
    assert site.feeder.limit_a == PhaseCurrents(63, 50.5, 40)
    assert site.feeder.reserve_a == PhaseCurrents(1, 2, 3)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("[63, 63]", "has 2 numbers; write one, or three as [L1, L2, L3]"),
        ("[63, nan, 63]", "L2: nan is no real quantity"),
        ('[63, 63, "63"]', 'L3: "63" is not a number'),
        ("0", "0 is out of range"),
        ("-40", "-40 is out of range"),
        ("inf", "inf is no real quantity"),
        ("true", "true is not a number"),
        ('"63"', "write a number of ampere without quotes"),
    ],
)
def test_a_wrong_limit_is_told(value: str, words: str) -> None:
    problem = only_problem_of(changed("limit_a = 100", f"limit_a = {value}"))
    assert problem.startswith("circuits.grid.limit_a: ")
    assert words in problem


def test_a_limit_must_be_written() -> None:
    assert "circuits.grid.limit_a: is missing" in only_problem_of(changed("limit_a = 100", ""))


def test_a_margin_must_leave_something() -> None:
    problem = only_problem_of(changed("limit_a = 100", "limit_a = 100\nmargin_a = 100"))
    assert problem == "circuits.grid.margin_a: 100 A leave nothing of a limit of 100 A"


def test_an_unknown_parent_is_told_with_the_nearest_name() -> None:
    text = with_circuit('[circuits.hall]\nparent = "gird"\nlimit_a = 40\n')
    assert only_problem_of(text) == (
        'circuits.hall.parent: no circuit is called "gird"; did you mean "grid"?'
    )


def test_two_feeders_are_one_too_many() -> None:
    problems = problems_of(with_circuit("[circuits.hall]\nlimit_a = 40\nreserve_a = 0\n"))
    assert len(problems) == 1
    assert problems[0].startswith("circuits.hall.parent: is missing")


def test_a_site_needs_a_feeder() -> None:
    problems = problems_of(changed("limit_a = 100", 'limit_a = 100\nparent = "grid"'))
    assert problems == [
        "circuits: each has a parent; the feeder, at the grid, must have none",
        'circuits.grid.parent: circuits feed each other in a ring: "grid" < "grid"',
    ]


def test_a_ring_is_told_once() -> None:
    ring = "".join(
        f'[circuits.{name}]\nparent = "{parent}"\nlimit_a = 40\n'
        for name, parent in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]
    )
    assert only_problem_of(with_circuit(ring)) == (
        'circuits.a.parent: circuits feed each other in a ring: "a" < "b" < "c" < "a"'
    )


def test_a_child_may_have_more_than_its_parent() -> None:
    assert not problems_of(with_circuit('[circuits.hall]\nparent = "grid"\nlimit_a = 200\n'))


def test_names_that_differ_in_case_only_are_told() -> None:
    text = with_circuit('[circuits.GRID]\nparent = "grid"\nlimit_a = 40\n')
    assert only_problem_of(text) == ('circuits.GRID: circuit "grid" differs from it in case only')


@pytest.mark.parametrize("name", ["a:b", "a/b", " ", " a", "a\\u0007b", "x" * 49])
def test_odd_names_are_refused(name: str) -> None:
    text = with_circuit(f'[circuits."{name}"]\nparent = "grid"\nlimit_a = 40\n')
    problem = only_problem_of(text)
    assert problem.startswith(('circuits."', "circuits.x"))
    assert problem.isprintable()


def test_a_limit_that_cannot_charge_a_car_is_told_with_the_connector() -> None:
    text = SMALL + '[circuits.hall]\nparent = "grid"\nlimit_a = 7\n[charge_points.CP-02]\n'
    text += 'circuit = "hall"\nallow_without_password = true\nphases = 1\nfailsafe_a = 0\n'
    assert only_problem_of(text) == (
        "circuits.hall.limit_a: 5 A on L1 (limit less margin) cannot charge a car at CP-02/1; "
        "a car needs 6 A"
    )


def test_a_feeder_needs_a_meter_or_a_written_reserve() -> None:
    blind = SMALL.replace("[meters.main]", "[x]").split("[x]", maxsplit=1)[0] + (
        '[charge_points.CP-01]\ncircuit = "grid"\nallow_without_password = true\n'
    )
    assert only_problem_of(blind).startswith("circuits.grid: no meter watches the feeder")
    assert not problems_of(blind.replace("limit_a = 100", "limit_a = 100\nreserve_a = 0"))


def test_fail_safe_currents_must_fit_below_every_fuse() -> None:
    text = changed("limit_a = 100", "limit_a = 32\nreserve_a = 26")
    problems = problems_of(text)
    assert len(problems) == 3
    assert "L1 could carry 6 A of fail-safe charging and 26 A of reserve" in problems[0]


def test_a_wrong_limit_hides_no_other_arithmetic() -> None:
    text = changed("limit_a = 100", "limit_a = 32\nreserve_a = 26")
    text += '[circuits.hall]\nparent = "grid"\nlimit_a = "x"\n'
    assert len(problems_of(text)) == 4
