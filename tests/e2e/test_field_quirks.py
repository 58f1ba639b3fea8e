"""What real charge points send wrong, before the gateway process: each goes on.

One case for each row of what is known from the field; the answers are held against the schemas.
"""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import pytest
from websockets.asyncio.client import ClientConnection

from tests.conformance.test_negatives import is_right_answer
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.wire import SITE, dial

BOUND_S: Final = 60.0
AT: Final = "2026-01-01T00:00:00Z"
START: Final = {"connectorId": 1, "idTag": "KNOWN", "meterStart": 0, "timestamp": AT}
STATUS: Final = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
SILENT: Final = """
[charge_points.SILENT]
circuit = "grid"
allow_without_password = true
allow_without_subprotocol = true
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    site_file = tmp_path_factory.mktemp("quirks") / "site.toml"
    site_file.write_text(SITE + SILENT)
    with GatewayProcess(site_file) as process:
        yield process
        assert "Traceback" not in process.log()


class Device:
    """A charge point that writes its own JSON."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._sent = 0

    async def tell(self, action: str, payload: object, unique_id: str | None = None) -> Any:
        """Send a CALL; returns the payload of its CALLRESULT. A text goes out as it is."""
        self._sent += 1
        unique_id = unique_id or str(self._sent)
        text = payload if isinstance(payload, str) else json.dumps(payload)
        await self._connection.send(f'[2,"{unique_id}","{action}",{text}]')
        answer = json.loads(await self._connection.recv())
        assert answer[:2] == [3, unique_id], answer
        assert is_right_answer(action, answer[2])
        return answer[2]

    async def charge(self, meter_wh: int, **changes: Any) -> Any:
        """Begin a transaction; ``meter_wh`` makes it another than those before."""
        return await self.tell("StartTransaction", START | {"meterStart": meter_wh} | changes)

    async def stop(self, transaction_id: object, **changes: Any) -> Any:
        stop = {"transactionId": transaction_id, "meterStop": 9, "timestamp": AT}
        return await self.tell("StopTransaction", stop | changes)


def play(gateway: GatewayProcess, played: Callable[[Device], Awaitable[None]]) -> None:
    async def scene() -> None:
        async with dial(gateway) as connection:
            await played(Device(connection))

    asyncio.run(asyncio.wait_for(scene(), BOUND_S))


def sampled(**value: object) -> dict[str, Any]:
    return {"connectorId": 1, "meterValue": [{"timestamp": AT, "sampledValue": [value]}]}


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        (
            "MeterValues",
            '{"connectorId":1,"meterValue":[{"timestamp":"x","sampledValue":[,{"value":"1"}]}]}',
        ),
        ("MeterValues", '{"connectorId":1,"transactionId":,"meterValue":[]}'),
        ("StopTransaction", '{"transactionId":,"meterStop":5,"timestamp":"x",}'),
        ("MeterValues", sampled(value=230.5)),
        ("Authorize", {"idTag": 1234567890}),
        ("BootNotification", {"chargePointVendor": 1, "chargePointModel": 2.5}),
        ("MeterValues", sampled(value="50.0", measurand="Frequency", unit="Hertz")),
        ("MeterValues", sampled(value="7", measurand="W", phase="L1-N", unit="kWh")),
        ("MeterValues", sampled(value=" 16.0 ", measurand="Current.Import ", unit=" A")),
        ("StatusNotification", STATUS | {"status": "Occupied", "errorCode": "Broken"}),
        ("StatusNotification", {"connectorId": 1, "status": "Available"}),
        ("StatusNotification", STATUS | {"info": "x" * 51, "vendorErrorCode": 17}),
        (
            "BootNotification",
            {
                "chargePointVendor": "V",
                "chargePointModel": "M" * 23,
                "chargePointSerialNumber": "S" * 33,
            },
        ),
        ("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M", "iccid": None}),
        ("Heartbeat", "null"),
        ("Heartbeat", '{"vendorThing":[]}'),
        ("Authorize", {"idTag": "x" * 22}),
    ],
)
def test_an_odd_payload_is_answered(gateway: GatewayProcess, action: str, payload: object) -> None:
    async def played(device: Device) -> None:
        await device.tell(action, payload)

    play(gateway, played)


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, -1, 0, -7, 77, "5", None, "", 1.0])
def test_any_transaction_id_is_answered(gateway: GatewayProcess, number: object) -> None:
    async def played(device: Device) -> None:
        await device.tell("MeterValues", sampled(value="1") | {"transactionId": number})
        await device.stop(number)
        await device.stop(number, idTag="x" * 22, reason="Boredom")

    play(gateway, played)


def test_a_tag_that_is_too_long_is_not_the_tag_that_it_begins_with(
    gateway: GatewayProcess,
) -> None:
    async def played(device: Device) -> None:
        answer = await device.charge(1, idTag="KNOWN" + " " * 15 + "XX")
        assert answer["idTagInfo"]["status"] != "Accepted"
        assert answer["transactionId"] > 0

    play(gateway, played)


def test_a_tag_in_other_letters_is_the_same_tag(gateway: GatewayProcess) -> None:
    async def played(device: Device) -> None:
        answer = await device.tell("Authorize", {"idTag": "known"})
        assert answer["idTagInfo"]["status"] == "Accepted"

    play(gateway, played)


def test_meter_values_after_the_stop_and_a_stop_without_a_tag_are_answered(
    gateway: GatewayProcess,
) -> None:
    async def played(device: Device) -> None:
        number = (await device.charge(2))["transactionId"]
        await device.stop(number)
        await device.tell("MeterValues", sampled(value="1") | {"transactionId": number})

    play(gateway, played)


def test_a_stop_after_a_start_that_was_refused_is_answered(gateway: GatewayProcess) -> None:
    async def played(device: Device) -> None:
        answer = await device.charge(3, idTag="STRANGER")
        assert answer["idTagInfo"]["status"] == "Invalid"
        await device.stop(-1, idTag="STRANGER", reason="DeAuthorized")

    play(gateway, played)


def test_a_retry_has_the_same_answer_under_the_same_id_and_under_a_new_one(
    gateway: GatewayProcess,
) -> None:
    async def played(device: Device) -> None:
        start = START | {"meterStart": 4}
        answers = [await device.tell("StartTransaction", start, u) for u in ("s", "s", "t")]
        assert answers[0] == answers[1] == answers[2]

    play(gateway, played)


@pytest.mark.parametrize(
    "instant",
    [
        "2026-01-01T00:00:00",
        "2026-01-01T01:00:00+02:00",
        "2026-01-01T01:00:00+00:00Z",
        "2026-01-01T01:00:00.1234567Z",
        "1970-01-01T00:00:00Z",
        "222222017-10-27T",
        "",
        1767225600,
        None,
    ],
)
def test_a_clock_may_show_anything(gateway: GatewayProcess, instant: object) -> None:
    async def played(device: Device) -> None:
        number = (await device.charge(5, timestamp=instant))["transactionId"]
        assert number > 0
        await device.stop(number, timestamp=instant)
        await device.tell("StatusNotification", STATUS | {"timestamp": instant})

    play(gateway, played)


def test_a_start_that_has_no_timestamp_is_another_one_each_day(gateway: GatewayProcess) -> None:
    async def played(device: Device) -> None:
        numbers = set()
        for _ in range(2):
            undated = {"connectorId": 1, "idTag": "KNOWN", "meterStart": 6}
            numbers.add((await device.tell("StartTransaction", undated))["transactionId"])
            await device.stop(max(numbers))
        assert len(numbers) == 2

    play(gateway, played)


def test_a_second_boot_on_a_living_socket_begins_anew(gateway: GatewayProcess) -> None:
    async def played(device: Device) -> None:
        boot = {"chargePointVendor": "V", "chargePointModel": "M"}
        for unique_id in ("1", "9"):
            answer = await device.tell("BootNotification", boot, unique_id)
            assert answer["status"] == "Accepted"
            await device.tell("StatusNotification", STATUS, "2")

    play(gateway, played)


def test_who_names_no_subprotocol_is_served_where_that_is_allowed(gateway: GatewayProcess) -> None:
    async def scene() -> None:
        async with dial(gateway, "/ocpp//extra/SILENT/", subprotocols=None) as connection:
            answer = await Device(connection).tell("Heartbeat", {})
            assert answer["currentTime"].endswith("Z")

    asyncio.run(asyncio.wait_for(scene(), BOUND_S))
    assert "connection.forgiven" in gateway.log()


@pytest.mark.parametrize(
    "request_head",
    [
        "GET http://10.0.0.1:9000/ocpp/OFFENDER HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n",
        "GET /ocpp/OFFENDER/?serial=1 HTTP/1.1\r\nHost: x\r\n",
        "GET //ocpp/charger/OFFENDER HTTP/1.1\r\nConnection: keep-alive;\r\nX-Vendor: GARO\r\n",
    ],
)
def test_an_odd_handshake_is_let_in(gateway: GatewayProcess, request_head: str) -> None:
    text = (
        f"{request_head}Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Protocol: ocpp2.0.1, ocpp1.6\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", gateway.ocpp_port), BOUND_S) as line:
        line.sendall(text.encode())
        reader = line.makefile("rb")
        assert reader.readline().startswith(b"HTTP/1.1 101 ")
        headers = iter(reader.readline, b"\r\n")
        assert b"Sec-WebSocket-Protocol: ocpp1.6\r\n" in list(headers)
        reader.close()
