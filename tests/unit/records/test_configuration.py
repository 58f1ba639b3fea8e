"""The configuration of a charge point, by what it said."""

from gateway.records.configuration import Configuration, after_boot, after_change, after_read
from tests.unit.records.exchanges import STAMP, exchange


def read_all(*keys: dict[str, object]) -> Configuration:
    return after_read(Configuration(), exchange({}, {"configurationKey": list(keys)}))


def test_reading_all_keys_replaces_everything() -> None:
    before = read_all({"key": "Old", "readonly": False, "value": "1"})
    after = after_read(
        before,
        exchange({}, {"configurationKey": [{"key": "New", "readonly": True, "value": "2"}]}),
    )
    assert list(after.keys) == ["New"]
    assert after.keys["New"].readonly
    assert after.read_at == STAMP


def test_reading_one_key_leaves_the_others() -> None:
    before = read_all({"key": "A", "readonly": False, "value": "1"})
    after = after_read(
        before,
        exchange(
            {"key": ["B", "C"]},
            {
                "configurationKey": [{"key": "B", "readonly": False, "value": "2"}],
                "unknownKey": ["C"],
            },
        ),
    )
    assert (after.value("A"), after.value("B"), after.unknown) == ("1", "2", ("C",))


def test_a_key_that_is_found_again_is_no_longer_unknown() -> None:
    missing = after_read(Configuration(), exchange({"key": ["K"]}, {"unknownKey": ["K"]}))
    found = after_read(
        missing,
        exchange({"key": ["K"]}, {"configurationKey": [{"key": "K", "readonly": False}]}),
    )
    assert (missing.unknown, found.unknown) == (("K",), ())
    assert found.value("K") is None


def test_only_an_accepted_change_counts() -> None:
    change = {"key": "HeartbeatInterval", "value": "60"}
    assert after_change(Configuration(), exchange(change, {"status": "Rejected"})).keys == {}
    accepted = after_change(Configuration(), exchange(change, {"status": "Accepted"}))
    assert accepted.number("HeartbeatInterval") == 60
    assert not accepted.keys["HeartbeatInterval"].reboot_required


def test_a_change_that_needs_a_reboot_says_so_until_the_boot() -> None:
    change = exchange({"key": "K", "value": "1"}, {"status": "RebootRequired"})
    waiting = after_change(Configuration(), change)
    assert waiting.keys["K"].reboot_required
    booted = after_boot(waiting)
    assert booted.value("K") == "1"
    assert not booted.keys["K"].reboot_required
    assert after_boot(booted) is booted


def test_a_password_is_never_kept() -> None:
    told = read_all({"key": "AuthorizationKey", "readonly": False, "value": "73656372657421"})
    changed = after_change(
        Configuration(),
        exchange({"key": "authorizationkey", "value": "00"}, {"status": "Accepted"}),
    )
    assert told.value("AuthorizationKey") is None
    assert changed.value("AuthorizationKey") is None


def test_the_case_of_a_key_does_not_matter() -> None:
    record = read_all({"key": "numberofconnectors", "readonly": True, "value": " 2 "})
    assert record.number("NumberOfConnectors") == 2


def test_numbers_and_words_are_read_with_care() -> None:
    record = read_all(
        {"key": "N", "readonly": False, "value": "-1"},
        {"key": "Huge", "readonly": False, "value": "9" * 30},
        {"key": "L", "readonly": False, "value": "Core, SmartCharging ,,"},
    )
    assert record.number("N") is None
    assert record.number("Huge") is None
    assert record.words("L") == frozenset({"core", "smartcharging"})
    assert record.words("Missing") is None
