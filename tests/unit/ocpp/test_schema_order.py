import json

import pytest

from gateway.ocpp.schema_order import in_schema_order
from gateway.ocpp.v16.actions import FROM_CENTRAL_SYSTEM

PROFILE = (
    b'{"csChargingProfiles":{"chargingSchedule":{"chargingSchedulePeriod":'
    b'[ {"limit":16.0,"startPeriod": 0},{"numberPhases":1,"limit":1e1,"startPeriod":60} ],'
    b'"chargingRateUnit":"A"},"stackLevel":0},"connectorId":1}'
)


def test_every_object_has_its_keys_in_schema_order_and_numbers_keep_their_form() -> None:
    assert in_schema_order("SetChargingProfile", PROFILE) == (
        b'{"connectorId":1,"csChargingProfiles":{"stackLevel":0,"chargingSchedule":'
        b'{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16.0},'
        b'{"startPeriod":60,"limit":1e1,"numberPhases":1}]}}}'
    )


def test_what_is_in_order_stays_so() -> None:
    ordered = in_schema_order("SetChargingProfile", PROFILE)
    assert in_schema_order("SetChargingProfile", ordered) == ordered


def test_definitions_are_followed() -> None:
    payload = b'{"log":{"latestTimestamp":"b","remoteLocation":"a"},"logType":"DiagnosticsLog"}'
    assert list(json.loads(in_schema_order("GetLog", payload))["log"]) == [
        "remoteLocation",
        "latestTimestamp",
    ]


def test_unknown_keys_come_last_in_their_own_order_and_keep_their_bytes() -> None:
    payload = b'{"z":{"b": 1.0,"a":null},"a":null,"type":"Hard"}'
    assert in_schema_order("Reset", payload) == b'{"type":"Hard","z":{"b": 1.0,"a":null},"a":null}'


def test_an_optional_null_is_left_out_and_a_required_one_stays_for_the_validator() -> None:
    assert in_schema_order("GetConfiguration", b'{"key":null}') == b"{}"
    assert in_schema_order("Reset", b'{"type": null}') == b'{"type":null}'
    nested = b'{"idTag":"A","chargingProfile":{"validTo":null,"stackLevel":null}}'
    assert in_schema_order("RemoteStartTransaction", nested) == (
        b'{"idTag":"A","chargingProfile":{"stackLevel":null}}'
    )


@pytest.mark.parametrize(
    "payload",
    [b"", b"[1]", b'"x"', b'{"type":', b'{"type":"\xff"}', b"[" * 5000, b'{"type":[1,{"b":2}]}'],
)
def test_what_has_another_form_stays_as_it_is(payload: bytes) -> None:
    assert in_schema_order("Reset", payload) == payload


def test_an_unknown_action_is_told() -> None:
    for action in ("Restart", "../Reset", ""):
        with pytest.raises(KeyError):
            in_schema_order(action, b"{}")


@pytest.mark.parametrize("action", sorted(FROM_CENTRAL_SYSTEM))
def test_every_action_has_its_order(action: str) -> None:
    assert in_schema_order(action, b"{ }") == b"{}"
