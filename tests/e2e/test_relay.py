"""What goes to the cloud goes as it came: a vendor's fields, white space, ways to write a number.

The cloud is a bare WebSocket server that keeps every frame as text.
"""

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.wire import dial

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


class Cloud:
    """Answers everything, and keeps the text of every CALL."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    async def serve(self, link: ServerConnection) -> None:
        async for text in link:
            assert isinstance(text, str)
            _, unique_id, action, _ = json.loads(text)
            answer = CLOUD_ANSWERS.get(action, {})
            self.heard.put_nowait(text)
            await link.send(json.dumps([3, unique_id, answer]))

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


async def played(site_file: Path) -> dict[str, tuple[str, str]]:
    """What the cloud should hear and what it heard, by action."""
    cloud, found = Cloud(), {}
    protocol = Subprotocol("ocpp1.6")
    async with serve(cloud.serve, "127.0.0.1", 0, subprotocols=[protocol]) as server:
        port = server.sockets[0].getsockname()[1]
        await asyncio.to_thread(site_file.write_text, SITE.replace("{port}", str(port)))
        gateway = await asyncio.to_thread(GatewayProcess(site_file).__enter__)
        try:
            async with dial(gateway, "/ocpp/CP-1") as charge_point:
                local_id = 0
                for action, template in MESSAGES.items():
                    message = template.replace("%s", VENDOR)
                    answer = await told(charge_point, action, message.replace("@ID", str(local_id)))
                    local_id = answer.get("transactionId", local_id)
                    heard_action, heard = await cloud.next()
                    assert heard_action == action
                    found[action] = message.replace("@ID", str(CLOUD_TRANSACTION)), heard
        finally:
            await asyncio.to_thread(gateway.__exit__, None, None, None)
    return found


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    site_file = tmp_path_factory.mktemp("relay") / "site.toml"
    return asyncio.run(asyncio.wait_for(played(site_file), BOUND_S))


@pytest.mark.parametrize("action", MESSAGES)
def test_a_message_with_a_vendors_field_reaches_the_cloud_byte_for_byte(
    passed: dict[str, tuple[str, str]], action: str
) -> None:
    expected, heard = passed[action]
    assert heard == expected
    assert VENDOR in heard
