import json
from typing import Any

import msgspec
import pytest

from gateway.cli.exits import UsageFault
from gateway.cli.fields import Place, fields_of
from gateway.cli.payload import Built, build
from gateway.ocpp.schema_files import read_schema

PROFILE: Place = ("chargingProfile",)


def built(action: str, given: dict[Place, Any], **fills: Any) -> Built:
    making = {name: (lambda _, value=value: value) for name, value in fills.items()}
    return build(action, fields_of(read_schema(action)), given, making, {("location",): "--file"})


def test_what_is_not_given_is_absent() -> None:
    given: dict[Place, Any] = {("idTag",): "A"}
    assert built("RemoteStartTransaction", given, stackLevel=0).payload == b'{"idTag":"A"}'


def test_an_empty_text_and_an_empty_list_are_given() -> None:
    payload = built("ChangeConfiguration", {("key",): "A", ("value",): ""}).payload
    assert payload == b'{"key":"A","value":""}'
    assert built("GetConfiguration", {("key",): []}).payload == b'{"key":[]}'


def test_a_member_begins_its_object_and_the_required_ones_beside_it_are_filled_in() -> None:
    given: dict[Place, Any] = {("idTag",): "A", (*PROFILE, "validTo"): "x"}
    fills = {"chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": "TxProfile"}
    with pytest.raises(UsageFault, match="--charging-profile-kind, --charging-rate-unit, --period"):
        built("RemoteStartTransaction", given, **fills)
    fills |= {"chargingProfileKind": "Relative", "chargingRateUnit": "A"}
    given[(*PROFILE, "chargingSchedule", "chargingSchedulePeriod")] = []
    found = built("RemoteStartTransaction", given, **fills)
    assert list(json.loads(found.payload)["chargingProfile"]) == [
        "chargingProfileId",
        "stackLevel",
        "chargingProfilePurpose",
        "chargingProfileKind",
        "validTo",
        "chargingSchedule",
    ]
    assert ("chargingProfilePurpose", '"TxProfile"') in found.filled


def test_options_change_parts_of_an_object_that_is_given_whole() -> None:
    whole = msgspec.Raw(b'{"vendor":{"b":1.0},"stackLevel":5,"chargingProfileId":7}')
    given: dict[Place, Any] = {
        ("idTag",): "A",
        PROFILE: whole,
        (*PROFILE, "stackLevel"): 6,
        (*PROFILE, "chargingSchedule"): msgspec.Raw(b"3"),
    }
    fills = {"chargingProfilePurpose": "x", "chargingProfileKind": "y", "chargingProfileId": 1}
    assert built("RemoteStartTransaction", given, **fills).payload == (
        b'{"idTag":"A","chargingProfile":{"chargingProfileId":7,"stackLevel":6,'
        b'"chargingProfilePurpose":"x","chargingProfileKind":"y","chargingSchedule":3,'
        b'"vendor":{"b":1.0}}}'
    )


def test_every_missing_option_is_named_with_what_may_stand_instead() -> None:
    with pytest.raises(UsageFault, match=r"^UpdateFirmware needs --location or --file, --retrieve"):
        built("UpdateFirmware", {})


def test_a_text_that_cannot_be_sent_is_told() -> None:
    with pytest.raises(UsageFault, match="not UTF-8"):
        built("Reset", {("type",): "\udc80"})
