"""``[charge_points.*]``."""

import pytest

from gateway.config.charge_points import conductors_of
from gateway.site.electrical import Conductor
from tests.unit.config.files import CP, SMALL, changed, only_problem_of, problems_of, site_of

L1, L2, L3 = Conductor
OPEN = "allow_without_password = true"
CLOUD = '[upstream]\nurl = "wss://cloud.example/ocpp"\n'


def with_lines(lines: str) -> str:
    return changed(CP, CP + lines + "\n")


def test_a_charge_point_has_one_three_phase_connector_unless_told() -> None:
    (connector,) = site_of(SMALL).connectors()
    assert str(connector.key) == "CP-01/1"
    assert connector.conductors == (L1, L2, L3)
    assert (connector.max_a, connector.failsafe_a, connector.priority) == (32, 6, 1)


def test_a_count_makes_connectors_alike() -> None:
    connectors = list(site_of(with_lines("connectors = 3\nmax_a = 16")).connectors())
    assert [str(c.key) for c in connectors] == ["CP-01/1", "CP-01/2", "CP-01/3"]
    assert {c.max_a for c in connectors} == {16}


def test_connector_tables_override_the_charge_point() -> None:
    table = "[[charge_points.CP-01.connectors]]\n"
    text = SMALL + table + table + 'phases = 1\nphase_rotation = "S"\nmax_a = 16\nfailsafe_a = 0\n'
    first, second = site_of(text).connectors()
    assert (first.conductors, first.max_a) == ((L1, L2, L3), 32)
    assert (second.conductors, second.max_a, second.failsafe_a) == ((L2,), 16, 0)


def test_a_circuit_may_stand_in_every_connector_table_instead() -> None:
    text = changed('circuit = "grid"\nallow', "allow") + (
        '[[charge_points.CP-01.connectors]]\ncircuit = "grid"\n'
    )
    assert not problems_of(text)
    problem = only_problem_of(text.removesuffix('circuit = "grid"\n'))
    assert problem.startswith("charge_points.CP-01.connectors[1].circuit: is missing")


def test_a_circuit_is_demanded() -> None:
    problem = only_problem_of(changed('circuit = "grid"\nallow', "allow"))
    assert problem.startswith("charge_points.CP-01.circuit: is missing")


def test_an_unknown_circuit_is_told() -> None:
    problem = only_problem_of(changed('circuit = "grid"\nallow', 'circuit = "gird"\nallow'))
    assert problem == (
        'charge_points.CP-01.circuit: no circuit is called "gird"; did you mean "grid"?'
    )


@pytest.mark.parametrize(
    ("phases", "rotation", "expected"),
    [
        (3, "RST", (L1, L2, L3)),
        (3, "TRS", (L3, L1, L2)),
        (2, "STR", (L2, L3)),
        (1, "RST", (L1,)),
        (1, "TSR", (L3,)),
        (1, "S", (L2,)),
        (1, "L3", (L3,)),
        (3, "S", None),
        (2, "L1", None),
        (3, "RRR", None),
    ],
)
def test_rotation_names_the_supply_conductors(
    phases: int, rotation: str, expected: tuple[Conductor, ...] | None
) -> None:
    assert conductors_of(phases, rotation) == expected


@pytest.mark.parametrize(
    ("lines", "path", "words"),
    [
        ("phases = 4", "phases", "it goes from 1 to 3"),
        ("phases = 1.5", "phases", "write a whole number"),
        ('phase_rotation = "RSX"', "phase_rotation", '"RSX" does not fit 3 phases'),
        ('phases = 2\nphase_rotation = "R"', "phase_rotation", "does not fit 2 phases"),
        ("max_a = 5", "max_a", "5 is out of range; it goes from 6"),
        ("max_a = nan", "max_a", "nan is no real quantity"),
        ("failsafe_a = 5", "failsafe_a", "write 0 (paused), or 6 and more"),
        ("failsafe_a = 33", "failsafe_a", "33 A is more than max_a, 32 A"),
        ("failsafe_a = -1", "failsafe_a", "-1 is out of range"),
        ("priority = 0", "priority", "it goes from 1 to"),
        ("connectors = 0", "connectors", "0 is not a number of connectors"),
        ("connectors = []", "connectors", "a list of 0 is not a number of connectors"),
        ("connectors = [1]", "connectors[1]", "is a table"),
        ("upstream = true", "upstream", "is a table"),
    ],
)
def test_a_wrong_value_is_told(lines: str, path: str, words: str) -> None:
    problems = problems_of(with_lines(lines))
    assert problems[0].startswith(f"charge_points.CP-01.{path}: ")
    assert words in problems[0]


@pytest.mark.parametrize("text", ["correct-horse-01", "correct-horse-twenty"])
def test_a_password_is_its_bytes(text: str) -> None:
    site = site_of(changed(OPEN, f'password = "{text}"'))
    assert site.charge_points["CP-01"].password == text.encode()


def test_a_password_may_be_hexadecimal() -> None:
    site = site_of(changed(OPEN, f'password = "{"0aF1" * 8}"'))
    assert site.charge_points["CP-01"].password == bytes.fromhex("0af1" * 8)


@pytest.mark.parametrize("password", ["hunter2", "x" * 21, "é" * 11])
def test_a_wrong_password_is_told_and_never_quoted(password: str) -> None:
    problem = only_problem_of(changed(OPEN, f'password = "{password}"'))
    assert problem.startswith("charge_points.CP-01.password: has ")
    assert password not in problem


def test_a_password_is_demanded_unless_the_file_says_otherwise() -> None:
    assert "password: is missing" in only_problem_of(changed(OPEN, ""))


def test_password_and_no_password_do_not_go_together() -> None:
    problem = only_problem_of(changed(OPEN, OPEN + '\npassword = "correct-horse-01"'))
    assert problem.startswith("charge_points.CP-01.allow_without_password: ")


@pytest.mark.parametrize("identity", ["CP:1", "CP/1", "CP 1", "CP%201", "CP?", "Säule", "..", ""])
def test_identities_that_a_url_cannot_carry_are_refused(identity: str) -> None:
    assert f'charge_points."{identity}": ' in only_problem_of(
        changed(CP, f'[charge_points."{identity}"]\n')
    )


def test_identities_that_differ_in_case_only_are_told() -> None:
    text = SMALL + f'[charge_points.cp-01]\ncircuit = "grid"\n{OPEN}\n'
    assert "differs from it in case only" in only_problem_of(text)


def test_every_charge_point_goes_upstream_under_its_own_name() -> None:
    charge_point = site_of(SMALL + CLOUD).charge_points["CP-01"]
    assert charge_point.upstream_identity == "CP-01"
    assert charge_point.upstream_password is None


def test_without_a_cloud_nobody_goes_upstream() -> None:
    assert site_of(SMALL).charge_points["CP-01"].upstream_identity is None


def test_upstream_may_have_another_name_or_be_off() -> None:
    own = SMALL + '[charge_points.CP-01.upstream]\nidentity = "DE*1"\npassword = "abc"\n' + CLOUD
    charge_point = site_of(own).charge_points["CP-01"]
    assert (charge_point.upstream_identity, charge_point.upstream_password) == ("DE*1", b"abc")
    off = SMALL + "[charge_points.CP-01.upstream]\nenabled = false\n" + CLOUD
    assert site_of(off).charge_points["CP-01"].upstream_identity is None


def test_upstream_without_a_cloud_is_told() -> None:
    problem = only_problem_of(SMALL + '[charge_points.CP-01.upstream]\npassword = "abc"\n')
    assert problem.startswith("charge_points.CP-01.upstream: the site file names no cloud")


def test_two_charge_points_cannot_be_one_in_the_cloud() -> None:
    text = SMALL + f'[charge_points.CP-02]\ncircuit = "grid"\n{OPEN}\n'
    text += '[charge_points.CP-02.upstream]\nidentity = "CP-01"\n' + CLOUD
    assert only_problem_of(text) == (
        'charge_points.CP-02.upstream: "CP-01" is "CP-01" in the cloud already'
    )


def test_secrets_do_not_show_in_a_representation() -> None:
    site = site_of(changed(OPEN, 'password = "correct-horse-01"'))
    assert "correct-horse" not in repr(site)
