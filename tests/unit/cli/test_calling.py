import json
from pathlib import Path

import pytest

from gateway.cli.calling import spelt
from tests.unit.cli.fake_gateway import FakeGateway, invoke

RESET = "POST /api/v1/charge-points/CP-1/calls/Reset"


@pytest.mark.parametrize("written", ["ReserveNow", "reserve-now", "RESERVENOW"])
def test_an_action_may_be_spelt_freely(written: str) -> None:
    assert spelt(written) == "ReserveNow"
    assert spelt("Nonsense") == "Nonsense"


def test_a_call_is_sent_in_schema_order(gateway: FakeGateway) -> None:
    gateway.will(RESET, {"status": "Accepted"})
    words = ("call", "CP-1", "reset", '{"x":1.0,"type":"Hard"}', "--timeout", "2.5")
    assert invoke(*words, url=gateway.url) == (0, "CP-1 answered Reset: Accepted.\n")
    assert gateway.asked == [(RESET + "?timeout_s=2.5", b'{"type":"Hard","x":1.0}')]


@pytest.mark.parametrize(
    ("status", "name", "code"),
    [
        (502, "call-error", 4),
        (504, "time-out", 5),
        (503, "offline", 6),
        (409, "superseded", 7),
        (409, "withheld", 7),
        (400, "payload-not-allowed", 2),
        (404, "unknown-charge-point", 2),
        (503, "stopping", 8),
        (500, "else", 1),
    ],
)
def test_endings_have_codes_of_their_own(
    gateway: FakeGateway, status: int, name: str, code: int
) -> None:
    gateway.fails(RESET, status, name)
    found, output = invoke("call", "CP-1", "Reset", url=gateway.url)
    assert found == code
    assert output.count("\n") == 1
    found, output = invoke("call", "CP-1", "Reset", "--json", url=gateway.url)
    assert found == code
    assert json.loads(output)["outcome"] == name


def test_the_gateway_judges_the_time_out(gateway: FakeGateway) -> None:
    gateway.fails(RESET, 400, "bad-parameter")
    for wrong in ("nan", "-500", "inf"):
        code, _ = invoke("call", "CP-1", "Reset", "--timeout", wrong, url=gateway.url)
        assert code == 2
        assert gateway.asked[-1][0].startswith(f"{RESET}?timeout_s={wrong}")


def test_a_refusal_is_an_answer(gateway: FakeGateway) -> None:
    gateway.will(RESET, {"status": "Rejected"})
    assert invoke("call", "CP-1", "Reset", url=gateway.url) == (
        3,
        "CP-1 refused Reset: Rejected.\n",
    )


def test_an_absent_gateway_is_told_to_people_and_to_programs() -> None:
    url = "http://127.0.0.1:1"
    code, output = invoke("call", "CP-1", "Reset", url=url)
    assert code == 8
    assert output.startswith(f"depot-gateway: no gateway answers at {url}; is it running?")
    code, output = invoke("call", "CP-1", "Reset", "--json", url=url)
    assert code == 8
    assert json.loads(output)["outcome"] == "gateway-away"


def test_the_payload_comes_from_a_file_or_from_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"type": "Soft"}')
    expected = (0, 'Reset {"type":"Soft"}\n')
    assert invoke("call", "CP-1", "Reset", f"@{path}", "--dry-run") == expected
    assert invoke("call", "CP-1", "Reset", "-", "--dry-run", stdin='{"type":"Soft"}') == expected


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["Reset", "{"], "not JSON"),
        (["Nonsense"], "of OCPP 1.6 has no action Nonsense"),
        (["BootNotification"], "of OCPP 1.6 has no action BootNotification"),
    ],
)
def test_what_cannot_be_sent_is_a_usage_error(words: list[str], sentence: str) -> None:
    code, output = invoke("call", "CP-1", *words, "--dry-run")
    assert code == 2
    assert sentence in output
