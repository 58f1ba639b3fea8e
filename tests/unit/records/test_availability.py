"""The word of the charge point beside the wish of a person."""

from gateway.records.availability import (
    MOST_CONNECTORS,
    Availability,
    after_change,
    after_status,
)
from tests.unit.records.exchanges import NOW, STAMP, exchange


def test_status_and_wish_stand_side_by_side() -> None:
    record = after_status(Availability(), 1, "Charging", "NoError", NOW)
    request = {"connectorId": 1, "type": "Inoperative"}
    record = after_change(record, exchange(request, {"status": "Scheduled"}))
    connector = record.connectors[1]
    assert (connector.status, connector.wanted, connector.answer) == (
        "Charging",
        "Inoperative",
        "Scheduled",
    )
    assert connector.status_at == connector.wanted_at == STAMP


def test_the_same_status_again_changes_nothing() -> None:
    record = after_status(Availability(), 0, "Available", "NoError", NOW)
    assert after_status(record, 0, "Available", "NoError", NOW) is record
    assert after_status(record, 0, "Available", "WeakSignal", NOW) is not record


def test_connectors_without_end_are_not_believed() -> None:
    record = Availability()
    for connector_id in range(MOST_CONNECTORS + 10):
        record = after_status(record, connector_id, "Available", "NoError", NOW)
    assert len(record.connectors) == MOST_CONNECTORS
