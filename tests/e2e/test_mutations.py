"""Ten thousand mutated messages before the running gateway: no traceback, and nobody else waits."""

import asyncio
import http.client
import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.conformance.negatives import ORDERS
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.mutation_kinds import KINDS
from tests.e2e.mutations import Frame, Mutator
from tests.e2e.wire import dial

HOSTILE: Final = ("HOSTILE-1", "HOSTILE-2", "HOSTILE-3", "STRICT")
ANSWERER: Final = "ANSWERER"
MESSAGES: Final = 10_000
ORDERS_EACH: Final = 20
"""So many CALLs of each action get a mutated answer."""
ANSWER_S: Final = 10.0
"""Far more than an answer takes, far less than a person would wait."""

BOUND_S: Final = 180.0
TOGETHER: Final = 40
"""Messages between two signs of life."""

PACE_S: Final = 0.01
EXPECTED_CODES: Final = {1003, 1007, 1009}
"""No text, no UTF-8, too big. 1006 is told apart: the end of a socket that we still wrote to."""

EXPECTED: Final = ("standing_limit.not_confirmed",)
"""Errors that a person must hear of: a charge point that refuses its fail-safe profile."""

MOST_GROWTH_KB: Final = 200_000

SITE: Final = """
[site]
name = "mutations"
state_dir = "state"
[circuits.grid]
limit_a = 400
reserve_a = 0
[[tags]]
id_tag = "KNOWN"
[ocpp]
host = "127.0.0.1"
port = 0
[web]
port = 0
[charge_points.WITNESS]
circuit = "grid"
allow_without_password = true
""" + "".join(
    f"""
[charge_points.{identity}]
circuit = "grid"
allow_without_password = true
strict = {str(identity == "STRICT").lower()}
"""
    for identity in (*HOSTILE, ANSWERER)
)


@dataclass
class Findings:
    """What was seen while it went on."""

    sent: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    witnessed: int = 0
    longest_s: float = 0.0
    operator: Counter[int] = field(default_factory=Counter)


class Attacker:
    """One hostile charge point, which connects anew whenever it was thrown out."""

    def __init__(
        self, gateway: GatewayProcess, identity: str, seed: int, messages: int, found: Findings
    ) -> None:
        self._gateway = gateway
        self._identity = identity
        self._mutator = Mutator(seed, identity)
        self._frames = deque(self._mutator.frames(messages))
        self._found = found
        self._alive = asyncio.Event()
        self._signs = count()

    async def run(self) -> None:
        """Send everything."""
        while self._frames:
            async with dial(self._gateway, f"/ocpp/{self._identity}") as connection:
                reading = asyncio.create_task(self._read(connection))
                try:
                    await self._attack(connection, reading)
                except ConnectionClosed:
                    pass
                finally:
                    await connection.close()
                    await asyncio.wait_for(reading, ANSWER_S)
                if connection.close_code not in {None, 1000}:
                    self._found.codes[connection.close_code or 0] += 1

    async def _attack(self, connection: ClientConnection, reading: asyncio.Task[None]) -> None:
        while self._frames:
            for _ in range(min(TOGETHER, len(self._frames))):
                frame = self._frames[0]
                await _send(connection, frame)
                self._found.sent[frame.kind] += 1
                self._frames.popleft()
                if frame.is_deadly:
                    _, late = await asyncio.wait({reading}, timeout=ANSWER_S)
                    assert not late, f"not thrown out for {frame.kind}"
                    return
            if not await self._is_alive(connection, reading):
                return

    async def _is_alive(self, connection: ClientConnection, reading: asyncio.Task[None]) -> bool:
        """Send a Heartbeat and wait for its answer; False when the connection ended."""
        self._alive.clear()
        await connection.send(f'[2,"alive-{next(self._signs)}","Heartbeat",{{}}]')
        waiting = asyncio.create_task(self._alive.wait())
        done, _ = await asyncio.wait(
            {waiting, reading}, timeout=ANSWER_S, return_when=asyncio.FIRST_COMPLETED
        )
        waiting.cancel()
        assert done, f"{self._identity} is neither answered nor thrown out"
        return waiting in done

    async def _read(self, connection: ClientConnection) -> None:
        try:
            async for text in connection:
                await self._heard(connection, json.loads(text))
        except ConnectionClosed:
            pass

    async def _heard(self, connection: ClientConnection, answer: list[Any]) -> None:
        if answer[0] == 2:
            await _send(connection, self._mutator.answer(answer[1]))
            return
        self._found.answers["CALLRESULT" if answer[0] == 3 else answer[2]] += 1
        if answer[1].startswith("alive-"):  # before its boot, a strict reader says SecurityError
            self._alive.set()


async def _send(connection: ClientConnection, frame: Frame) -> None:
    await connection.send(frame.data, text=frame.is_text)


async def _witness(gateway: GatewayProcess, over: asyncio.Event, found: Findings) -> None:
    """A good charge point, whose every CALL must be answered in time."""
    clock = asyncio.get_running_loop().time
    boot = {"chargePointVendor": "Good", "chargePointModel": "One"}
    async with dial(gateway, "/ocpp/WITNESS") as connection:
        await _asks(connection, "boot", "BootNotification", boot)
        for number in count():
            began_s = clock()
            beat = await _asks(connection, f"h{number}", "Heartbeat", {})
            assert "currentTime" in beat
            tag = await _asks(connection, f"a{number}", "Authorize", {"idTag": "KNOWN"})
            assert tag["idTagInfo"]["status"] == "Accepted"
            found.longest_s = max(found.longest_s, clock() - began_s)
            found.witnessed += 2
            if over.is_set():
                return
            await asyncio.sleep(PACE_S)


async def _asks(connection: ClientConnection, unique_id: str, action: str, payload: Any) -> Any:
    """The payload of the CALLRESULT; CALLs of the gateway are answered on the way."""
    async with asyncio.timeout(ANSWER_S):
        await connection.send(json.dumps([2, unique_id, action, payload]))
        while True:
            frame = json.loads(await connection.recv())
            if frame[0] == 2:
                await connection.send(json.dumps([3, frame[1], _good_answer(frame[2])]))
                continue
            assert frame[:2] == [3, unique_id], frame
            return frame[2]


def _good_answer(action: str) -> dict[str, Any]:
    match action:
        case "GetConfiguration":
            return {"configurationKey": [], "unknownKey": []}
        case "GetLocalListVersion":
            return {"listVersion": -1}
        case _:
            return {"status": "Accepted"}


async def _answerer(gateway: GatewayProcess, seed: int, found: Findings) -> None:
    """A charge point that gives mutated answers, and an operator who orders everything of it."""
    mutator = Mutator(seed, ANSWERER)
    async with dial(gateway, f"/ocpp/{ANSWERER}") as connection:
        answering = asyncio.create_task(_answers_badly(connection, mutator))
        try:
            for action in [action for action in ORDERS for _ in range(ORDERS_EACH)]:
                status = await asyncio.to_thread(_order, gateway.web_port, action)
                found.operator[status] += 1
        finally:
            answering.cancel()
            await asyncio.wait({answering})


async def _answers_badly(connection: ClientConnection, mutator: Mutator) -> None:
    """Two answers to each CALL: a mutated one, and one that ends it if that one did not."""
    async for text in connection:
        unique_id = json.loads(text)[1]
        await _send(connection, mutator.answer(unique_id))
        await connection.send(json.dumps([4, unique_id, "GenericError", "", {}]))


def _order(web_port: int, action: str) -> int:
    """The operator's CALL; the HTTP status of what became of it."""
    connection = http.client.HTTPConnection("127.0.0.1", web_port, timeout=60)
    try:
        path = f"/api/v1/charge-points/{ANSWERER}/calls/{action}"
        connection.request("POST", path, json.dumps(ORDERS[action]))
        response = connection.getresponse()
        json.loads(response.read())
        return response.status
    finally:
        connection.close()


async def _storm(gateway: GatewayProcess, seed: int, messages: int) -> Findings:
    found, over = Findings(), asyncio.Event()
    share = messages // len(HOSTILE)
    async with asyncio.timeout(BOUND_S), asyncio.TaskGroup() as group:
        group.create_task(_witness(gateway, over, found))
        async with asyncio.TaskGroup() as attack:
            attack.create_task(_answerer(gateway, seed, found))
            for identity in HOSTILE:
                attack.create_task(Attacker(gateway, identity, seed, share, found).run())
        over.set()
    return found


def _memory_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("the gateway is gone")


def _complaints(log: str) -> Iterator[str]:
    """Errors that are not expected, and tracebacks, with the lines around them."""
    lines = log.splitlines()
    for number, line in enumerate(lines):
        event = line[3:].partition(" ")[0]
        is_error = line.startswith(("<0>", "<1>", "<2>", "<3>")) and event not in EXPECTED
        if is_error or "Traceback" in line:
            yield "\n".join(lines[max(0, number - 3) : number + 30])


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 7))]
)
def test_ten_thousand_mutated_messages_harm_nobody_else(tmp_path: Path, seed: int) -> None:
    site_file = tmp_path / "site.toml"
    site_file.write_text(SITE)
    print(f"seed {seed}")  # shown when it fails
    with GatewayProcess(site_file) as gateway:
        before_kb = _memory_kb(gateway.pid)
        found = asyncio.run(_storm(gateway, seed, MESSAGES))
        grown_kb = _memory_kb(gateway.pid) - before_kb
        ended = gateway.stop()
        log = gateway.log()
    print(f"{found}\nmemory grew by {grown_kb} kB")
    assert next(_complaints(log), None) is None
    assert ended == 0
    assert found.sent.total() == MESSAGES
    assert set(found.sent) == set(KINDS)
    assert found.answers["InternalError"] == 0
    assert set(found.codes) <= EXPECTED_CODES | {1006}
    assert set(found.operator) <= {200, 502}
    assert found.operator.total() == ORDERS_EACH * len(ORDERS)
    assert found.witnessed > 0
    assert grown_kb < MOST_GROWTH_KB


def test_the_same_seed_gives_the_same_messages() -> None:
    first, second = (list(Mutator(7, "CP").frames(500)) for _ in range(2))
    assert first == second
    assert first != list(Mutator(8, "CP").frames(500))
