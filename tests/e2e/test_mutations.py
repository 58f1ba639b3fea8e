"""Ten thousand messages gone wrong: no traceback, and nobody else waits."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Final

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.mutations import Message, messages
from tests.e2e.wire import dial

COUNT: Final = 10_000
HOSTILE: Final = 4
SEED: Final = 1
PATIENCE_S: Final = 20.0
"""For one answer to the charge point that behaves."""
BOUND_S: Final = 200.0

SITE: Final = """
[site]
name = "mutations"
state_dir = "state"
[circuits.grid]
limit_a = 100
reserve_a = 0
[[tags]]
id_tag = "VALID"
[ocpp]
host = "127.0.0.1"
port = 0
quiet = true
[web]
port = 0
[charge_points.GOOD]
circuit = "grid"
allow_without_password = true
""" + "".join(
    f'[charge_points.HOSTILE-{number}]\ncircuit = "grid"\nallow_without_password = true\n'
    f"strict = {str(number == 1).lower()}\n"
    for number in range(1, HOSTILE + 1)
)


async def send(connection: ClientConnection, message: Message) -> None:
    """Bytes that are no UTF-8 go out as if they were text."""
    if isinstance(message, bytes):
        await connection.send(message, text=message.endswith(b"\xfe"))
    else:
        await connection.send(message)


async def swallow(connection: ClientConnection) -> None:
    """Read what comes back, and look at none of it."""
    try:
        async for _ in connection:
            pass
    except ConnectionClosed:
        return


async def pester(gateway: GatewayProcess, number: int) -> int:
    """Send a share of the messages, dialling anew whenever we are thrown out; returns how often."""
    due = messages(SEED * 1000 + number, COUNT // HOSTILE)
    dialled, pending = 0, next(due, None)
    while pending is not None:
        dialled += 1
        async with dial(gateway, f"/ocpp/HOSTILE-{number}", max_size=None) as connection:
            reading = asyncio.create_task(swallow(connection))
            try:
                while pending is not None:
                    await send(connection, pending)
                    await asyncio.sleep(0)  # the others have their turn
                    pending = next(due, None)
            except ConnectionClosed:
                pending = next(due, None)
            finally:
                await connection.close()
                await reading
    return dialled


async def behave(gateway: GatewayProcess, done: asyncio.Event) -> int:
    """Heartbeats and authorizations, each answered; returns how many."""
    answered = 0
    async with dial(gateway, "/ocpp/GOOD") as connection:
        while not done.is_set():
            for action, payload in (("Heartbeat", {}), ("Authorize", {"idTag": "VALID"})):
                await connection.send(json.dumps([2, str(answered), action, payload]))
                answer = json.loads(await asyncio.wait_for(connection.recv(), PATIENCE_S))
                assert answer[:2] == [3, str(answered)], answer
                answered += 1
    return answered


async def played(gateway: GatewayProcess) -> tuple[int, int]:
    done = asyncio.Event()
    good = asyncio.create_task(behave(gateway, done))
    dialled = await asyncio.gather(*(pester(gateway, n + 1) for n in range(HOSTILE)))
    done.set()
    return await good, sum(dialled)


def test_ten_thousand_wrong_messages_leave_no_trace_and_make_nobody_wait(tmp_path: Path) -> None:
    logging.getLogger("websockets.client").setLevel(logging.CRITICAL)
    site_file = tmp_path / "site.toml"
    site_file.write_text(SITE)
    with GatewayProcess(site_file) as gateway:
        answered, dialled = asyncio.run(asyncio.wait_for(played(gateway), BOUND_S))
        log = gateway.log()
        assert answered > 100
        assert dialled > HOSTILE  # some are too much for a connection, and only for their own
        assert "Traceback" not in log
        for word in ("task.failed", "ERROR", "handler_failed"):
            assert word not in log, [line for line in log.splitlines() if word in line][:5]
        assert gateway.stop() == 0
        print(f"{answered} answers beside {COUNT} messages over {dialled} connections")
