"""Actions: both tables against the schema files."""

from importlib.resources import files

from gateway.ocpp.v16.actions import FROM_CENTRAL_SYSTEM, FROM_CHARGE_POINT


def test_the_tables_name_every_action_that_has_a_schema() -> None:
    names = {
        entry.name.removesuffix(".json") for entry in (files("ocpp.v16") / "schemas").iterdir()
    }
    actions = {name for name in names if name.isalpha() and not name.endswith("Response")}
    assert actions == FROM_CHARGE_POINT | FROM_CENTRAL_SYSTEM


def test_only_data_transfer_goes_both_ways() -> None:
    assert {"DataTransfer"} == FROM_CHARGE_POINT & FROM_CENTRAL_SYSTEM
