"""Schemas: every action has them, and violations carry the 1.6 code."""

import msgspec
import pytest

from gateway.ocpp.schema import MOST_FOUND, NULL, Direction, violations
from gateway.ocpp.v16.actions import FROM_CENTRAL_SYSTEM, FROM_CHARGE_POINT


def _first(action: str, payload: str, direction: Direction = Direction.REQUEST) -> tuple[str, str]:
    found = violations(action, direction, payload.encode())
    return found[0].code, found[0].keyword


@pytest.mark.parametrize("action", sorted(FROM_CHARGE_POINT | FROM_CENTRAL_SYSTEM))
@pytest.mark.parametrize("direction", Direction)
def test_every_action_has_both_schemas(action: str, direction: Direction) -> None:
    assert isinstance(violations(action, direction, b"{}"), list)


@pytest.mark.parametrize("action", ["Nonsense", "../v201/schemas/Heartbeat", "", "heartbeat"])
def test_an_unknown_action_has_none(action: str) -> None:
    with pytest.raises(KeyError):
        violations(action, Direction.REQUEST, b"{}")


@pytest.mark.parametrize(
    ("action", "payload", "code", "keyword"),
    [
        ("Authorize", "{}", "ProtocolError", "required"),
        ("Authorize", '{"idTag":7}', "TypeConstraintViolation", "type"),
        ("Authorize", f'{{"idTag":"{"x" * 21}"}}', "PropertyConstraintViolation", "maxLength"),
        ("Authorize", '{"idTag":"a","b":1}', "FormationViolation", "additionalProperties"),
        ("Reset", '{"type":"Medium"}', "PropertyConstraintViolation", "enum"),
        (
            "MeterValues",
            '{"connectorId":1,"meterValue":[]}',
            "OccurenceConstraintViolation",
            "minItems",
        ),
        ("Heartbeat", '{"a":1e999}', "FormationViolation", "json"),
        ("Heartbeat", '{"a":' + "9" * 6000 + "}", "FormationViolation", "json"),
        (
            "StartTransaction",
            '{"connectorId":1,"idTag":"a","meterStart":0,"timestamp":"x","reservationId":null}',
            "TypeConstraintViolation",
            NULL,
        ),
    ],
)
def test_codes_are_spelt_as_in_1_6(action: str, payload: str, code: str, keyword: str) -> None:
    assert _first(action, payload) == (code, keyword)


def test_null_for_a_required_property_is_a_type_violation() -> None:
    assert _first("Authorize", '{"idTag":null}') == ("TypeConstraintViolation", "type")


def test_null_inside_a_referenced_definition_is_recognised() -> None:
    payload = '{"requestedMessage":"Heartbeat","connectorId":null}'
    assert _first("ExtendedTriggerMessage", payload) == ("TypeConstraintViolation", NULL)


def test_timestamps_are_not_judged() -> None:
    payload = b'{"currentTime":"yesterday"}'
    assert violations("Heartbeat", Direction.RESPONSE, payload) == []


def test_one_decimal_is_exact_and_two_are_refused() -> None:
    def wrong(limit: float) -> bool:
        payload = {
            "connectorId": 1,
            "csChargingProfiles": {
                "chargingProfileId": 1,
                "stackLevel": 0,
                "chargingProfilePurpose": "TxProfile",
                "chargingProfileKind": "Absolute",
                "chargingSchedule": {
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
                },
            },
        }
        encoded = msgspec.json.encode(payload)
        return bool(violations("SetChargingProfile", Direction.REQUEST, encoded))

    assert not any(wrong(tenths / 10) for tenths in range(2000))
    assert wrong(16.05)


def test_long_sentences_are_cut() -> None:
    payload = f'{{"type":"{"x" * 5000}"}}'.encode()
    assert len(violations("Reset", Direction.REQUEST, payload)[0].detail) < 200


def test_a_payload_with_countless_faults_is_judged_by_some() -> None:
    payload = b'{"connectorId":1,"meterValue":[' + b",".join([b"7"] * 5000) + b"]}"
    assert len(violations("MeterValues", Direction.REQUEST, payload)) == MOST_FOUND


def test_instants_are_checked_on_demand() -> None:
    payload = b'{"type":"X","timestamp":"noon"}'
    assert violations("SecurityEventNotification", Direction.REQUEST, payload) == []
    (found,) = violations("SecurityEventNotification", Direction.REQUEST, payload, formats=True)
    assert (found.path, found.keyword) == (("timestamp",), "format")
    assert found.code == "PropertyConstraintViolation"
