"""What the shell is offered, asked as the shell asks: through the environment."""

import socket
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway import cli
from tests.unit.cli.fake_gateway import FakeGateway

RECORDS = "GET /api/v1/charge-points/CP-1/records/"


def offered(url: str, line: str) -> list[str]:
    """Words for the last one of ``line``."""
    environment = {
        "_DEPOT_GATEWAY_COMPLETE": "complete_bash",
        "COMP_WORDS": f"depot-gateway {line}",
        "COMP_CWORD": str(len(f"depot-gateway {line}x".split()) - 1),
        "DEPOT_GATEWAY_URL": url,
    }
    result = CliRunner(env=environment).invoke(cli.app, prog_name="depot-gateway")
    return result.output.split()


@pytest.fixture
def site(gateway: FakeGateway) -> str:
    connectors = [
        {"connector_id": 1, "status": "Charging", "local_transaction_id": 4711},
        {"connector_id": 2, "status": "Available", "local_transaction_id": None},
    ]
    charge_points = [
        {"identity": "CP-1", "online": True, "connectors": connectors},
        {"identity": "CP-2", "online": False, "connectors": []},
    ]
    gateway.will("GET /api/v1/state", {"charge_points": charge_points})
    gateway.will(RECORDS + "configuration", {"keys": {"HeartbeatInterval": {"value": "60"}}})
    reservations = [
        {"reservation_id": 5, "connector_id": 1},
        {"reservation_id": 6, "connector_id": 1, "status": "used"},
    ]
    gateway.will(RECORDS + "reservations", {"reservations": reservations})
    gateway.will("GET /api/v1/tags", [{"id_tag": "ABC", "name": "Ann"}])
    profiles = [{"connector_id": 1, "profile": {"chargingProfileId": 9}}]
    gateway.will(RECORDS + "charging-profiles", {"profiles": profiles})
    return gateway.url


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("reset ", ["CP-1", "CP-2"]),
        ("reset CP-2", ["CP-2"]),
        ("reset CP-1 --type ", ["Hard", "Soft"]),
        ("reset CP-1 --type S", ["Soft"]),
        ("unlock-connector CP-1 --connector-id ", ["1", "2"]),
        ("unlock-connector CP-3 --connector-id ", []),
        ("remote-stop-transaction CP-1 --transaction-id ", ["4711"]),
        ("change-configuration CP-1 --key Heart", ["HeartbeatInterval"]),
        ("cancel-reservation CP-1 --reservation-id ", ["5"]),
        ("clear-charging-profile CP-1 --id ", ["9"]),
        ("remote-start-transaction CP-1 --id-tag ", ["ABC"]),
        ("call CP-1 Reset", ["Reset"]),
        ("records CP-1 con", ["configuration"]),
        ("reserve", ["reserve-now"]),
        ("trigger-message CP-1 --requested-message Boot", ["BootNotification"]),
        ("reserve-now CP-1 --exp", ["--expiry-date"]),
    ],
)
def test_names_and_ids_are_offered(site: str, line: str, words: list[str]) -> None:
    assert offered(site, line) == words


def test_nothing_is_offered_and_nothing_said_when_the_gateway_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert offered(f"http://127.0.0.1:{port}", "reset ") == []
    assert offered("nonsense", "reset ") == []


def test_an_answer_of_another_form_offers_nothing(gateway: FakeGateway) -> None:
    answers: list[Any] = [[1], {"charge_points": [1]}, {"charge_points": {}}, b"<html>"]
    for answer in answers:
        gateway.will("GET /api/v1/state", answer)
        assert offered(gateway.url, "reset ") == []
        assert offered(gateway.url, "unlock-connector CP-1 --connector-id ") == []
