"""A small site for tests on real sockets, and how to talk to it as a charge point."""

import json
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.e2e.gateway_process import GatewayProcess

PASSWORD: Final = "correct-horse-01"

SITE: Final = f"""
[site]
name = "bad input"
state_dir = "state"
[circuits.grid]
limit_a = 100
reserve_a = 0
[[tags]]
id_tag = "KNOWN"
[ocpp]
host = "127.0.0.1"
port = 0
quiet = true
[web]
port = 0
[charge_points.OFFENDER]
circuit = "grid"
allow_without_password = true
[charge_points.BYSTANDER]
circuit = "grid"
allow_without_password = true
[charge_points.LOCKED]
circuit = "grid"
password = "{PASSWORD}"
"""

HEARTBEAT: Final = '[2,"alive","Heartbeat",{}]'


def dial(gateway: GatewayProcess, path: str = "/ocpp/OFFENDER", **options: Any) -> connect:
    settings: dict[str, Any] = {"subprotocols": [Subprotocol("ocpp1.6")], "proxy": None}
    return connect(f"ws://127.0.0.1:{gateway.ocpp_port}{path}", **settings | options)


async def answers(connection: ClientConnection, frame: str | bytes) -> list[Any]:
    """Everything that comes back for ``frame``, up to the answer to a Heartbeat sent after it."""
    await connection.send(frame)
    await connection.send(HEARTBEAT)
    found: list[Any] = []
    while (answer := json.loads(await connection.recv()))[1] != "alive":
        found.append(answer)
    assert answer[0] == 3
    assert "currentTime" in answer[2]
    return found


async def close_code(connection: ClientConnection) -> int:
    while True:
        try:
            await connection.recv()
        except ConnectionClosed as exc:
            return exc.rcvd.code if exc.rcvd else 1006
