"""Who may take part, over real sockets, and over the sudden end of the gateway."""

import asyncio
import http.client
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest
from websockets.asyncio.client import ClientConnection

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.wire import dial

BOUND_S: Final = 30.0
BOOT: Final = {"chargePointVendor": "V", "chargePointModel": "M"}
REFUSED: Final = "SecurityError"

SITE: Final = """
[site]
name = "boot policy"
state_dir = "state"
[circuits.grid]
limit_a = 100
reserve_a = 0
[[tags]]
id_tag = "VALID"
[ocpp]
host = "127.0.0.1"
port = 0
boot_retry_s = 7
[web]
port = 0
""" + "".join(
    f'[charge_points.{policy}]\ncircuit = "grid"\nallow_without_password = true\n'
    f'boot = "{policy.lower()}"\n'
    for policy in ("ACCEPT", "PREPARE", "PENDING", "REJECT")
)


class Station:
    """A charge point that agrees to everything, and remembers what it was asked."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self.asked: list[str] = []

    async def ask(self, action: str, **payload: Any) -> Any:
        """The answer's payload, or the code of a CALLERROR."""
        self._number += 1
        unique_id = str(self._number)
        await self._connection.send(json.dumps([2, unique_id, action, payload]))
        while (frame := await self._next())[0] == 2 or frame[1] != unique_id:
            await self._agree(frame)
        return frame[2]

    async def boot(self) -> tuple[str, int]:
        """Status and interval of a BootNotification."""
        answer = await self.ask("BootNotification", **BOOT)
        return answer["status"], answer["interval"]

    async def authorize(self) -> Any:
        """Accepted, or why not."""
        answer = await self.ask("Authorize", idTag="VALID")
        return answer if isinstance(answer, str) else answer["idTagInfo"]["status"]

    async def until_asked_for(self, action: str) -> None:
        """Agree to whatever comes until ``action`` came."""
        while self.asked[-1:] != [action]:
            await self._agree(await self._next())

    async def _next(self) -> Any:
        return json.loads(await asyncio.wait_for(self._connection.recv(), BOUND_S))

    async def _agree(self, frame: list[Any]) -> None:
        if frame[0] == 2:
            self.asked.append(frame[2])
            answers = {"GetLocalListVersion": {"listVersion": -1}, "GetConfiguration": {}}
            answer = answers.get(frame[2], {"status": "Accepted"})
            await self._connection.send(json.dumps([3, frame[1], answer]))


def meet(
    gateway: GatewayProcess, identity: str, scene: Callable[[Station], Awaitable[None]]
) -> None:
    async def main() -> None:
        async with dial(gateway, f"/ocpp/{identity}") as connection:
            await asyncio.wait_for(scene(Station(connection)), BOUND_S)

    asyncio.run(main())


def operator(gateway: GatewayProcess, method: str, path: str, body: object = None) -> Any:
    """An operator's request; the document of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.web_port, timeout=BOUND_S)
    try:
        connection.request(method, f"/api/v1/charge-points/{path}", json.dumps(body))
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    file = tmp_path / "site.toml"
    file.write_text(SITE)
    return file


def test_a_charge_point_that_was_accepted_need_not_boot_again(site_file: Path) -> None:
    async def first(station: Station) -> None:
        assert await station.boot() == ("Accepted", 300)

    async def later(station: Station) -> None:
        assert await station.authorize() == "Accepted"

    with GatewayProcess(site_file) as gateway:
        meet(gateway, "ACCEPT", first)
        operator(gateway, "PUT", "ACCEPT/boot-policy", {"policy": "pending"})
        gateway.kill()
    with GatewayProcess(site_file) as gateway:
        meet(gateway, "ACCEPT", later)


def test_one_that_is_pending_is_managed_and_takes_no_part(site_file: Path) -> None:
    async def scene(station: Station) -> None:
        assert await station.authorize() == REFUSED
        assert await station.boot() == ("Pending", 7)
        await station.until_asked_for("GetConfiguration")
        assert await station.authorize() == REFUSED
        order = ("POST", "PENDING/calls/RemoteStartTransaction", {"idTag": "VALID"})
        withheld = await asyncio.to_thread(operator, gateway, *order)
        assert withheld["type"].endswith(":withheld")
        accept = ("PUT", "PENDING/boot-policy", {"policy": "accept"})
        deciding = asyncio.create_task(asyncio.to_thread(operator, gateway, *accept))
        await station.until_asked_for("TriggerMessage")
        assert (await deciding)["registration"] == "Pending"
        assert (await station.boot())[0] == "Accepted"
        assert await station.authorize() == "Accepted"

    with GatewayProcess(site_file) as gateway:
        meet(gateway, "PENDING", scene)


def test_one_that_is_rejected_hears_nothing_more(site_file: Path) -> None:
    async def scene(station: Station) -> None:
        assert await station.boot() == ("Rejected", 7)
        assert await station.authorize() == REFUSED
        path = "REJECT/calls/GetConfiguration"
        withheld = await asyncio.to_thread(operator, gateway, "POST", path, {})
        assert withheld["type"].endswith(":withheld")
        assert station.asked == []

    with GatewayProcess(site_file) as gateway:
        meet(gateway, "REJECT", scene)
        gateway.kill()
    with GatewayProcess(site_file) as gateway:
        meet(gateway, "REJECT", scene)


def test_one_that_has_to_be_prepared_takes_part_once_it_holds_its_limit(site_file: Path) -> None:
    async def scene(station: Station) -> None:
        assert (await station.boot())[0] == "Pending"
        assert await station.authorize() == REFUSED
        await station.until_asked_for("TriggerMessage")
        assert station.asked[0] == "SetChargingProfile"
        assert (await station.boot())[0] == "Accepted"
        assert await station.authorize() == "Accepted"

    with GatewayProcess(site_file) as gateway:
        meet(gateway, "PREPARE", scene)
