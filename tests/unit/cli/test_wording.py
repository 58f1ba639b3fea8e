import pytest

from gateway.cli.fields import fields_of
from gateway.cli.operations import OPERATIONS, Operation
from gateway.cli.wording import FROM_FILES, OF_ACTION, OF_FIELD, help_of
from gateway.ocpp.schema_files import read_schema


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.command)
def test_every_field_is_explained(operation: Operation) -> None:
    for field in fields_of(read_schema(operation.action)):
        assert help_of(operation.action, field).endswith("."), field.option


def test_nothing_is_explained_that_does_not_exist() -> None:
    known = {
        (one.action, field.name)
        for one in OPERATIONS
        for field in fields_of(read_schema(one.action))
    }
    assert set(OF_ACTION) <= known
    assert set(OF_FIELD) | FROM_FILES <= {name for _, name in known}


def test_a_long_list_of_values_is_spelt_out() -> None:
    [field, *_] = fields_of(read_schema("TriggerMessage"))
    assert help_of("TriggerMessage", field).endswith("MeterValues, StatusNotification.")
