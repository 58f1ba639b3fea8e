"""The script that every server hears, against the schemas of OCPP 1.6."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from gateway.ocpp.schema import Direction, violations
from tests.bench.echo import CANNED
from tests.bench.script import BOOT, MESSAGES, SAMPLED, Session, meter_values

BEGAN_AT = datetime(2026, 1, 1, tzinfo=UTC)


def played(number: int = 1, transaction_id: int = 42) -> list[tuple[str, str]]:
    """Every message of a session whose start is answered with ``transaction_id``."""
    session = Session(number, BEGAN_AT)
    messages = []
    while session.left:
        messages.append(session.next())
        answer = f'[3,"1",{{"idTagInfo":{{}},"transactionId": {transaction_id}}}]'
        session.heard(messages[-1][0], answer.encode())
    return messages


def test_every_message_is_what_the_schemas_allow() -> None:
    for action, payload in [("BootNotification", BOOT), *played()]:
        assert violations(action, Direction.REQUEST, payload.encode()) == []


def test_every_canned_answer_is_what_the_schemas_allow() -> None:
    for action, payload in CANNED.items():
        assert violations(action, Direction.RESPONSE, payload.encode()) == []


def test_the_echo_has_an_answer_to_every_message() -> None:
    assert {action for action, _ in played()} < CANNED.keys()


def test_a_session_has_as_many_messages_as_it_says() -> None:
    counted = Counter(action for action, _ in played())
    assert counted.total() == MESSAGES
    assert counted["Authorize"] == 2
    assert counted["StartTransaction"] == counted["StopTransaction"] == 1


def test_what_follows_the_start_names_the_transaction_that_was_learned() -> None:
    named = [json.loads(payload).get("transactionId") for _, payload in played(transaction_id=42)]
    assert set(named) == {None, 42}
    assert sum(name == 42 for name in named) == Counter(a for a, _ in played())["MeterValues"] + 1


def test_an_answer_without_a_transaction_id_is_not_passed_over() -> None:
    session = Session(1, BEGAN_AT)
    with pytest.raises(ValueError, match="no transactionId"):
        session.heard("StartTransaction", b'[3,"1",{}]')


def test_two_sessions_never_start_alike() -> None:
    starts = {payload for number in (1, 2) for a, payload in played(number) if "Start" in a}
    assert len(starts) == 2


def test_meter_values_are_of_the_size_that_was_measured_elsewhere() -> None:
    payload = meter_values(BEGAN_AT)
    assert len(json.loads(payload)["meterValue"][0]["sampledValue"]) == len(SAMPLED) == 11
    assert 1_450 < len(payload) < 1_700
