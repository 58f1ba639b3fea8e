from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.cli.fields import Place, fields_of
from gateway.cli.operations import BY_COMMAND, OPERATIONS, Operation
from gateway.ocpp.schema_files import read_schema
from gateway.ocpp.v16.actions import FROM_CENTRAL_SYSTEM


class Fixed:
    def now(self) -> datetime:
        return datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def number(self) -> int:
        return 77


def test_there_is_a_command_for_every_operation_of_a_central_system() -> None:
    assert {one.action for one in OPERATIONS} == FROM_CENTRAL_SYSTEM
    assert len(OPERATIONS) == len(BY_COMMAND) == 26


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.command)
def test_only_required_fields_are_filled_in(operation: Operation) -> None:
    fields = fields_of(read_schema(operation.action))
    required = {field.name for field in fields if field.required}
    assert set(operation.fillings) <= required
    assert {extra.place for extra in operation.extras} <= {field.place for field in fields}


@pytest.mark.parametrize(
    ("given", "purpose", "kind"),
    [
        ({}, "TxDefaultProfile", "Relative"),
        ({("p", "transactionId"): 5}, "TxProfile", "Relative"),
        ({("p", "recurrencyKind"): "Daily"}, "TxDefaultProfile", "Recurring"),
        ({("p", "s", "startSchedule"): "now"}, "TxDefaultProfile", "Absolute"),
        (
            {("p", "chargingProfilePurpose"): "ChargePointMaxProfile"},
            "TxDefaultProfile",
            "Absolute",
        ),
    ],
)
def test_a_profile_is_filled_in_from_what_was_given(
    given: dict[Place, Any], purpose: str, kind: str
) -> None:
    fillings = BY_COMMAND["set-charging-profile"].fillings
    assert fillings["chargingProfilePurpose"].make(given, Fixed()) == purpose
    assert fillings["chargingProfileKind"].make(given, Fixed()) == kind


def test_ids_and_instants_come_from_their_sources() -> None:
    assert BY_COMMAND["reserve-now"].fillings["reservationId"].make({}, Fixed()) == 77
    made = BY_COMMAND["update-firmware"].fillings["retrieveDate"].make({}, Fixed())
    assert made == "2026-05-04T12:00:00Z"


def test_a_file_is_named_without_its_folder() -> None:
    [extra] = BY_COMMAND["update-firmware"].extras
    assert extra.uploads
    assert extra.read(["a/b/fw.bin"]) == "box:fw.bin"
