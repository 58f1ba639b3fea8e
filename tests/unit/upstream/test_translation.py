"""gateway.upstream.translation"""

from datetime import UTC, datetime

import pytest

from gateway.upstream.backlog import Outgoing, StoredMessage
from gateway.upstream.translation import to_cloud

METER_VALUES = b'{"connectorId":1,"transactionId":7,"meterValue":[{"x":1.50,"y":" 3 "}]}'


def stored(
    action: str, payload: bytes, local_id: int | None, cloud_id: int | None
) -> StoredMessage:
    message = Outgoing("CP-1", action, "id", payload, datetime(2026, 1, 1, tzinfo=UTC), local_id)
    return StoredMessage(1, message, 0, cloud_id)


def test_only_the_transaction_id_changes_and_every_other_byte_stays() -> None:
    translated = to_cloud(stored("MeterValues", METER_VALUES, 7, 4711))
    assert translated == METER_VALUES.replace(b":7,", b":4711,")


@pytest.mark.parametrize("payload", [b'{"connectorId":0,"meterValue":[ ]}', b'{ "odd":  1e3 }'])
def test_a_message_of_no_transaction_travels_as_it_came(payload: bytes) -> None:
    assert to_cloud(stored("MeterValues", payload, None, None)) == payload


def test_a_start_travels_as_it_came() -> None:
    payload = b'{"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"x"}'
    assert to_cloud(stored("StartTransaction", payload, 7, None)) == payload


def test_a_transaction_that_the_cloud_never_took_is_shown_as_minus_one() -> None:
    assert b'"transactionId":-1' in to_cloud(stored("StopTransaction", METER_VALUES, 7, None))


def test_an_id_that_we_never_gave_cannot_name_a_transaction_of_the_cloud() -> None:
    assert b'"transactionId":-1' in to_cloud(stored("StopTransaction", METER_VALUES, None, None))
