"""Tolerance: the table, slip by slip."""

import msgspec
import pytest

from gateway.ocpp.schema import Direction, violations
from gateway.ocpp.v16.messages import (
    AuthorizeRequest,
    MeterValuesRequest,
    ProgressNotification,
    StartTransactionRequest,
    StatusNotificationRequest,
    StopTransactionRequest,
    read,
)
from gateway.ocpp.v16.tolerance import refused_in_own, refused_in_request, refused_in_response

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
START = {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}
STOP = {"transactionId": 1, "meterStop": 0, "timestamp": "2026-01-01T00:00:00Z"}
SAMPLE = {"value": "1"}


def _meter(*samples: object) -> dict[str, object]:
    return {"connectorId": 1, "meterValue": [{"timestamp": "x", "sampledValue": list(samples)}]}


def _request_codes(action: str, payload: object) -> list[str]:
    found = violations(action, Direction.REQUEST, msgspec.json.encode(payload))
    return [violation.code for violation in refused_in_request(action, found)]


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("BootNotification", BOOT | {"meterSerialNumber": "x" * 33, "vendorThing": 1}),
        ("BootNotification", BOOT | {"chargePointModel": "x" * 23, "imsi": 262011234567890}),
        ("BootNotification", BOOT | {"iccid": None}),
        ("StatusNotification", STATUS | {"errorCode": "Tuesday", "info": "x" * 60}),
        ("StatusNotification", STATUS | {"vendorErrorCode": 17, "vendorId": None}),
        ("MeterValues", _meter(SAMPLE | {"measurand": "W", "unit": "Hertz", "phase": "L1-N-L2"})),
        ("MeterValues", _meter({"value": 16.5}, {"value": None}, {}, "x")),
        ("MeterValues", _meter()),
        ("MeterValues", _meter(SAMPLE) | {"transactionId": 2**70}),
        ("StopTransaction", STOP | {"reason": "Boredom"}),
        ("StopTransaction", STOP | {"transactionData": [{"sampledValue": "x"}, 7]}),
        ("StopTransaction", STOP | {"transactionData": "x", "idTag": None}),
        ("StopTransaction", STOP | {"meterStop": 17.0}),
        ("DataTransfer", {"vendorId": "V", "data": {"any": "thing"}}),
        ("BootNotification", {}),
        ("BootNotification", BOOT | {"chargePointVendor": 7}),
        ("Authorize", {"idTag": "x" * 21}),
        ("Authorize", {"idTag": 1234567890}),
        ("StartTransaction", START | {"idTag": "x" * 22, "meterStart": 0.5, "connectorId": "1"}),
        ("StartTransaction", {"connectorId": 1, "idTag": "A", "meterStart": 0}),
        ("StopTransaction", {"meterStop": 1}),
        ("StopTransaction", STOP | {"transactionId": None}),
        ("StatusNotification", STATUS | {"status": "Occupied"}),
        ("StatusNotification", {"connectorId": 1, "status": "Available"}),
        ("MeterValues", {}),
        ("MeterValues", {"connectorId": 1, "meterValue": "x"}),
        ("MeterValues", {"connectorId": "1", "meterValue": [7]}),
        ("FirmwareStatusNotification", {"status": "Rebooting"}),
        ("LogStatusNotification", {"status": "Uploaded", "requestId": "7"}),
        ("SecurityEventNotification", {"type": "x" * 60}),
    ],
)
def test_slips_that_nothing_depends_on_are_forgiven(action: str, payload: object) -> None:
    assert _request_codes(action, payload) == []


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Authorize", {}, "ProtocolError"),
        ("StartTransaction", {}, "ProtocolError"),
        ("StartTransaction", {"idTag": "A", "meterStart": 0}, "ProtocolError"),
        ("StopTransaction", {"transactionId": 1}, "ProtocolError"),
        ("StatusNotification", {"connectorId": 1}, "ProtocolError"),
        ("StatusNotification", STATUS | {"status": 7}, "TypeConstraintViolation"),
        ("Authorize", {"idTag": ["A"]}, "TypeConstraintViolation"),
        ("StartTransaction", START | {"meterStart": True}, "TypeConstraintViolation"),
        ("StartTransaction", START | {"connectorId": 1.5}, "TypeConstraintViolation"),
        ("StartTransaction", START | {"connectorId": "one"}, "TypeConstraintViolation"),
        ("StartTransaction", START | {"connectorId": None}, "TypeConstraintViolation"),
        ("StopTransaction", STOP | {"meterStop": "x"}, "TypeConstraintViolation"),
        ("DataTransfer", {}, "ProtocolError"),
        ("DataTransfer", {"vendorId": 7}, "TypeConstraintViolation"),
        ("FirmwareStatusNotification", {}, "ProtocolError"),
        ("SignCertificate", {}, "ProtocolError"),
        ("SecurityEventNotification", {"timestamp": "x"}, "ProtocolError"),
    ],
)
def test_what_has_no_answer_is_refused(action: str, payload: object, code: str) -> None:
    assert code in _request_codes(action, payload)


def test_an_answer_may_slip_inside_but_not_at_its_top() -> None:
    def codes(action: str, payload: object) -> list[str]:
        found = violations(action, Direction.RESPONSE, msgspec.json.encode(payload))
        return [violation.code for violation in refused_in_response(found)]

    slip = {"configurationKey": [{"key": "x", "value": "y" * 600}], "more": 1}
    assert codes("GetConfiguration", slip) == []
    assert codes("StartTransaction", {"idTagInfo": {}, "transactionId": 5}) == []
    assert codes("StopTransaction", {"idTagInfo": None}) == []
    assert codes("StartTransaction", {"idTagInfo": {}}) == ["ProtocolError"]
    assert codes("Reset", {"status": 7}) == ["TypeConstraintViolation"]
    assert codes("GetConfiguration", []) == ["TypeConstraintViolation"]


def test_an_answer_may_have_a_word_of_its_own_and_an_odd_field_that_need_not_be() -> None:
    for action, payload in (
        ("UnlockConnector", {"status": "Rejected"}),
        ("GetConfiguration", {"configurationKey": [], "unknownKey": "none"}),
        ("GetDiagnostics", {"fileName": 7}),
    ):
        found = violations(action, Direction.RESPONSE, msgspec.json.encode(payload))
        assert found
        assert refused_in_response(found) == []


def test_we_forgive_ourselves_only_a_vendors_data() -> None:
    def count(action: str, payload: object) -> int:
        found = violations(action, Direction.RESPONSE, msgspec.json.encode(payload))
        return len(refused_in_own(action, Direction.RESPONSE, found))

    assert count("DataTransfer", {"status": "Accepted", "data": {"a": 1}}) == 0
    assert count("DataTransfer", {"status": "Accepted", "more": 1}) == 1
    assert count("Heartbeat", {"currentTime": "x", "more": 1}) == 1


@pytest.mark.parametrize(
    ("action", "kind", "payload"),
    [
        ("Authorize", AuthorizeRequest, {"idTag": 7}),
        ("StartTransaction", StartTransactionRequest, START | {"connectorId": "1"}),
        ("StartTransaction", StartTransactionRequest, START | {"meterStart": 0.5, "idTag": 5}),
        ("StartTransaction", StartTransactionRequest, START | {"meterStart": "17"}),
        ("StartTransaction", StartTransactionRequest, START | {"reservationId": "x"}),
        ("StopTransaction", StopTransactionRequest, {"meterStop": "17", "idTag": []}),
        ("StopTransaction", StopTransactionRequest, STOP | {"transactionId": {}, "reason": 1}),
        ("StatusNotification", StatusNotificationRequest, {"connectorId": "1", "status": "x"}),
        ("StatusNotification", StatusNotificationRequest, STATUS | {"errorCode": []}),
        ("MeterValues", MeterValuesRequest, {"connectorId": "x", "meterValue": 7}),
        ("FirmwareStatusNotification", ProgressNotification, {"status": "x"}),
    ],
)
def test_what_is_forgiven_can_be_read(
    action: str, kind: type[msgspec.Struct], payload: object
) -> None:
    assert _request_codes(action, payload) == []
    read(kind, msgspec.json.encode(payload))
