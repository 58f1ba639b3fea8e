import pytest

from gateway.cli.fields import Field, Kind, fields_of, kebab
from gateway.ocpp.schema_files import read_schema
from gateway.ocpp.v16.actions import FROM_CENTRAL_SYSTEM


def fields(action: str) -> dict[str, Field]:
    return {field.option: field for field in fields_of(read_schema(action))}


@pytest.mark.parametrize(
    ("name", "written"),
    [("ReserveNow", "reserve-now"), ("idTag", "id-tag"), ("GetLog", "get-log"), ("key", "key")],
)
def test_names_become_words_with_hyphens(name: str, written: str) -> None:
    assert kebab(name) == written


def test_enums_are_known() -> None:
    assert fields("Reset")["--type"] == Field(("type",), Kind.TEXT, True, ("Hard", "Soft"))


def test_nested_objects_are_flattened_after_themselves() -> None:
    found = fields("SetChargingProfile")
    assert list(found)[:3] == ["--connector-id", "--cs-charging-profiles", "--charging-profile-id"]
    assert found["--period"].kind is Kind.PERIODS
    assert found["--period"].place[:2] == ("csChargingProfiles", "chargingSchedule")
    assert found["--min-charging-rate"].kind is Kind.DECIMAL
    assert found["--valid-to"].kind is Kind.DATE


def test_definitions_are_followed() -> None:
    found = fields("GetLog")
    assert found["--remote-location"].place == ("log", "remoteLocation")
    assert found["--log-type"].choices == ("DiagnosticsLog", "SecurityLog")
    assert found["--remote-location"].most == 512


def test_lists_of_texts_and_of_objects_differ() -> None:
    assert fields("GetConfiguration")["--key"].kind is Kind.TEXTS
    assert fields("SendLocalList")["--local-authorization-list"].kind is Kind.ARRAY


@pytest.mark.parametrize("action", sorted(FROM_CENTRAL_SYSTEM))
def test_no_two_fields_of_an_action_share_an_option(action: str) -> None:
    options = [field.option for field in fields_of(read_schema(action))]
    assert len(options) == len(set(options))
    assert not {"--json", "--url", "--timeout", "--dry-run", "--help"} & set(options)
