"""gateway.config.configuration, and the keys of boots, strictness and quiet mode."""

import pytest

from gateway.config import summary
from gateway.site.depot import BootPolicy, ModelRules
from tests.unit.config.files import SMALL, only_problem_of, problems_of, site_of

TABLE = SMALL + "[configuration]\n"


def test_numbers_and_switches_become_the_text_of_ocpp() -> None:
    site = site_of(TABLE + 'A = 60\nB = true\nC = false\nD = 1.5\nE = "x,y"\nF = ""\n')
    assert site.ocpp.configuration == {
        "A": "60",
        "B": "true",
        "C": "false",
        "D": "1.5",
        "E": "x,y",
        "F": "",
    }


def test_models_and_charge_points_have_tables_of_their_own() -> None:
    site = site_of(
        SMALL
        + "[charge_points.CP-01.configuration]\nA = 1\n"
        + '[[models]]\nvendor = "ABB*"\n[models.configuration]\nA = 2\n'
        + '[[models]]\nvendor = "V"\nmodel = "M?"\n'
    )
    assert site.charge_points["CP-01"].configuration == {"A": "1"}
    assert site.ocpp.models == (ModelRules("ABB*", "*", {"A": "2"}), ModelRules("V", "M?", {}))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("A = [1]", "configuration.A: a list of 1 is not a value; write text, a number, or"),
        ("A = nan", "configuration.A: nan is no real quantity"),
        ("A = inf", "configuration.A: inf is no real quantity"),
        ("A = 2026-01-01", "configuration.A: 2026-01-01 is not a value"),
        (
            f'A = "{"x" * 501}"',
            "configuration.A: has 501 characters; OCPP 1.6 allows values of 500",
        ),
        (f"{'x' * 51} = 1", f"configuration.{'x' * 51}: has 51 characters; OCPP 1.6 allows keys"),
        ('A = "a\\nb"', "configuration.A: "),
        ('" " = 1', 'configuration." ": is not a configuration key'),
        ('AuthorizationKey = "00"', "configuration.AuthorizationKey: is a secret, and this table"),
        ("a = 1\nA = 1", 'configuration.A: is written twice, also as "a"'),
    ],
)
def test_what_cannot_be_a_key_or_a_value_is_a_problem(line: str, problem: str) -> None:
    assert only_problem_of(TABLE + line).startswith(problem)


def test_the_longest_key_and_value_that_ocpp_allows_are_fine() -> None:
    assert problems_of(TABLE + f'{"k" * 50} = "{"v" * 500}"\n') == []


def test_a_model_without_a_name_and_a_table_that_is_none_are_problems() -> None:
    assert only_problem_of(SMALL + "[[models]]\n").startswith("models[1].vendor: is missing")
    assert only_problem_of("configuration = 1\n" + SMALL).startswith("configuration: is a table")
    assert only_problem_of(SMALL + '[[models]]\nvendor = "V"\nkey = 1\n').startswith(
        "models[1].key: is not a key that is known here"
    )


@pytest.mark.parametrize(
    ("line", "noted"),
    [
        ("MeterValueSampleInterval = 0", True),
        ("metervaluesampleinterval = 900", True),
        ("MeterValueSampleInterval = 60", False),
        ('MeterValuesSampledData = "Voltage,SoC"', True),
        ('MeterValuesSampledData = "Voltage,current.import"', False),
        ("ConnectionTimeOut = 0", False),
    ],
)
def test_what_takes_from_balancing_what_it_needs_is_noted_not_forbidden(
    line: str, *, noted: bool
) -> None:
    for place in (
        "[configuration]\n",
        "[charge_points.CP-01.configuration]\n",
        '[[models]]\nvendor = "V"\n[models.configuration]\n',
    ):
        site = site_of(SMALL + place + line + "\n")
        notes = [found for found in summary.as_lines(site) if found.startswith("note: ")]
        assert len(notes) == (1 if noted else 0)
        assert len(summary.as_object(site)["notes"]) == len(notes)  # type: ignore[arg-type]


def test_boots_strictness_and_quiet_mode_follow_the_site_where_nothing_else_is_said() -> None:
    site = site_of(SMALL + '[ocpp]\nquiet = true\nstrict = true\nboot = "pending"\n')
    assert site.is_quiet("CP-01")
    assert site.is_strict("CP-01")
    assert site.boot_policy("CP-01") is BootPolicy.PENDING
    assert site.ocpp.boot_retry_s == 30


def test_a_charge_point_may_have_its_own() -> None:
    own = 'quiet = false\nstrict = false\nboot = "accept"\nallow_without_subprotocol = true\n'
    rest = '[ocpp]\nquiet = true\nstrict = true\nboot = "reject"\nboot_retry_s = 5\n'
    site = site_of(SMALL + own + rest)
    assert not site.is_quiet("CP-01")
    assert not site.is_strict("CP-01")
    assert site.boot_policy("CP-01") is BootPolicy.ACCEPT
    assert site.charge_points["CP-01"].allow_without_subprotocol
    assert site.ocpp.boot_retry_s == 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('boot = "acept"\n', 'charge_points.CP-01.boot: "acept" is not known here; choose from'),
        ("strict = 1\n", "charge_points.CP-01.strict: is a switch"),
        ('quiet = "yes"\n', "charge_points.CP-01.quiet: is a switch"),
        ("[ocpp]\nboot_retry_s = 0\n", "ocpp.boot_retry_s: 0 is not an interval"),
        ('[ocpp]\nboot = "maybe"\n', 'ocpp.boot: "maybe" is not known here'),
        ('[ocpp]\nquiet = true\nboot = "prepare"\n', 'ocpp.boot: "prepare" needs calls'),
        (
            'quiet = true\n[ocpp]\nboot = "prepare"\n',
            'charge_points.CP-01.quiet: "prepare" needs calls',
        ),
        (
            'boot = "prepare"\n[ocpp]\nquiet = true\n',
            'charge_points.CP-01.boot: "prepare" needs calls',
        ),
    ],
)
def test_what_cannot_be_is_said_with_its_place(text: str, problem: str) -> None:
    assert only_problem_of(SMALL + text).startswith(problem)


def test_preparing_where_only_another_charge_point_is_quiet_is_fine() -> None:
    other = '[charge_points.CP-02]\ncircuit = "grid"\nallow_without_password = true\nquiet = true\n'
    assert problems_of(SMALL + 'boot = "prepare"\n' + other) == []
