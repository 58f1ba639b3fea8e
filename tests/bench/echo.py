"""The baseline: a bare websockets server that sends a canned CALLRESULT back for every CALL."""

import asyncio
import signal

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

ACCEPTED = '{"idTagInfo":{"status":"Accepted"}}'
CANNED = {
    "BootNotification": '{"status":"Accepted","currentTime":"2026-01-01T00:00:00Z","interval":300}',
    "Heartbeat": '{"currentTime":"2026-01-01T00:00:00.000Z"}',
    "Authorize": ACCEPTED,
    "StatusNotification": "{}",
    "StartTransaction": '{"idTagInfo":{"status":"Accepted"},"transactionId":1}',
    "MeterValues": "{}",
    "StopTransaction": ACCEPTED,
}


async def answer(connection: ServerConnection) -> None:
    """Answer without looking: the id and the action are cut out of the text."""
    async for message in connection:
        assert isinstance(message, str)
        _, unique_id, _, action, _ = message.split('"', 4)
        await connection.send(f'[3,"{unique_id}",{CANNED[action]}]')


async def main() -> None:
    """Print the port, and serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    subprotocols = [Subprotocol("ocpp1.6")]
    async with serve(
        answer, "127.0.0.1", 0, compression=None, subprotocols=subprotocols, ping_timeout=None
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
