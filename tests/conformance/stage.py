"""The stage: one charge point and one operator before the real gateway process.

The one rule: every connection ends with a look at every frame. What we sent must be well-formed, in
order and asked for, and a connection that the charge point keeps must still be usable.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.conformance.desk import Operator
from tests.conformance.station import CONNECTORS, IDENTITY, Station
from tests.e2e.gateway_process import GatewayProcess

SITE: Final = f"""
[site]
name = "conformance"
state_dir = "state"
[circuits.grid]
limit_a = 100
reserve_a = 0
[charge_points.{IDENTITY}]
circuit = "grid"
connectors = {CONNECTORS}
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
heartbeat_interval_s = 1
quiet = true
[web]
port = 0
"""


class Stage:
    """Connects the charge point, as often as a case wants, one connection after the other."""

    def __init__(self, gateway: GatewayProcess) -> None:
        self._gateway = gateway
        self._ids: set[str] = set()
        self.operator = Operator(gateway.web_port, IDENTITY)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Station]:
        """A connection of the charge point, judged when it ends."""
        async with connect(
            f"ws://127.0.0.1:{self._gateway.ocpp_port}/ocpp/{IDENTITY}",
            subprotocols=[Subprotocol("ocpp1.6")],
            proxy=None,
        ) as connection:
            self.operator.ordered.clear()
            station = Station(connection)
            listening = asyncio.ensure_future(station.start())
            try:
                yield station
                if not station.gone:
                    await station.beats()
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError, ConnectionClosed):
                    await listening
        station.trace.judge(self._ids)
        assert station.asked == self.operator.ordered, "it was sent something that nobody ordered"

    async def syncs_local_list(
        self, station: Station, *, full: bool = False
    ) -> tuple[Any, list[tuple[str, dict[str, Any]]]]:
        """The operator brings the local list up to date; returns what the operator is told, and the
        CALLs that the charge point heard of it."""
        before = len(station.asked)
        told = await self.operator.syncs_local_list(full=full)
        heard = station.asked[before:]
        self.operator.ordered += heard
        return told, heard

    def log(self) -> str:
        """Everything that the gateway wrote to its log."""
        return self._gateway.log()
