"""Bad input against the real process: the right answer, and nobody else notices."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.wire import HEARTBEAT, PASSWORD, SITE, answers, close_code, dial

BOUND_S: Final = 30.0
NOBODY_CALLED: Final = "no answer"


def call(action: str, payload: str) -> str:
    return f'[2,"bad","{action}",{payload}]'


def meter_values(value: str) -> str:
    sampled = f'{{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{{"value":{value}}}]}}'
    return call("MeterValues", f'{{"connectorId":1,"meterValue":[{sampled}]}}')


def start(meter_start: str, connector_id: str = "1", id_tag: str = '"KNOWN"') -> str:
    return call(
        "StartTransaction",
        f'{{"connectorId":{connector_id},"idTag":{id_tag},"meterStart":{meter_start},'
        '"timestamp":"2026-01-01T00:00:00Z"}',
    )


def stop(transaction_id: str) -> str:
    return call(
        "StopTransaction",
        f'{{"transactionId":{transaction_id},"meterStop":1,"timestamp":"2026-01-01T00:00:00Z"}}',
    )


BAD_FRAMES: Final = {
    "no JSON": ("hello", NOBODY_CALLED),
    "empty": ("", NOBODY_CALLED),
    "JSON that ends early": ('[2,"bad","Heartbeat",{', "FormationViolation"),
    "JSON and more": ('[2,"bad","Heartbeat",{}] x', "FormationViolation"),
    "an object": ('{"a":1}', NOBODY_CALLED),
    "an empty array": ("[]", NOBODY_CALLED),
    "a type alone": ("[2]", NOBODY_CALLED),
    "an id alone": ('[2,"bad"]', "FormationViolation"),
    "three elements": ('[2,"bad","Heartbeat"]', "FormationViolation"),
    "five elements": ('[2,"bad","Heartbeat",{},{}]', "FormationViolation"),
    "an action that is a number": ('[2,"bad",7,{}]', "FormationViolation"),
    "a payload that is an array": ('[2,"bad","Heartbeat",[]]', "FormationViolation"),
    "an id that is a number": ('[2,7,"Heartbeat",{}]', NOBODY_CALLED),
    "an id of 10,000 characters": (f'[2,"{"x" * 10_000}","Heartbeat",{{}}]', NOBODY_CALLED),
    "an unknown message type": ('[5,"bad","Heartbeat",{}]', NOBODY_CALLED),
    "an answer to nothing": ('[3,"bad",{}]', NOBODY_CALLED),
    "an error to nothing": ('[4,"bad","GenericError","",{}]', NOBODY_CALLED),
    "an unknown action": (call("MakeCoffee", "{}"), "NotImplemented"),
    "an action of 10,000 characters": (call("x" * 10_000, "{}"), "NotImplemented"),
    "an action of the other side": (
        call("RemoteStopTransaction", '{"transactionId":1}'),
        "NotSupported",
    ),
    "a wrong type": (call("Authorize", '{"idTag":[7]}'), "TypeConstraintViolation"),
    "a missing field": (call("Authorize", "{}"), "ProtocolError"),
    "NaN": (start("NaN"), "FormationViolation"),
    "NaN in a sampled value": (meter_values("NaN"), "FormationViolation"),
    "Infinity": (start("Infinity"), "FormationViolation"),
    "1e999": (start("1e999"), "FormationViolation"),
    "a lone surrogate": (start("1", id_tag='"\\ud800"'), "FormationViolation"),
    "a lone surrogate in DataTransfer": (
        call("DataTransfer", '{"vendorId":"\\udfff"}'),
        "FormationViolation",
    ),
    "a fraction for a connector": (start("1", connector_id="1.5"), "TypeConstraintViolation"),
    "true for a number": (start("true"), "TypeConstraintViolation"),
    "deep nesting": (
        call("DataTransfer", f'{{"vendorId":"v","data":{"[" * 15_000}{"]" * 15_000}}}'),
        "FormationViolation",
    ),
}

ANSWERED: Final = {
    "a transaction id of 64 bits": stop(str(2**63)),
    "a transaction id of 65 bits": stop(str(2**64)),
    "a transaction id of 400 digits": stop("1" + "0" * 400),
    "a negative transaction id": stop("-1"),
    "a meter reading of 64 bits": start(str(2**63)),
    "a meter reading of 65 bits": start(str(2**64 + 1)),
    "a connector id of 70 bits": start("1", connector_id=str(2**70)),
    "a negative connector id": start("1", connector_id="-1"),
    "a connector that does not exist": start("1", connector_id="99"),
    "a sampled value that is no number": meter_values('"NaN"'),
    "a sampled value of 1e999": meter_values('"1e999"'),
    "a sampled value with a NUL": meter_values('"1\\u0000"'),
    "a boot without anything": call("BootNotification", "{}"),
    "an idTag that is too long": call("Authorize", f'{{"idTag":"{"T" * 21}"}}'),
    "an idTag that is a number": call("Authorize", '{"idTag":7}'),
    "a comma too many": call("StopTransaction", '{"transactionId":,"meterStop":1}'),
    "an idTag with SQL": call("Authorize", '{"idTag":"\'; DROP TABLE x;--"}'),
    "a timestamp from another world": call(
        "StopTransaction", '{"transactionId":1,"meterStop":1,"timestamp":"222222017-10-27T"}'
    ),
    "a status of a connector that does not exist": call(
        "StatusNotification", '{"connectorId":77,"errorCode":"NoError","status":"Available"}'
    ),
}
"""Odd, yet answerable: the answer may be a CALLRESULT or say what is wrong, never InternalError."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    site_file = tmp_path_factory.mktemp("site") / "site.toml"
    site_file.write_text(SITE)
    with GatewayProcess(site_file) as process:
        yield process
        assert "Traceback" not in process.log()
        assert "task.failed" not in process.log()


def beside_a_bystander(
    gateway: GatewayProcess, story: Callable[[ClientConnection], Awaitable[None]]
) -> None:
    """Run ``story`` with the offender's connection, then ask whether another one noticed."""

    async def run() -> None:
        async with dial(gateway, "/ocpp/BYSTANDER") as bystander:
            assert await answers(bystander, HEARTBEAT.replace("alive", "before")) != []
            async with dial(gateway) as offender:
                await story(offender)
            assert await answers(bystander, HEARTBEAT.replace("alive", "after")) != []

    asyncio.run(asyncio.wait_for(run(), BOUND_S))


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_a_bad_frame_gets_its_callerror_and_the_connection_lives(
    gateway: GatewayProcess, name: str
) -> None:
    frame, code = BAD_FRAMES[name]

    async def story(offender: ClientConnection) -> None:
        found = await answers(offender, frame)
        if code == NOBODY_CALLED:
            assert found == []
        else:
            assert [answer[:3] for answer in found] == [[4, "bad", code]]
            assert len(found[0]) == 5
            assert len(found[0][3]) <= 255

    beside_a_bystander(gateway, story)


@pytest.mark.parametrize("name", ANSWERED)
def test_an_odd_value_is_answered_exactly_once(gateway: GatewayProcess, name: str) -> None:
    async def story(offender: ClientConnection) -> None:
        await offender.send(ANSWERED[name])
        answer = json.loads(await offender.recv())
        assert answer[0] in {3, 4}
        assert answer[1] == "bad"
        assert answer[2] != "InternalError"
        assert await answers(offender, HEARTBEAT.replace("alive", "next")) != []

    beside_a_bystander(gateway, story)


@pytest.mark.parametrize(
    ("frame", "code"),
    [(b'[2,"bad","Heartbeat",{}]', 1003), ("x" * 1_000_000, 1009), ("x" * 70_000, 1009)],
    ids=["binary", "1 MB", "70 kB"],
)
def test_a_message_that_is_no_ocpp_closes_only_its_own_connection(
    gateway: GatewayProcess, frame: str | bytes, code: int
) -> None:
    async def story(offender: ClientConnection) -> None:
        await offender.send(frame)
        assert await close_code(offender) == code

    beside_a_bystander(gateway, story)


@pytest.mark.parametrize(
    ("path", "subprotocol", "password", "status"),
    [
        ("/ocpp/NOBODY", "ocpp1.6", None, 404),
        ("/elsewhere/OFFENDER", "ocpp1.6", None, 404),
        ("/ocpp/%FF", "ocpp1.6", None, 404),
        ("/ocpp/OFFENDER", "ocpp2.0.1", None, 400),
        ("/ocpp/OFFENDER", None, None, 400),
        ("/ocpp/LOCKED", "ocpp1.6", None, 401),
        ("/ocpp/LOCKED", "ocpp1.6", "LOCKED:wrong-horse-0001", 401),
        ("/ocpp/LOCKED", "ocpp1.6", f"OFFENDER:{PASSWORD}", 401),
        ("/ocpp/" + "x" * 9000, "ocpp1.6", None, 414),
    ],
)
def test_a_bad_handshake_is_refused_before_the_upgrade(
    gateway: GatewayProcess, path: str, subprotocol: str | None, password: str | None, status: int
) -> None:
    headers = {}
    if password is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(password.encode()).decode()
    offers = None if subprotocol is None else [Subprotocol(subprotocol)]

    async def story(_offender: ClientConnection) -> None:
        with pytest.raises(InvalidStatus) as caught:
            await dial(gateway, path, subprotocols=offers, additional_headers=headers)
        assert caught.value.response.status_code == status

    beside_a_bystander(gateway, story)


def test_the_right_password_opens(gateway: GatewayProcess) -> None:
    token = base64.b64encode(f"LOCKED:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}

    async def story(_offender: ClientConnection) -> None:
        async with dial(gateway, "/ocpp/LOCKED", additional_headers=headers) as connection:
            assert await answers(connection, HEARTBEAT.replace("alive", "first")) != []

    beside_a_bystander(gateway, story)


def test_of_two_connections_with_one_identity_the_newest_is_served(gateway: GatewayProcess) -> None:
    async def story(older: ClientConnection) -> None:
        assert await answers(older, HEARTBEAT.replace("alive", "older")) != []
        async with dial(gateway) as newer:
            assert await answers(newer, HEARTBEAT.replace("alive", "newer")) != []
            assert await close_code(older) == 1008
            assert await answers(newer, HEARTBEAT.replace("alive", "again")) != []

    beside_a_bystander(gateway, story)


def test_a_flood_of_bad_frames_is_answered_one_by_one(gateway: GatewayProcess) -> None:
    async def story(offender: ClientConnection) -> None:
        for number in range(500):
            await offender.send(f'[2,"{number}","MakeCoffee",{{}}]')
        found = [json.loads(await offender.recv()) for _ in range(500)]
        assert [int(answer[1]) for answer in found] == list(range(500))

    beside_a_bystander(gateway, story)
