"""Every message with one fault, over a real socket, before a strict and a tolerant reader."""

import asyncio
import http.client
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped]  # comes with the ocpp package
import pytest
from websockets.asyncio.client import ClientConnection

from tests.conformance.negatives import (
    ANSWERS,
    ORDERS,
    REQUESTS,
    Negative,
    of_answers,
    of_requests,
    schema,
)
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.wire import HEARTBEAT, dial

BOUND_S: Final = 120.0

SITE: Final = """
[site]
name = "negatives"
state_dir = "state"
[circuits.grid]
limit_a = 100
reserve_a = 0
[[tags]]
id_tag = "VALID"
[ocpp]
host = "127.0.0.1"
port = 0
quiet = true
[web]
port = 0
[charge_points.TOLERANT]
circuit = "grid"
allow_without_password = true
[charge_points.STRICT]
circuit = "grid"
allow_without_password = true
strict = true
"""

NEEDED: Final = (
    "Authorize idTag",
    "DataTransfer vendorId",
    "DiagnosticsStatusNotification status",
    "FirmwareStatusNotification status",
    "LogStatusNotification status",
    "SecurityEventNotification type",
    "SignCertificate csr",
    "SignedFirmwareStatusNotification status",
    "StartTransaction connectorId",
    "StartTransaction idTag",
    "StartTransaction meterStart",
    "StatusNotification connectorId",
    "StatusNotification status",
    "StopTransaction meterStop",
)
"""Without these even a tolerant reader has no answer."""

REFUSED: Final = {
    f"{place} {fault}" for place, fault in product(NEEDED, ("missing", "null", "type"))
}

_SPOILT: Final = ("missing", "null", "type")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    site_file: Path = tmp_path_factory.mktemp("negatives") / "site.toml"
    site_file.write_text(SITE)
    with GatewayProcess(site_file) as process:
        yield process
        assert "Traceback" not in process.log()


async def answer_to(charge_point: ClientConnection, action: str, payload: object) -> list[Any]:
    """What comes back for one CALL."""
    await charge_point.send(json.dumps([2, "n", action, payload]))
    answer: list[Any] = json.loads(await charge_point.recv())
    assert answer[1] == "n"
    return answer


async def boot(charge_point: ClientConnection) -> None:
    """A strict reader wants to see it first."""
    answer = await answer_to(charge_point, "BootNotification", REQUESTS["BootNotification"])
    assert answer[2]["status"] == "Accepted"


async def still_alive(charge_point: ClientConnection) -> None:
    await charge_point.send(HEARTBEAT)
    assert json.loads(await charge_point.recv())[:2] == [3, "alive"]


def is_right_answer(action: str, payload: object) -> bool:
    return bool(jsonschema.Draft4Validator(schema(action, "Response")).is_valid(payload))


async def played(gateway: GatewayProcess, identity: str) -> dict[str, list[Any]]:
    """Each negative, and what came back for it."""
    async with dial(gateway, f"/ocpp/{identity}") as charge_point:
        await boot(charge_point)
        found = {
            str(negative): await answer_to(charge_point, negative.action, negative.payload)
            for negative in of_requests()
        }
        await still_alive(charge_point)
    return found


def play(gateway: GatewayProcess, identity: str) -> dict[str, list[Any]]:
    return asyncio.run(asyncio.wait_for(played(gateway, identity), BOUND_S))


def test_every_message_is_right_before_it_is_spoilt(gateway: GatewayProcess) -> None:
    async def scene() -> None:
        async with dial(gateway, "/ocpp/STRICT") as charge_point:
            await boot(charge_point)
            for action, payload in REQUESTS.items():
                answer = await answer_to(charge_point, action, payload)
                assert answer[0] == 3, answer
                assert is_right_answer(action, answer[2]), answer

    asyncio.run(asyncio.wait_for(scene(), BOUND_S))


def test_a_strict_reader_has_the_right_callerror_for_every_fault(gateway: GatewayProcess) -> None:
    found = play(gateway, "STRICT")
    expected = {str(negative): [4, "n", negative.code] for negative in of_requests()}
    assert {name: answer[:3] for name, answer in found.items()} == expected
    assert len(expected) > 200


def test_a_tolerant_reader_answers_whatever_can_be_answered(gateway: GatewayProcess) -> None:
    found = play(gateway, "TOLERANT")
    negatives = {str(negative): negative for negative in of_requests()}
    assert {name for name, answer in found.items() if answer[0] == 4} == REFUSED
    for name, answer in found.items():
        negative = negatives[name]
        if answer[0] == 4:
            assert answer[2] == negative.code, name
        else:
            assert is_right_answer(negative.action, answer[2]), (name, answer)


def ordered(gateway: GatewayProcess, action: str) -> tuple[int, Any]:
    """An operator's CALL: HTTP status and document."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.web_port, timeout=20)
    try:
        path = f"/api/v1/charge-points/TOLERANT/calls/{action}"
        connection.request("POST", path, json.dumps(ORDERS[action]))
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def is_spoilt(negative: Negative) -> bool:
    """True for an answer that nobody can use: what is wrong must be there, at its top."""
    required = negative.place in schema(negative.action, "Response").get("required", ())
    return required and negative.fault in _SPOILT


def test_a_spoilt_answer_is_told_to_the_operator_and_the_connection_goes_on(
    gateway: GatewayProcess,
) -> None:
    async def scene() -> None:
        async with dial(gateway, "/ocpp/TOLERANT") as charge_point:
            for negative in of_answers():
                order = asyncio.create_task(asyncio.to_thread(ordered, gateway, negative.action))
                call = json.loads(await charge_point.recv())
                assert call[2:] == [negative.action, ORDERS[negative.action]]
                await charge_point.send(json.dumps([3, call[1], negative.payload]))
                status, document = await order
                if is_spoilt(negative):
                    assert (status, document.get("code")) == (502, negative.code), str(negative)
                else:
                    assert (status, document) == (200, negative.payload), str(negative)
            await still_alive(charge_point)

    assert len(ANSWERS) == len(ORDERS) == 26
    asyncio.run(asyncio.wait_for(scene(), BOUND_S))
