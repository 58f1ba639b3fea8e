"""What goes to the cloud goes as it came: a vendor's fields, white space, ways to write a number.

The cloud is a bare WebSocket server that keeps every frame as text.
"""

import asyncio
import json
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.conformance.negatives import ANSWERS, ORDERS
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.wire import dial

Story: TypeAlias = dict[str, list[tuple[str, str]]]
"""For each action: what should be heard and what was."""

BOUND_S: Final = 60.0
CLOUD_TRANSACTION: Final = 4711

SITE: Final = """
[site]
name = "relay"
state_dir = "state"
[circuits.grid]
limit_a = 100
reserve_a = 0
[ocpp]
host = "127.0.0.1"
port = 0
quiet = true
[web]
port = 0
[charge_points.CP-1]
circuit = "grid"
allow_without_password = true
[authorization]
offline = "accept"
[upstream]
url = "ws://127.0.0.1:{port}/ocpp"
"""

VENDOR: Final = '"vendorThing" : { "a":[1, 2.50 ,1e3], "b" :"\\u00e9 \\/" } '

MESSAGES: Final[dict[str, str]] = {
    "BootNotification": '{ "chargePointModel":"M" ,"chargePointVendor":"V",\n%s}',
    "StatusNotification": (
        '{"status":"Available", "connectorId" : 1,"errorCode":"NoError",%s,"info":"\\ttab" }'
    ),
    "Authorize": '{ %s, "idTag":"NEW-ONE"}',
    "DataTransfer": '{"data":"{\\"x\\": 1}",%s,"vendorId":"V" }',
    "SignCertificate": '{"csr":"C" , %s}',
    "DiagnosticsStatusNotification": '{"status" : "Uploading", %s}',
    "FirmwareStatusNotification": '{ %s ,"status":"Downloading"}',
    "LogStatusNotification": '{"requestId":1.0,"status":"Uploading" ,%s}',
    "SecurityEventNotification": (
        '{"timestamp":"2026-01-01T00:00:00.1234567+01:00","type":"X",%s}'
    ),
    "SignedFirmwareStatusNotification": '{"status":"Downloading" , %s}',
    "StartTransaction": (
        '{"connectorId":1,"meterStart" :10,%s,"idTag":"NEW-ONE","timestamp":"2026-01-01T00:00:00Z"}'
    ),
    "MeterValues": (
        '{"connectorId":1,"transactionId": @ID ,%s,"meterValue":[{"timestamp":"x",'
        '"sampledValue":[{"value":" 1.50 ","unit":"Hertz"}]}]}'
    ),
    "StopTransaction": (
        '{ "transactionId":@ID,"meterStop" : 2.0e1, "timestamp":"2026-01-01T01:00:00Z",%s}'
    ),
}
"""One message of every action that goes to the cloud, in an order that makes sense. Heartbeat is
answered here and never goes there."""

ALMOST_JSON: Final = (
    '{ "connectorId" :1, "meterValue":[, {"timestamp":"x","sampledValue":[{"value":"1" }]}],}'
)

CLOUD_ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Authorize": {"idTagInfo": {"status": "Accepted"}},
    "BootNotification": {
        "status": "Accepted",
        "currentTime": "2026-01-01T00:00:00Z",
        "interval": 300,
    },
    "DataTransfer": {"status": "Accepted"},
    "SignCertificate": {"status": "Accepted"},
    "StartTransaction": {
        "transactionId": CLOUD_TRANSACTION,
        "idTagInfo": {"status": "Accepted"},
    },
}


ABSORBED: Final = {
    "ClearChargingProfile",
    "GetCompositeSchedule",
    "GetLocalListVersion",
    "SendLocalList",
    "SetChargingProfile",
}
"""Commands of the cloud that the gateway answers itself."""

COMMANDS: Final = [action for action in ORDERS if action not in ABSORBED]


class Cloud:
    """Answers everything, and keeps the text of every CALL, and of every answer."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.answers: asyncio.Queue[str] = asyncio.Queue()
        self._link: ServerConnection | None = None

    async def serve(self, link: ServerConnection) -> None:
        self._link = link
        async for text in link:
            assert isinstance(text, str)
            kind, unique_id, action, *_ = json.loads(text)
            if kind != 2:
                self.answers.put_nowait(text)
                continue
            answer = CLOUD_ANSWERS.get(action, {})
            self.heard.put_nowait(text)
            await link.send(json.dumps([3, unique_id, answer]))

    async def command(self, action: str, payload: str) -> None:
        """Send a CALL whose id is its action."""
        assert self._link is not None
        await self._link.send(f'[2,"{action}","{action}",{payload}]')

    async def answer(self, action: str) -> str:
        """The payload's text of the answer to it."""
        text = await asyncio.wait_for(self.answers.get(), BOUND_S)
        head = f'[3,"{action}",'
        assert text.startswith(head), text
        return text.removeprefix(head).removesuffix("]")

    async def next(self) -> tuple[str, str]:
        """The action and the payload's text of the next CALL."""
        text = await asyncio.wait_for(self.heard.get(), BOUND_S)
        _, unique_id, action, _ = json.loads(text)
        head = f'[2,"{unique_id}","{action}",'
        assert text.startswith(head)
        return action, text.removeprefix(head).removesuffix("]")


async def told(charge_point: ClientConnection, action: str, payload: str) -> Any:
    """Send a CALL; returns the answer's payload."""
    await charge_point.send(f'[2,"{action}","{action}",{payload}]')
    answer = json.loads(await charge_point.recv())
    assert answer[:2] == [3, action], answer
    return answer[2]


async def told_the_cloud(charge_point: ClientConnection, cloud: Cloud) -> Story:
    """What the cloud should hear and what it heard, by action."""
    found, local_id = {}, 0
    for action, template in MESSAGES.items():
        message = template.replace("%s", VENDOR)
        answer = await told(charge_point, action, message.replace("@ID", str(local_id)))
        local_id = answer.get("transactionId", local_id)
        heard_action, heard = await cloud.next()
        assert heard_action == action
        found[action] = [(message.replace("@ID", str(CLOUD_TRANSACTION)), heard)]
        if action == "StartTransaction":
            found |= await commanded_by_the_cloud(charge_point, cloud, local_id)
    await told(charge_point, "MeterValues", ALMOST_JSON)
    found["almost"] = [(ALMOST_JSON.replace("[,", "[").replace(",}", "}"), (await cloud.next())[1])]
    return found


async def commanded_by_the_cloud(
    charge_point: ClientConnection, cloud: Cloud, local_id: int
) -> Story:
    """What should be heard and what was: by the charge point, and then by the cloud."""
    found = {}
    for action in COMMANDS:
        order = oddly(ORDERS[action])
        answer = oddly(ANSWERS[action] | {"vendorThing": [1.50, None]})
        expected, sent = order, order
        if action == "RemoteStopTransaction":
            sent = order.replace("7", str(CLOUD_TRANSACTION))
            expected = order.replace("7", str(local_id))
        await cloud.command(action, sent)
        text = await charge_point.recv()
        assert isinstance(text, str)
        unique_id = json.loads(text)[1]
        head = f'[2,"{unique_id}","{action}",'
        assert text.startswith(head), text
        await charge_point.send(f'[3,"{unique_id}" , {answer}]')
        heard = text.removeprefix(head).removesuffix("]")
        found[f"{action}.conf"] = [(expected, heard), (answer, await cloud.answer(action))]
    return found


def oddly(payload: object) -> str:
    """JSON with white space where nobody else has it."""
    return json.dumps(payload, separators=(" ,\t", " :  ")).replace("{", "{ ")


async def played(site_file: Path) -> Story:
    """A gateway between a charge point and a cloud."""
    cloud = Cloud()
    protocol = Subprotocol("ocpp1.6")
    async with serve(cloud.serve, "127.0.0.1", 0, subprotocols=[protocol]) as server:
        port = server.sockets[0].getsockname()[1]
        await asyncio.to_thread(site_file.write_text, SITE.replace("{port}", str(port)))
        gateway = await asyncio.to_thread(GatewayProcess(site_file).__enter__)
        try:
            async with dial(gateway, "/ocpp/CP-1") as charge_point:
                return await told_the_cloud(charge_point, cloud)
        finally:
            await asyncio.to_thread(gateway.__exit__, None, None, None)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Story:
    site_file = tmp_path_factory.mktemp("relay") / "site.toml"
    return asyncio.run(asyncio.wait_for(played(site_file), BOUND_S))


@pytest.mark.parametrize("action", MESSAGES)
def test_a_message_with_a_vendors_field_reaches_the_cloud_byte_for_byte(
    passed: Story, action: str
) -> None:
    ((expected, heard),) = passed[action]
    assert heard == expected
    assert VENDOR in heard


@pytest.mark.parametrize("action", COMMANDS)
def test_a_command_and_its_answer_with_a_vendors_field_pass_byte_for_byte(
    passed: Story, action: str
) -> None:
    (ordered, obeyed), (answer, heard) = passed[f"{action}.conf"]
    assert obeyed == ordered
    assert heard == answer
    assert "vendorThing" in heard


def test_what_is_almost_json_reaches_the_cloud_as_json(passed: Story) -> None:
    ((expected, heard),) = passed["almost"]
    assert heard == expected
    json.loads(heard)
