"""``[[tags]]`` and ``[authorization]``."""

from datetime import UTC, datetime

import pytest

from gateway.site.depot import LateRefusal, OfflinePolicy, Tag
from tests.unit.config.files import SMALL, only_problem_of, site_of


def tag(lines: str) -> str:
    return SMALL + "[[tags]]\n" + lines + "\n"


def test_tags_are_found_without_regard_to_case() -> None:
    text = tag('id_tag = "04AB"\nparent_id_tag = "G"\nexpires_at = 2030-01-01T01:00:00+01:00')
    assert site_of(text).authorization.tags == {
        "04ab": Tag("04AB", "Accepted", "G", datetime(2030, 1, 1, tzinfo=UTC))
    }


def test_a_tag_may_have_a_name_and_charge_points() -> None:
    text = tag('id_tag = "a"\nname = "Ada"\ncharge_points = ["CP-01", "CP-01"]')
    assert site_of(text).authorization.tags == {
        "a": Tag("a", name="Ada", charge_points=frozenset({"CP-01"}))
    }


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('"CP-01"', 'is a list of identities: write ["CP-01"], not "CP-01"'),
        ("[]", "is empty; name a charge point, or leave the key out"),
        ('["CP-1"]', 'no charge point is called "CP-1"; did you mean "CP-01"?'),
        ('["CP-01", 4]', "no charge point is called 4"),
        ('["CP-01", ["CP-01"]]', "no charge point is called a list of 1"),
    ],
)
def test_a_charge_point_that_does_not_exist_is_told(value: str, words: str) -> None:
    problem = only_problem_of(tag(f'id_tag = "a"\ncharge_points = {value}'))
    assert problem == f"tags[1].charge_points: {words}"


def test_the_rules_can_be_changed() -> None:
    text = SMALL + '[authorization]\noffline = "accept"\nlate_refusal = "continue"\n'
    rules = site_of(text).authorization
    assert rules.offline is OfflinePolicy.ACCEPT
    assert rules.late_refusal is LateRefusal.CONTINUE


@pytest.mark.parametrize(
    ("lines", "path", "words"),
    [
        ('id_tag = ""', "id_tag", "is empty"),
        ('id_tag = "123456789012345678901"', "id_tag", "at most 20 are allowed"),
        ("id_tag = 4", "id_tag", "4 is not text"),
        ("", "id_tag", "is missing"),
        ('id_tag = "a\\nb"', "id_tag", "control character"),
        ('id_tag = "a"\nstatus = "accepted"', "status", 'did you mean "Accepted"?'),
        ('id_tag = "a"\nexpires_at = 2030-01-01', "expires_at", "lacks its time zone"),
        ('id_tag = "a"\nexpires_at = 2030-01-01T00:00:00', "expires_at", "lacks its time zone"),
        ('id_tag = "a"\nexpires_at = "2030"', "expires_at", "is not a date and time"),
        ('id_tag = "a"\nexpires_at = 0001-01-01T00:00:00+02:00', "expires_at", "outside"),
        ('id_tag = "a"\ngroup = "g"', "group", "is not a key"),
        ('id_tag = "a"\nname = 1', "name", "1 is not text"),
        (f'id_tag = "a"\nname = "{"x" * 101}"', "name", "at most 100 are allowed"),
    ],
)
def test_a_wrong_tag_is_told(lines: str, path: str, words: str) -> None:
    problem = only_problem_of(tag(lines))
    assert problem.startswith(f"tags[1].{path}: ")
    assert words in problem


def test_a_tag_cannot_be_listed_twice() -> None:
    problem = only_problem_of(tag('id_tag = "04ab"\n[[tags]]\nid_tag = "04AB"'))
    assert problem.startswith('tags[2].id_tag: "04AB" is listed twice')


def test_a_wrong_policy_is_told_with_the_choices() -> None:
    problem = only_problem_of(SMALL + '[authorization]\noffline = "acept"\n')
    assert problem == (
        'authorization.offline: "acept" is not known here; choose from "accept", "refuse"; '
        'did you mean "accept"?'
    )


def test_tags_must_be_a_list_of_tables() -> None:
    assert only_problem_of('tags = "a"\n' + SMALL) == (
        'tags: is a list of tables: write [[tags]], not "a"'
    )
    assert only_problem_of('tags = ["a"]\n' + SMALL) == "tags[1]: is a table: write [[tags]]"
