"""The configuration keys of the simulated charge point."""

import pytest

from gateway.demo.configuration_store import ConfigurationStore


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("MeterValueSampleInterval", "5", "Accepted"),
        ("MeterValueSampleInterval", "often", "Rejected"),
        ("NumberOfConnectors", "9", "Rejected"),
        ("Unheard", "1", "NotSupported"),
    ],
)
def test_a_change_has_its_status(key: str, value: str, status: str) -> None:
    store = ConfigurationStore(2, 10)
    assert store.change(key, value) == status
    assert store.number("MeterValueSampleInterval") == (5 if status == "Accepted" else 10)


def test_no_key_asks_for_all_of_them() -> None:
    answer = ConfigurationStore(2, 10).answer(())
    assert len(answer["configurationKey"]) > 10
    assert answer["unknownKey"] == []


def test_unknown_keys_come_back_apart() -> None:
    answer = ConfigurationStore(2, 10).answer(["HeartbeatInterval", "Unheard"])
    assert [entry["key"] for entry in answer["configurationKey"]] == ["HeartbeatInterval"]
    assert answer["unknownKey"] == ["Unheard"]
