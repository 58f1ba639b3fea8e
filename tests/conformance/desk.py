"""The operator: a person at the API, who orders and looks at what became of it."""

import asyncio
import http.client
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import quote

PATIENCE_S: Final = 20.0
"""For what the gateway does by itself, such as letting a reservation expire."""


class Operator:
    """Talks to the API of the gateway about one charge point.

    ``ordered`` is every CALL that this charge point may therefore hear, in order.
    """

    def __init__(self, web_port: int, identity: str) -> None:
        self._web_port = web_port
        self._charge_point = f"/api/v1/charge-points/{quote(identity, safe='')}"
        self._identity = identity
        self.ordered: list[tuple[str, dict[str, Any]]] = []

    async def orders(self, action: str, /, **payload: Any) -> Any:
        """A CALL that the charge point is to answer; returns the CALLRESULT's payload."""
        self.ordered.append((action, payload))
        status, answer = await self.tries(action, **payload)
        assert status == 200, answer
        return answer

    async def tries(self, action: str, /, timeout_s: int = 20, **payload: Any) -> tuple[int, Any]:
        """A CALL that may not even leave; returns HTTP status and JSON."""
        path = f"{self._charge_point}/calls/{action}?timeout_s={timeout_s}"
        return await self._ask("POST", path, payload)

    async def syncs_local_list(self, *, full: bool = False) -> Any:
        """Bring the local list up to date; returns what became of it."""
        path = f"{self._charge_point}/local-list/sync?full={str(full).lower()}"
        status, answer = await self._ask("POST", path)
        assert status == 200, answer
        return answer

    async def keeps_tag(self, id_tag: str, **said: Any) -> None:
        """Add a tag to those of the site, or change it."""
        status, answer = await self._ask("PUT", f"/api/v1/tags/{quote(id_tag, safe='')}", said)
        assert status in {200, 201}, answer

    async def forgets_tag(self, id_tag: str) -> None:
        """Take a tag from those of the site."""
        status, answer = await self._ask("DELETE", f"/api/v1/tags/{quote(id_tag, safe='')}")
        assert status == 204, answer

    async def tags(self) -> list[str]:
        """The idTags of the site."""
        status, tags = await self._ask("GET", "/api/v1/tags")
        assert status == 200, tags
        return [tag["id_tag"] for tag in tags]

    async def record(self, kind: str) -> Any:
        """What is known of the charge point: the record called ``kind``."""
        status, record = await self._ask("GET", f"{self._charge_point}/records/{kind}")
        assert status == 200, record
        return record

    async def last_call(self) -> Any:
        """The newest entry in the record of calls."""
        return (await self.record("calls"))["calls"][-1]

    async def reservation(self, reservation_id: int) -> Any:
        """The newest record of a reservation; None when there is none."""
        found = (await self.record("reservations")).get("reservations", [])
        return next((r for r in found[::-1] if r["reservation_id"] == reservation_id), None)

    async def connector(self, connector_id: int) -> Any:
        """A connector as the page shows it."""
        status, state = await self._ask("GET", "/api/v1/state")
        assert status == 200, state
        (found,) = (cp for cp in state["charge_points"] if cp["identity"] == self._identity)
        return found["connectors"][connector_id - 1]

    async def running(self, connector_id: int) -> int | None:
        """The transaction that runs at a connector; None without one."""
        found: int | None = (await self.connector(connector_id))["local_transaction_id"]
        return found

    async def sees(self, look: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool]) -> Any:
        """What ``look`` finds as soon as it is ``wanted``; fails when that takes too long."""
        until_s = time.monotonic() + PATIENCE_S
        while not wanted(found := await look()):
            assert time.monotonic() < until_s, found
            await asyncio.sleep(0.05)
        return found

    async def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return await asyncio.to_thread(self._exchange, method, path, body)

    def _exchange(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._web_port, timeout=40)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None
        finally:
            connection.close()
