"""A charge point on the `ocpp` package, a foreign implementation, before the real gateway process.

The package checks every message of ours against the OCPP 1.6 schemas, both ways.
"""

import asyncio
import http.client
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import ocpp.messages
import ocpp.routing
import ocpp.v16
from ocpp.v16 import call, call_result
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.e2e.gateway_process import GatewayProcess

ocpp.messages.ASYNC_VALIDATION = False
ForeignChargePoint: Any = ocpp.v16.ChargePoint
on: Any = ocpp.routing.on

IDENTITY: Final = "CP-1"
CONNECTOR: Final = 1
CONNECTORS: Final = 2

SITE: Final = """
[site]
name = "conformance"
state_dir = "state"
[circuits.grid]
limit_a = 100
reserve_a = 0
[charge_points.CP-1]
circuit = "grid"
connectors = 2
allow_without_password = true
[[tags]]
id_tag = "VALID"
parent_id_tag = "FLEET"
[[tags]]
id_tag = "SIBLING"
parent_id_tag = "FLEET"
[[tags]]
id_tag = "EXPIRED"
expires_at = 2020-01-01T00:00:00Z
[[tags]]
id_tag = "BLOCKED"
status = "Blocked"
[ocpp]
host = "127.0.0.1"
port = 0
quiet = true
[web]
port = 0
"""

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "ChangeAvailability": {"status": "Accepted"},
    "ChangeConfiguration": {"status": "Accepted"},
    "ClearCache": {"status": "Accepted"},
    "ClearChargingProfile": {"status": "Accepted"},
    "DataTransfer": {"status": "Accepted"},
    "GetCompositeSchedule": {"status": "Accepted", "connector_id": CONNECTOR},
    "GetConfiguration": {"configuration_key": [], "unknown_key": []},
    "RemoteStartTransaction": {"status": "Accepted"},
    "RemoteStopTransaction": {"status": "Accepted"},
    "Reset": {"status": "Accepted"},
    "SetChargingProfile": {"status": "Accepted"},
    "TriggerMessage": {"status": "Accepted"},
    "UnlockConnector": {"status": "Unlocked"},
}


class Station(ForeignChargePoint):  # type: ignore[misc]  # the package has no types
    """Answers as told in ``answers``, and remembers what it was asked."""

    def __init__(self, connection: Any) -> None:
        super().__init__(IDENTITY, connection, response_timeout=10)
        self.answers = dict(ANSWERS)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def boots(self) -> None:
        """The tester's state Booted."""
        answer = await self.call(
            call.BootNotification(charge_point_vendor="Foreign", charge_point_model="Station")
        )
        assert answer.status == "Accepted"
        assert isinstance(answer.interval, int)
        assert answer.interval > 0
        assert datetime.fromisoformat(answer.current_time).tzinfo is not None
        for connector_id in range(CONNECTORS + 1):
            await self.says("Available", connector_id)

    async def says(self, status: Any, connector_id: int = CONNECTOR, **more: Any) -> None:
        """StatusNotification."""
        more.setdefault("error_code", "NoError")
        answer = await self.call(
            call.StatusNotification(connector_id=connector_id, status=status, **more)
        )
        assert answer == call_result.StatusNotification()

    async def authorizes(self, id_tag: str = "VALID") -> Any:
        """Authorize; returns idTagInfo."""
        return (await self.call(call.Authorize(id_tag=id_tag))).id_tag_info

    async def starts(self, id_tag: str = "VALID", **more: Any) -> Any:
        """StartTransaction; returns the answer."""
        more.setdefault("timestamp", now())
        return await self.call(
            call.StartTransaction(connector_id=CONNECTOR, id_tag=id_tag, meter_start=100, **more)
        )

    async def stops(self, transaction_id: int, reason: Any, **more: Any) -> Any:
        """StopTransaction; returns the answer."""
        return await self.call(
            call.StopTransaction(
                meter_stop=200,
                timestamp=now(),
                transaction_id=transaction_id,
                reason=reason,
                **more,
            )
        )

    async def charges(self) -> int:
        """The tester's state Charging; returns the transaction's id."""
        assert (await self.authorizes())["status"] == "Accepted"
        await self.says("Preparing")
        started = await self.starts()
        assert started.id_tag_info["status"] == "Accepted"
        assert started.transaction_id > 0
        await self.says("Charging")
        return int(started.transaction_id)


def _handler(action: str) -> Any:
    async def handle(self: Station, **payload: Any) -> Any:
        self.asked.append((action, payload))
        return getattr(call_result, action)(**self.answers[action])

    handle.__name__ = f"on_{action}"  # the package finds handlers by their names
    return on(action)(handle)


for _action in ANSWERS:
    setattr(Station, f"on_{_action}", _handler(_action))


def now() -> str:
    """This instant as OCPP writes it."""
    return datetime.now(UTC).isoformat()


def operator(gateway: GatewayProcess, action: str, payload: dict[str, Any]) -> tuple[int, Any]:
    """The operator's way to send a CALL: HTTP status and JSON of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.web_port, timeout=20)
    try:
        connection.request(
            "POST", f"/api/v1/charge-points/{IDENTITY}/calls/{action}", json.dumps(payload)
        )
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


async def order(gateway: GatewayProcess, action: str, **payload: Any) -> Any:
    """An operator's CALL that the charge point answers; returns the CALLRESULT."""
    status, answer = await asyncio.to_thread(operator, gateway, action, payload)
    assert status == 200, answer
    return answer


def play(gateway: GatewayProcess, scene: Callable[[Station], Awaitable[None]]) -> Station:
    """Connect, play ``scene`` and hang up."""

    async def main() -> Station:
        async with connect(
            f"ws://127.0.0.1:{gateway.ocpp_port}/ocpp/{IDENTITY}",
            subprotocols=[Subprotocol("ocpp1.6")],
            proxy=None,
        ) as connection:
            station = Station(connection)
            listening = asyncio.ensure_future(station.start())
            try:
                await asyncio.wait_for(scene(station), 30)
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening
        return station

    return asyncio.run(main())
