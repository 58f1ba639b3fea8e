"""A CSMS made of the `ocpp` package's own ChargePoint, as shipped: its schema validation stays on.

The handlers keep nothing and decide nothing, so what is measured is the package alone.
"""

import asyncio
import contextlib
import itertools
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

import ocpp.routing
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import Action, AuthorizationStatus, RegistrationStatus
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Handler = TypeVar("Handler", bound=Callable[..., Any])

ACCEPTED: Final = IdTagInfo(status=AuthorizationStatus.accepted)
TRANSACTION_IDS: Final = itertools.count(1)


def on(action: Action) -> Callable[[Handler], Handler]:
    """Register a handler; the package's own decorator, with its type."""
    return cast("Callable[[Handler], Handler]", ocpp.routing.on(action))  # type: ignore[no-untyped-call]


class CentralSystem(ChargePoint):
    """Answers one charge point."""

    @on(Action.boot_notification)
    def boot_notification(self, **_: object) -> call_result.BootNotification:
        """Accepted."""
        return call_result.BootNotification(
            current_time=_now(), interval=300, status=RegistrationStatus.accepted
        )

    @on(Action.heartbeat)
    def heartbeat(self) -> call_result.Heartbeat:
        """The time."""
        return call_result.Heartbeat(current_time=_now())

    @on(Action.authorize)
    def authorize(self, **_: object) -> call_result.Authorize:
        """Accepted."""
        return call_result.Authorize(id_tag_info=ACCEPTED)

    @on(Action.status_notification)
    def status_notification(self, **_: object) -> call_result.StatusNotification:
        """Nothing to say."""
        return call_result.StatusNotification()

    @on(Action.start_transaction)
    def start_transaction(self, **_: object) -> call_result.StartTransaction:
        """Accepted, under the next number."""
        return call_result.StartTransaction(
            transaction_id=next(TRANSACTION_IDS), id_tag_info=ACCEPTED
        )

    @on(Action.meter_values)
    def meter_values(self, **_: object) -> call_result.MeterValues:
        """Nothing to say."""
        return call_result.MeterValues()

    @on(Action.stop_transaction)
    def stop_transaction(self, **_: object) -> call_result.StopTransaction:
        """Accepted."""
        return call_result.StopTransaction(id_tag_info=ACCEPTED)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


async def converse(connection: ServerConnection) -> None:
    """Serve one charge point until it leaves."""
    assert connection.request is not None
    identity = connection.request.path.rpartition("/")[2]
    central_system = CentralSystem(identity, connection)  # type: ignore[no-untyped-call]
    with contextlib.suppress(ConnectionClosed):
        await central_system.start()  # type: ignore[no-untyped-call]


async def main() -> None:
    """Print the port, and serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    subprotocols = [Subprotocol("ocpp1.6")]
    listening = serve(
        converse, "127.0.0.1", 0, compression=None, subprotocols=subprotocols, ping_timeout=None
    )
    async with listening as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
