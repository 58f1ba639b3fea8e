"""POST .../calls/{Action}: the answer byte for byte, or a problem that names what happened."""

from collections.abc import Iterator

import pytest

from gateway.errors import ProtocolViolation
from gateway.ocpp.calls import Answered, CallOutcome, Offline, Refused, Superseded, TimedOut
from gateway.web.bodies import MAX_BODY_BYTES
from tests.unit.web.yard import FakeDesk, Yard, yard

RESET = "CP-01/calls/Reset"


@pytest.fixture(scope="module")
def running() -> Iterator[Yard]:
    with yard() as opened:
        yield opened


@pytest.fixture
def gate(running: Yard) -> Yard:
    running.desk.ending = Answered(b"{}")
    running.desk.asked.clear()
    return running


def test_the_answer_is_passed_on_byte_for_byte(gate: Yard) -> None:
    answer = b'{ "status" : "Accepted", "x":1.10 }'
    gate.desk.ending = Answered(answer)
    reply = gate.call(RESET, b'{"type":"Soft","vendor":{"a": [1.0]}}')
    assert (reply.status, reply.body) == (200, answer)
    assert reply.headers["Content-Type"] == "application/json"
    assert gate.desk.asked == [("CP-01", "Reset", b'{"type":"Soft","vendor":{"a": [1.0]}}', None)]


def test_an_empty_body_is_an_empty_payload(gate: Yard) -> None:
    assert gate.call("CP-01/calls/ClearCache").status == 200
    assert gate.desk.asked == [("CP-01", "ClearCache", b"{}", None)]


def test_a_time_out_may_be_chosen(gate: Yard) -> None:
    assert gate.call(RESET + "?timeout_s=2.5", b"{}").status == 200
    assert gate.desk.asked[0][3] == 2.5


@pytest.mark.parametrize("text", ["0.5", "121", "nan", "inf", "-1", "soon", ""])
def test_a_time_out_out_of_range_is_refused(gate: Yard, text: str) -> None:
    reply = gate.call(f"{RESET}?timeout_s={text}", b"{}")
    assert reply.status == 400
    assert reply.document["parameter"] == "timeout_s"
    assert gate.desk.asked == []


@pytest.mark.parametrize(
    ("ending", "status", "name", "members"),
    [
        (
            Refused("NotSupported", "no <b>such</b> thing", b'{"a":1}'),
            502,
            "call-error",
            {"code": "NotSupported", "description": "no <b>such</b> thing", "details": {"a": 1}},
        ),
        (Refused("InternalError", "", b"not json"), 502, "call-error", {"details": {}}),
        (TimedOut(30.0), 504, "time-out", {"after_s": 30.0}),
        (Offline(), 503, "offline", {}),
        (Superseded(), 409, "superseded", {}),
    ],
)
def test_every_other_ending_is_a_problem_of_its_own(
    gate: Yard, ending: CallOutcome, status: int, name: str, members: dict[str, object]
) -> None:
    gate.desk.ending = ending
    reply = gate.call(RESET, b'{"type":"Soft"}')
    assert reply.status == status
    assert reply.headers["Content-Type"] == "application/problem+json"
    document = reply.document
    assert document["type"] == f"urn:depot-gateway:problem:{name}"
    assert document["status"] == status
    assert document["charge_point"] == "CP-01"
    assert document["action"] == "Reset"
    assert {key: document[key] for key in members} == members


def test_a_payload_against_the_schema_names_the_rule(gate: Yard) -> None:
    gate.desk.ending = ProtocolViolation("OccurenceConstraintViolation", "type is missing")
    reply = gate.call(RESET, b"{}")
    assert reply.status == 400
    assert reply.document["type"] == "urn:depot-gateway:problem:payload-not-allowed"
    assert reply.document["code"] == "OccurenceConstraintViolation"
    assert reply.document["detail"] == "type is missing"


def test_an_unknown_charge_point_is_not_found(gate: Yard) -> None:
    reply = gate.call("CP-99/calls/Reset", b"{}")
    assert reply.status == 404
    assert reply.document["type"] == "urn:depot-gateway:problem:unknown-charge-point"


@pytest.mark.parametrize("action", ["BootNotification", "reset", "__class__"])
def test_an_action_that_a_central_system_cannot_send_is_not_found(gate: Yard, action: str) -> None:
    reply = gate.call(f"CP-01/calls/{action}", b"{}")
    assert reply.status == 404
    assert reply.document["type"] == "urn:depot-gateway:problem:unknown-action"
    assert "SetChargingProfile" in reply.document["detail"]
    assert gate.desk.asked == []


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"1",
        b"null",
        b"{",
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
        b"\xff",
        b'{"a":' + b"[" * 60000,
    ],
)
def test_a_body_that_is_no_json_object_is_refused(gate: Yard, body: bytes) -> None:
    reply = gate.call(RESET, body)
    assert reply.status == 400
    assert reply.document["type"] == "urn:depot-gateway:problem:bad-body"
    assert gate.desk.asked == []


def test_a_body_of_512_kib_passes_and_one_more_byte_does_not(gate: Yard) -> None:
    fits = b'{"a":"' + b"x" * (MAX_BODY_BYTES - 8) + b'"}'
    assert len(fits) == MAX_BODY_BYTES
    assert gate.call(RESET, fits).status == 200
    reply = gate.call(RESET, fits + b" ")
    assert reply.status == 413
    assert reply.document["type"] == "urn:depot-gateway:problem:body-too-large"


def test_reading_a_call_is_not_allowed(gate: Yard) -> None:
    reply = gate.request("GET", f"/api/v1/charge-points/{RESET}")
    assert reply.status == 405
    assert reply.headers["Allow"] == "POST"
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_a_call_under_way_is_given_up_when_the_server_ends() -> None:
    with yard(desk=FakeDesk(ending=None)) as opened:
        connection = opened.connect()
        try:
            connection.request("POST", f"/api/v1/charge-points/{RESET}", b"{}")
            while not opened.desk.asked:
                opened.in_loop(lambda: None)
            opened.close()
            answer = connection.getresponse()
            assert answer.status == 503
            assert b"problem:stopping" in answer.read()
        finally:
            connection.close()


def test_keys_go_out_in_schema_order_and_a_null_that_may_be_absent_does_not_go_out(
    gate: Yard,
) -> None:
    body = (
        b'{"retries":null,"vendorThing":1,"retrieveDate":"2026-01-01T00:00:00Z","location":"x:y"}'
    )
    gate.call("CP-01/calls/UpdateFirmware", body)
    assert gate.desk.asked[-1][2] == (
        b'{"location":"x:y","retrieveDate":"2026-01-01T00:00:00Z","vendorThing":1}'
    )


def test_a_file_on_the_box_goes_out_as_a_url(gate: Yard) -> None:
    dates = '"retrieveDate":"2026-01-01T00:00:00Z"'
    path = "CP-01/calls/UpdateFirmware"
    gate.call(path, f'{{"location":"box:fw.bin",{dates}}}'.encode())
    assert b"http://box/f/1/fw.bin" in gate.desk.asked[-1][2]
    reply = gate.call(path, f'{{"location":"box:missing",{dates}}}'.encode())
    assert (reply.status, reply.document["detail"]) == (400, "there is no file missing")
