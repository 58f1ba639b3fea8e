"""What is made of the peer's payloads, and what is told of them."""

from typing import Final

import pytest

from gateway.ocpp.calls import Answered, Refused
from gateway.ocpp.v16.effects import Request, Role
from gateway.ocpp.v16.judging import MOST_DEVIATIONS, judged_answer, judged_call

CSMS: Final = Role.CENTRAL_SYSTEM
STATUS: Final = b"""{"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":"%s"}"""


def _meter_values(*sampled: str) -> Request:
    meter_value = f'{{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{",".join(sampled)}]}}'
    payload = f'{{"connectorId":1,"meterValue":[{meter_value}]}}'
    return Request("1", "MeterValues", payload.encode())


def test_a_right_message_has_nothing_to_tell() -> None:
    assert judged_call(_meter_values('{"value":"1"}'), CSMS, strict=True) == (None, [])


def test_a_place_in_a_list_is_any_place_and_told_once() -> None:
    request = _meter_values('{"value":"1"}', *['{"value":"2","unit":"Hz"}'] * 9)
    refused, (told,) = judged_call(request, CSMS, strict=False)
    assert refused is None
    assert (told.place, told.rule) == ("meterValue.*.sampledValue.*.unit", "enum")


def test_one_message_tells_of_few_deviations() -> None:
    request = Request("1", "BootNotification", b'{"imsi":1,"iccid":2,"meterType":3,"x":4}')
    _, told = judged_call(request, CSMS, strict=False)
    assert len(told) == MOST_DEVIATIONS


@pytest.mark.parametrize("text", [b"2026-01-01T00:00:00", b"2026-01-01 00:00:00+02:00Z"])
def test_an_odd_instant_that_can_be_read_is_told_and_used(text: bytes) -> None:
    for strict in (False, True):
        request = Request("1", "StatusNotification", STATUS % text)
        refused, (told,) = judged_call(request, CSMS, strict=strict)
        assert refused is None
        assert (told.place, told.rule, told.refused) == ("timestamp", "format", False)


def test_an_instant_that_nobody_can_read_is_refused_by_the_letter_alone() -> None:
    request = Request("1", "StatusNotification", STATUS % b"yesterday")
    refused, _ = judged_call(request, CSMS, strict=True)
    assert refused is not None
    assert refused.code == "PropertyConstraintViolation"
    assert judged_call(request, CSMS, strict=False)[0] is None


def test_an_id_that_is_too_long_is_refused_by_the_letter_alone() -> None:
    request = Request("x" * 37, "Heartbeat", b"{}")
    refused, _ = judged_call(request, CSMS, strict=True)
    assert refused is not None
    assert refused.code == "FormationViolation"
    refused, (told,) = judged_call(request, CSMS, strict=False)
    assert refused is None
    assert told.rule == "maxLength"


def test_a_cloud_may_write_instants_and_ids_as_it_likes() -> None:
    payload = b'{"connectorId":1,"expiryDate":"soon","idTag":"A","reservationId":1}'
    request = Request("x" * 39, "ReserveNow", payload)
    assert judged_call(request, Role.CHARGE_POINT, strict=True) == (None, [])


def test_an_answer_is_judged_by_its_use_and_told_all_the_same() -> None:
    outcome, (told,) = judged_answer("Reset", b'{"status":"Accepted","more":1}')
    assert outcome == Answered(b'{"status":"Accepted","more":1}')
    assert (told.rule, told.refused) == ("additionalProperties", False)
    outcome, (told,) = judged_answer("Reset", b"{}")
    assert isinstance(outcome, Refused)
    assert (told.place, told.rule, told.refused) == ("status", "required", True)
