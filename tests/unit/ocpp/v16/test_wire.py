"""The wire: instants, tolerant reading, exact writing."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec import UNSET

from gateway.errors import ProtocolViolation
from gateway.ocpp.v16.messages import (
    BootNotificationRequest,
    IdTagInfo,
    MeterValuesRequest,
    StartTransactionRequest,
    StartTransactionResponse,
    StopTransactionRequest,
    StopTransactionResponse,
    encode,
    read,
)
from gateway.ocpp.v16.wire import read_time, wire_time

NOON = datetime(2026, 8, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-08-01T12:00:00Z",
        "2026-08-01T12:00:00.000Z",
        "2026-08-01T12:00:00.000000000Z",
        "2026-08-01T14:00:00+02:00",
        "2026-08-01T14:00:00+0200",
        "2026-08-01T12:00:00+00:00Z",
        "2026-08-01T12:00:00",
        "2026-08-01 12:00:00z",
        " 2026-08-01t12:00Z ",
    ],
)
def test_every_way_to_write_an_instant_is_understood(text: str) -> None:
    assert read_time(text) == NOON


@pytest.mark.parametrize(
    "text", ["", "222222017-10-27T10:00:00Z", "1000000", "now", "0001-01-01T00:00:00+10:00"]
)
def test_what_is_no_instant_is_none(text: str) -> None:
    assert read_time(text) is None


def test_we_write_utc_with_milliseconds() -> None:
    at = NOON.astimezone(timezone(timedelta(hours=2))) + timedelta(microseconds=123_456)
    assert wire_time(at) == "2026-08-01T12:00:00.123Z"
    assert wire_time(NOON) == "2026-08-01T12:00:00.000Z"


def test_unset_fields_are_absent_and_keys_stand_in_schema_order() -> None:
    response = StartTransactionResponse(
        transaction_id=7, id_tag_info=IdTagInfo(status="Accepted", parent_id_tag="P")
    )
    expected = b'{"idTagInfo":{"parentIdTag":"P","status":"Accepted"},"transactionId":7}'
    assert encode(response) == expected
    assert encode(StopTransactionResponse()) == b"{}"


def test_numbers_and_strings_may_be_exchanged() -> None:
    boot = read(
        BootNotificationRequest,
        b'{"chargePointVendor":"V","chargePointModel":1,"imsi":262,"iccid":null,"meterType":[]}',
    )
    assert (boot.charge_point_model, boot.imsi, boot.iccid) == ("1", "262", UNSET)
    assert boot.meter_type is UNSET
    start = read(
        StartTransactionRequest,
        b'{"connectorId":"1","idTag":"A","meterStart":12.0,"timestamp":"x","reservationId":"y"}',
    )
    assert (start.connector_id, start.meter_start, start.reservation_id) == (1, 12, UNSET)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b'{"connectorId":1}', "ProtocolError"),
        (
            b'{"connectorId":9223372036854775808,"idTag":"A","meterStart":0,"timestamp":"x"}',
            "PropertyConstraintViolation",
        ),
        (
            b'{"connectorId":1,"idTag":{},"meterStart":0,"timestamp":"x"}',
            "TypeConstraintViolation",
        ),
        (
            b'{"connectorId":true,"idTag":"A","meterStart":0,"timestamp":"x"}',
            "TypeConstraintViolation",
        ),
        (b"[]", "FormationViolation"),
        (b"{", "FormationViolation"),
        (b'{"connectorId":1e999}', "FormationViolation"),
        (b"[" * 100_000, "FormationViolation"),
    ],
)
def test_a_required_field_that_cannot_be_used_is_named_by_its_code(
    payload: bytes, code: str
) -> None:
    with pytest.raises(ProtocolViolation) as caught:
        read(StartTransactionRequest, payload)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("0", 0),
        ("-1", -1),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", 2**63 - 1),
        ("-9223372036854775809", -(2**63 - 1)),
        ("1e300", 2**63 - 1),
        ("17.0", 17),
        ("9" * 100, 2**63 - 1),
    ],
)
def test_any_transaction_id_can_be_answered(written: str, understood: int) -> None:
    stop = f'{{"transactionId":{written},"meterStop":0,"timestamp":"x"}}'.encode()
    assert read(StopTransactionRequest, stop).transaction_id == understood
    values = f'{{"transactionId":{written},"connectorId":1,"meterValue":[]}}'.encode()
    assert read(MeterValuesRequest, values).transaction_id == understood


def test_one_bad_sample_leaves_the_others() -> None:
    values = read(
        MeterValuesRequest,
        b'{"connectorId":1,"meterValue":[7,{"timestamp":"x","sampledValue":'
        b'[{"value":16.5},{"value":null},3,{"value":"2","unit":5}]}]}',
    )
    (only,) = values.meter_value
    assert [sample.value for sample in only.sampled_value] == ["16.5", "", "2"]
    assert only.sampled_value[2].unit == "5"
