from gateway.cli.exits import MEANING
from tests.unit.cli.fake_gateway import invoke


def test_the_version_is_shown() -> None:
    code, output = invoke("--version")
    assert code == 0
    assert output.startswith("depot-gateway 0.")


def test_help_groups_the_commands_and_explains_the_exit_codes() -> None:
    code, output = invoke("--help")
    assert code == 0
    panels = ("Gateway", "Charge points", "OCPP: Core", "OCPP: Reservation", "Site")
    assert all(f" {panel} " in output for panel in panels)
    assert all(words in output for words in MEANING.values())


def test_completion_can_be_installed() -> None:
    assert "--install-completion" in invoke("--help")[1]
