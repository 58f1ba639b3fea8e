"""A charge point on the `ocpp` package, a foreign implementation, and the states of the test
document that it plays.

The package checks every message of ours against the OCPP 1.6 schemas, both ways.
"""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import ocpp.messages
import ocpp.routing
import ocpp.v16
from ocpp.v16 import call, call_result
from websockets.asyncio.client import ClientConnection

from tests.conformance.frames import CALLRESULT, Trace

ocpp.messages.ASYNC_VALIDATION = False
ForeignChargePoint: Any = ocpp.v16.ChargePoint
on: Any = ocpp.routing.on

IDENTITY: Final = "CP-1"
CONNECTOR: Final = 1
CONNECTORS: Final = 2
LONGEST_INTERVAL_S: Final = 600
ANSWER_S: Final = 20
CLOCKS_APART_S: Final = 30

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "CancelReservation": {"status": "Accepted"},
    "ChangeAvailability": {"status": "Accepted"},
    "ChangeConfiguration": {"status": "Accepted"},
    "ClearCache": {"status": "Accepted"},
    "ClearChargingProfile": {"status": "Accepted"},
    "DataTransfer": {"status": "Accepted"},
    "GetCompositeSchedule": {"status": "Accepted", "connector_id": CONNECTOR},
    "GetConfiguration": {"configuration_key": [], "unknown_key": []},
    "GetDiagnostics": {"file_name": "diagnostics.tar.gz"},
    "GetLocalListVersion": {"list_version": 0},
    "RemoteStartTransaction": {"status": "Accepted"},
    "RemoteStopTransaction": {"status": "Accepted"},
    "ReserveNow": {"status": "Accepted"},
    "Reset": {"status": "Accepted"},
    "SendLocalList": {"status": "Accepted"},
    "SetChargingProfile": {"status": "Accepted"},
    "TriggerMessage": {"status": "Accepted"},
    "UnlockConnector": {"status": "Unlocked"},
    "UpdateFirmware": {},
}


class _Tapped:
    """The connection as the package sees it; the trace sees it too."""

    def __init__(self, connection: ClientConnection, trace: Trace) -> None:
        self._connection = connection
        self._trace = trace
        self.ends_after_answer = False

    async def recv(self) -> str | bytes:
        text = await self._connection.recv()
        self._trace.heard(text)
        return text

    async def send(self, text: str) -> None:
        self._trace.sent(text)
        await self._connection.send(text)
        if self.ends_after_answer and json.loads(text)[0] == CALLRESULT:
            await self._connection.close()


class Station(ForeignChargePoint):  # type: ignore[misc]  # the package has no types
    """Answers as told in ``answers``: with a CALLERROR for an exception, as usual but not before it
    is set for an event. ``trace`` has every frame."""

    def __init__(self, connection: ClientConnection) -> None:
        self.trace = Trace()
        self._tapped = _Tapped(connection, self.trace)
        super().__init__(IDENTITY, self._tapped, response_timeout=ANSWER_S)
        self._socket = connection
        self.answers: dict[str, Any] = dict(ANSWERS)
        self.gone = False

    @property
    def asked(self) -> list[tuple[str, dict[str, Any]]]:
        """What the gateway asked of it: action and payload."""
        return self.trace.calls

    async def says_to(self, message: Any) -> Any:
        """Send a CALL; returns the answer, which is a CALLRESULT."""
        return await self.call(message, suppress=False)

    async def loses_power(self) -> None:
        """The connection breaks without a word."""
        self.gone = True
        self._socket.transport.abort()
        await self._socket.wait_closed()

    async def hangs_up(self) -> None:
        """The connection ends in good order."""
        self.gone = True
        await self._socket.close()

    def leaves_after_its_next_answer(self) -> None:
        """The connection ends as soon as the next CALL of the gateway is answered."""
        self.gone = self._tapped.ends_after_answer = True

    async def boots(self, **statuses: Any) -> Any:
        """The state Booted; ``c1="Finishing"`` is what connector 1 says in place of Available."""
        message = call.BootNotification(
            charge_point_vendor="Foreign", charge_point_model="Station", firmware_version="1.0"
        )
        answer = await self.says_to(message)
        assert answer.status == "Accepted"
        assert isinstance(answer.interval, int)
        assert 0 < answer.interval <= LONGEST_INTERVAL_S
        is_now(answer.current_time)
        for connector_id in range(CONNECTORS + 1):
            await self.tells(statuses.get(f"c{connector_id}", "Available"), connector_id)
        return answer

    async def beats(self) -> None:
        """Heartbeat."""
        is_now((await self.says_to(call.Heartbeat())).current_time)

    async def tells(self, status: Any, connector_id: int = CONNECTOR, **more: Any) -> None:
        """StatusNotification."""
        more.setdefault("error_code", "NoError")
        message = call.StatusNotification(connector_id=connector_id, status=status, **more)
        assert await self.says_to(message) == call_result.StatusNotification()

    async def tells_all(self, status: Any) -> None:
        """StatusNotification for the charge point and for every connector."""
        for connector_id in range(CONNECTORS + 1):
            await self.tells(status, connector_id)

    async def authorizes(self, id_tag: str = "VALID") -> Any:
        """Authorize; returns idTagInfo."""
        return (await self.says_to(call.Authorize(id_tag=id_tag))).id_tag_info

    async def is_authorized(self, id_tag: str = "VALID") -> None:
        """The state Authorized."""
        assert (await self.authorizes(id_tag))["status"] == "Accepted"

    async def starts(self, id_tag: str = "VALID", **more: Any) -> Any:
        """StartTransaction; returns the answer, whose transactionId can be used."""
        more.setdefault("timestamp", instant())
        message = call.StartTransaction(
            connector_id=CONNECTOR, id_tag=id_tag, meter_start=100, **more
        )
        answer = await self.says_to(message)
        assert isinstance(answer.transaction_id, int)
        assert answer.transaction_id > 0
        return answer

    async def has_started(self, id_tag: str = "VALID", **more: Any) -> int:
        """StartTransaction that must be accepted; returns the transaction's id."""
        started = await self.starts(id_tag, **more)
        assert started.id_tag_info["status"] == "Accepted"
        return int(started.transaction_id)

    async def stops(self, transaction_id: int, reason: Any, **more: Any) -> Any:
        """StopTransaction; returns the answer."""
        more.setdefault("timestamp", instant())
        message = call.StopTransaction(
            meter_stop=200, transaction_id=transaction_id, reason=reason, **more
        )
        return await self.says_to(message)

    async def charges(self, id_tag: str = "VALID", **more: Any) -> int:
        """The state Charging; returns the transaction's id."""
        await self.is_authorized(id_tag)
        await self.tells("Preparing")
        transaction_id = await self.has_started(id_tag, **more)
        await self.tells("Charging")
        return transaction_id

    async def meters(self) -> None:
        """MeterValues, as asked for by a trigger."""
        sampled = {"value": "1234", "context": "Trigger", "unit": "Wh"}
        values = [{"timestamp": instant(), "sampled_value": [sampled]}]
        message = call.MeterValues(connector_id=CONNECTOR, meter_value=values)
        assert await self.says_to(message) == call_result.MeterValues()

    async def tells_firmware(self, *statuses: Any) -> None:
        """FirmwareStatusNotification, one after the other."""
        for status in statuses:
            message = call.FirmwareStatusNotification(status=status)
            assert await self.says_to(message) == call_result.FirmwareStatusNotification()

    async def tells_diagnostics(self, *statuses: Any) -> None:
        """DiagnosticsStatusNotification, one after the other."""
        for status in statuses:
            message = call.DiagnosticsStatusNotification(status=status)
            assert await self.says_to(message) == call_result.DiagnosticsStatusNotification()


def _handler(action: str) -> Any:
    async def handle(self: Station, **_: Any) -> Any:
        answer = self.answers[action]
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            answer = ANSWERS[action]
        if isinstance(answer, Exception):
            raise answer
        return getattr(call_result, action)(**answer)

    handle.__name__ = f"on_{action}"  # the package finds handlers by their names
    return on(action)(handle)


for _action in ANSWERS:
    setattr(Station, f"on_{_action}", _handler(_action))


def instant(seconds: float = 0) -> str:
    """So many seconds from now, as OCPP writes an instant."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_now(text: str) -> None:
    """Assert that ``text`` is this instant in UTC, as clocks on one machine agree on it."""
    assert text.endswith("Z")
    apart = datetime.fromisoformat(text) - datetime.now(UTC)
    assert abs(apart.total_seconds()) < CLOCKS_APART_S
