import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.operations import OPERATIONS, Operation
from gateway.ocpp.v16.charging_profiles import LEASE_PROFILE_ID
from tests.unit.cli.fake_gateway import FakeGateway, invoke

CALLS = "POST /api/v1/charge-points/CP-1/calls/"


def sent(*words: str) -> tuple[str, Any]:
    """Action and payload of a dry run."""
    code, output = invoke(*words, "--dry-run")
    assert code == 0, output
    action, _, payload = output.partition(" ")
    return action, json.loads(payload)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.command)
def test_every_operation_has_a_help_page(operation: Operation) -> None:
    code, output = invoke(operation.command, "--help")
    assert code == 0
    assert f"Sends {operation.action}." in output
    assert "--dry-run" in output


@pytest.mark.parametrize(
    ("words", "payload"),
    [
        (["reset", "--type", "Hard"], {"type": "Hard"}),
        (["reset", "--type", "Sideways"], {"type": "Sideways"}),
        (["change-availability", "--type", "Operative", "--connector-id", "-1"], None),
        (["remote-stop-transaction", "--transaction-id", "-1"], {"transactionId": -1}),
        (["change-configuration", "--key", "A", "--value", "-1"], {"key": "A", "value": "-1"}),
        (["clear-cache"], {}),
        (["get-configuration", "--key", "A", "--key", "B"], {"key": ["A", "B"]}),
        (["get-diagnostics"], {"location": "box:"}),
        (["get-diagnostics", "--location", "ftp://x/"], {"location": "ftp://x/"}),
    ],
)
def test_options_are_sent_as_they_are(words: list[str], payload: Any) -> None:
    expected = payload or (
        {"connectorId": -1, "type": "Operative"} if words[0] == "change-availability" else payload
    )
    assert sent(words[0], "CP-1", *words[1:])[1] == expected


def test_keys_go_out_in_schema_order_whatever_the_order_of_the_options() -> None:
    _, output = invoke(
        *("set-charging-profile", "CP-1", "--period", "0:16.0", "--period", "3600:32:3"),
        *("--stack-level", "2", "--charging-profile-id", "7", "--connector-id", "1", "--dry-run"),
    )
    assert output == (
        'SetChargingProfile {"connectorId":1,"csChargingProfiles":{"chargingProfileId":7,'
        '"stackLevel":2,"chargingProfilePurpose":"TxDefaultProfile",'
        '"chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A",'
        '"chargingSchedulePeriod":[{"startPeriod":0,"limit":16.0},'
        '{"startPeriod":3600,"limit":32,"numberPhases":3}]}}}\n'
    )


def test_a_reservation_gets_an_id_and_an_end() -> None:
    action, payload = sent(
        *("reserve-now", "CP-1", "--connector-id", "1", "--id-tag", "A", "--expiry-date", "+30m")
    )
    assert action == "ReserveNow"
    assert 1 <= payload["reservationId"] < 2**31
    assert payload["expiryDate"].endswith("Z")


def test_a_charging_profile_never_gets_the_id_of_the_fail_safe_by_itself() -> None:
    _, payload = sent("set-charging-profile", "CP-1", "--connector-id", "0", "--period", "0:6")
    assert payload["csChargingProfiles"]["chargingProfileId"] > LEASE_PROFILE_ID + 100


def test_local_list_entries_add_up() -> None:
    words = ("send-local-list", "CP-1", "--list-version", "3", "--update-type", "Differential")
    _, payload = sent(*words, "--tag", "A", "--tag", "B", "--remove-tag", "C")
    assert payload["localAuthorizationList"] == [
        {"idTag": "A", "idTagInfo": {"status": "Accepted"}},
        {"idTag": "B", "idTagInfo": {"status": "Accepted"}},
        {"idTag": "C"},
    ]
    _, payload = sent(*words, "--local-authorization-list", "[]")
    assert payload["localAuthorizationList"] == []


def test_a_certificate_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "chain.pem"
    path.write_text("-----BEGIN")
    _, payload = sent("certificate-signed", "CP-1", "--certificate-chain", f"@{path}")
    assert payload == {"certificateChain": "-----BEGIN"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["reset"], "Reset needs --type"),
        (["unlock-connector", "--connector-id", "x"], "--connector-id: 'x' is not an integer"),
        (["update-firmware", "--file", "a", "--location", "b"], "say the same thing twice"),
        (["update-firmware"], "needs --location or --file"),
        (["remote-start-transaction", "--id-tag", "A", "--stack-level", "1"], "needs --period"),
    ],
)
def test_what_cannot_be_is_a_usage_error(words: list[str], sentence: str) -> None:
    code, output = invoke(words[0], "CP-1", *words[1:], "--dry-run")
    assert code == 2
    assert sentence in output


def test_firmware_goes_to_the_box_first(gateway: FakeGateway, tmp_path: Path) -> None:
    path = tmp_path / "fw 1.bin"
    path.write_bytes(b"\x00\x01")
    gateway.will("PUT /api/v1/firmware/fw%201.bin", {}, 201)
    gateway.will(CALLS + "UpdateFirmware", {})
    code, output = invoke("update-firmware", "CP-1", "--file", str(path), url=gateway.url)
    assert code == 0, output
    assert [line for line, _ in gateway.asked] == [
        "PUT /api/v1/firmware/fw%201.bin",
        CALLS + "UpdateFirmware",
    ]
    assert gateway.asked[0][1] == b"\x00\x01"
    assert gateway.said()["location"] == "box:fw 1.bin"


def test_nothing_is_sent_when_the_firmware_is_not_taken(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    path = tmp_path / "fw.bin"
    path.write_bytes(b"x")
    gateway.fails("PUT /api/v1/firmware/fw.bin", 507, "file-refused", detail="The box is full.")
    code, output = invoke("update-firmware", "CP-1", "--file", str(path), url=gateway.url)
    assert (code, output) == (1, "depot-gateway: It failed: The box is full\n")
    assert len(gateway.asked) == 1


def test_what_was_filled_in_is_told(gateway: FakeGateway) -> None:
    gateway.will(CALLS + "GetDiagnostics", {"fileName": "a.log"})
    code, output = invoke("get-diagnostics", "CP-1", url=gateway.url)
    assert code == 0
    assert output == (
        'location filled in: "box:"\nCP-1 answered GetDiagnostics.\nfileName: a.log\n'
    )


def test_listing_the_commands_loads_no_more_than_it_needs() -> None:
    program = (
        "import sys; from gateway import cli; from typer.main import get_command; "
        "get_command(cli.app); "
        "heavy = {'jsonschema_rs', 'starlette', 'websockets', 'aiosqlite', 'pymodbus', 'ocpp', "
        "'uvicorn', 'asyncio', 'http.client', 'gateway.ports'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"


def test_a_misspelt_command_is_told_what_it_is_like() -> None:
    code, output = invoke("reserv-now", "CP-1")
    assert code == 2
    assert "reserve-now" in output
