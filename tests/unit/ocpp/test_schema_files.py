import subprocess
import sys

import pytest

from gateway.ocpp.schema_files import read_schema, resolved


def test_request_and_answer_are_different_files() -> None:
    assert list(read_schema("Reset")["properties"]) == ["type"]
    assert list(read_schema("Reset", "Response")["properties"]) == ["status"]


def test_no_other_file_can_be_reached() -> None:
    for action in ("Nothing", "../v201/schemas/Reset", "Reset.json", ""):
        with pytest.raises(KeyError):
            read_schema(action)


def test_a_reference_leads_to_its_definition() -> None:
    schema = read_schema("GetLog")
    log = resolved(schema, schema["properties"]["log"])
    assert log["required"] == ["remoteLocation"]
    assert resolved(schema, log) is log


def test_reading_loads_no_validator() -> None:
    program = (
        "import sys; from gateway.ocpp.schema_files import read_schema; read_schema('Reset'); "
        "print(sorted({'jsonschema', 'jsonschema_rs', 'ocpp.v16'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
