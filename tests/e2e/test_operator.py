"""The operator's command line before the real gateway and a charge point that answers as told."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import pytest
from websockets.asyncio.client import ClientConnection

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.test_cli import depot_gateway
from tests.e2e.wire import HEARTBEAT, SITE, dial
from tests.unit.cli.fake_gateway import invoke

IDENTITY: Final = "OFFENDER"
BOUND_S: Final = 30
FILES: Final = '[files]\nhost = "127.0.0.1"\nport = 0\n'
BOOT: Final = json.dumps(
    [2, "boot", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}]
)
ACCEPTED: Final = (3, {"status": "Accepted"})
REJECTED: Final = (3, {"status": "Rejected"})
CALL_ERROR: Final[tuple[Any, ...]] = (4, "NotSupported", "not here", {})
SILENCE: Final[tuple[Any, ...]] = ()


class ChargePoint:
    """Answers each CALL with the next of ``answers``, and keeps what it was asked.

    Args:
        connection: To the gateway, fresh.
    """

    def __init__(self, connection: ClientConnection, gateway: GatewayProcess) -> None:
        self._connection = connection
        self._url = f"http://127.0.0.1:{gateway.web_port}"
        self._heard: asyncio.Queue[Any] = asyncio.Queue()
        self.answers: list[tuple[Any, ...]] = []
        self.asked: list[tuple[str, str]] = []

    async def listen(self) -> None:
        """Until cancelled."""
        async for frame in self._connection:
            kind, unique_id, *rest = json.loads(frame)
            if kind != 2:
                self._heard.put_nowait(unique_id)
                continue
            self.asked.append((rest[0], str(frame)))
            answer = self.answers.pop(0)
            if answer:
                await self._connection.send(json.dumps([answer[0], unique_id, *answer[1:]]))

    async def says(self, frame: str) -> None:
        """Send a CALL and wait until it is answered: the connection is usable."""
        await self._connection.send(frame)
        unique_id = json.loads(frame)[1]
        while await self._heard.get() != unique_id:
            pass

    async def told(self, *words: str, answer: tuple[Any, ...]) -> tuple[int, str]:
        """What the command says while the charge point answers so, and a Heartbeat after it."""
        self.answers.append(answer)
        found = await asyncio.to_thread(invoke, *words, url=self._url)
        await self.says(HEARTBEAT)
        return found


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    site_file = tmp_path_factory.mktemp("operator") / "site.toml"
    site_file.write_text(SITE + FILES)
    with GatewayProcess(site_file) as process:
        yield process


def play(gateway: GatewayProcess, scene: Callable[[ChargePoint], Awaitable[None]]) -> ChargePoint:
    """Connect, boot, play ``scene`` and hang up."""

    async def main() -> ChargePoint:
        async with asyncio.timeout(BOUND_S), dial(gateway) as connection:
            charge_point = ChargePoint(connection, gateway)
            listening = asyncio.ensure_future(charge_point.listen())
            try:
                await charge_point.says(BOOT)
                await scene(charge_point)
            finally:
                listening.cancel()
        return charge_point

    return asyncio.run(main())


def test_every_ending_has_a_code_and_leaves_the_connection_usable(gateway: GatewayProcess) -> None:
    async def scene(cp: ChargePoint) -> None:
        reset = ("reset", IDENTITY, "--type", "Soft")
        assert await cp.told(*reset, answer=ACCEPTED) == (
            0,
            f"{IDENTITY} answered Reset: Accepted.\n",
        )
        assert await cp.told(*reset, answer=REJECTED) == (
            3,
            f"{IDENTITY} refused Reset: Rejected.\n",
        )
        assert await cp.told(*reset, answer=CALL_ERROR) == (
            4,
            f"{IDENTITY} answered Reset with a CALLERROR: NotSupported: not here.\n",
        )
        code, output = await cp.told(*reset, "--timeout", "1", answer=SILENCE)
        assert code == 5
        assert "did not answer Reset in time" in output
        assert (await cp.told(*reset, answer=ACCEPTED))[0] == 0

    assert [action for action, _ in play(gateway, scene).asked] == ["Reset"] * 5


def test_an_absent_charge_point_is_offline(gateway: GatewayProcess) -> None:
    url = f"http://127.0.0.1:{gateway.web_port}"
    code, output = invoke("reset", "BYSTANDER", "--type", "Soft", url=url)
    assert (code, output) == (6, "BYSTANDER is offline; no answer to Reset.\n")
    code, output = invoke("reset", "NOBODY", "--type", "Soft", url=url)
    assert (code, output) == (2, "The site file has no charge point NOBODY.\n")


def test_wrong_values_go_out_as_they_were_written(gateway: GatewayProcess) -> None:
    async def scene(cp: ChargePoint) -> None:
        locked = (3, {"status": "UnlockFailed"})
        unlock = ("unlock-connector", IDENTITY, "--connector-id", "99")
        assert (await cp.told(*unlock, answer=locked))[0] == 3
        for words in (
            ("remote-stop-transaction", IDENTITY, "--transaction-id", "-1"),
            ("change-configuration", IDENTITY, "--key", "HeartbeatInterval", "--value", "-1"),
            ("call", IDENTITY, "change-availability", '{"type":"Operative","connectorId":99}'),
        ):
            assert (await cp.told(*words, answer=REJECTED))[0] == 3

    asked = play(gateway, scene).asked
    assert [frame[frame.index("{") : -1].replace(" ", "") for _, frame in asked] == [
        '{"connectorId":99}',
        '{"transactionId":-1}',
        '{"key":"HeartbeatInterval","value":"-1"}',
        '{"connectorId":99,"type":"Operative"}',
    ]


def test_what_ocpp_does_not_allow_is_not_sent(gateway: GatewayProcess) -> None:
    async def scene(cp: ChargePoint) -> None:
        for words in (
            ("reset", IDENTITY, "--type", "Sideways"),
            ("call", IDENTITY, "Reset", '{"type":7}'),
            ("call", IDENTITY, "Reset"),
        ):
            code, output = await cp.told(*words, answer=ACCEPTED)
            assert code == 2
            assert "Reset was not sent to OFFENDER, it is not allowed" in output

    assert play(gateway, scene).asked == []


def test_configuration_that_was_read_is_on_record(gateway: GatewayProcess) -> None:
    key = {"key": "HeartbeatInterval", "readonly": False, "value": "60"}

    async def scene(cp: ChargePoint) -> None:
        answer = (3, {"configurationKey": [key], "unknownKey": ["Nonsense"]})
        code, output = await cp.told("get-configuration", IDENTITY, answer=answer)
        assert code == 0
        assert "HeartbeatInterval" in output
        assert "unknownKey: Nonsense" in output

    play(gateway, scene)
    url = f"http://127.0.0.1:{gateway.web_port}"
    code, output = invoke("records", IDENTITY, "configuration", "--json", url=url)
    assert code == 0
    assert json.loads(output)["keys"]["HeartbeatInterval"]["value"] == "60"


def test_tags_are_kept_and_exported_as_they_can_be_imported(
    gateway: GatewayProcess, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{gateway.web_port}"
    assert invoke("tags", "set", "A/1", "--expires", "+30d", url=url) == (0, "A/1 was added.\n")
    path = tmp_path / "tags.csv"
    assert invoke("tags", "export", str(path), url=url)[0] == 0
    assert invoke("tags", "remove", "A/1", url=url) == (0, "A/1 was removed.\n")
    code, output = invoke("tags", "import", str(path), url=url)
    assert code == 0
    assert "Would be: 1 added" in output
    assert invoke("tags", "import", str(path), "--apply", url=url)[0] == 0
    assert "A/1" in invoke("tags", "list", url=url)[1]
    path.write_text("id_tag,status\nB,Maybe\n")
    code, output = invoke("tags", "import", str(path), url=url)
    assert code == 2
    assert "Blocked, Expired" in output
    assert invoke("tags", "remove", "KNOWN", url=url)[0] == 1


def test_the_command_is_a_process_that_ends_with_the_code(gateway: GatewayProcess) -> None:
    url = f"http://127.0.0.1:{gateway.web_port}"
    done = depot_gateway("clear-cache", "BYSTANDER", "--json", DEPOT_GATEWAY_URL=url)
    assert done.returncode == 6
    assert json.loads(done.stdout)["outcome"] == "offline"
    assert not done.stderr


def test_firmware_goes_from_this_machine_over_the_box_to_the_charge_point(
    gateway: GatewayProcess, tmp_path: Path
) -> None:
    path = tmp_path / "fw.bin"
    path.write_bytes(b"\x00firmware")

    async def scene(cp: ChargePoint) -> None:
        words = ("update-firmware", IDENTITY, "--file", str(path))
        code, output = await cp.told(*words, answer=(3, {}))
        assert code == 0, output

    ((action, frame),) = play(gateway, scene).asked
    assert action == "UpdateFirmware"
    with urlopen(json.loads(frame)[3]["location"], timeout=BOUND_S) as fetched:
        assert fetched.read() == b"\x00firmware"
    url = f"http://127.0.0.1:{gateway.web_port}"
    assert "fw.bin" in invoke("files", "list", url=url)[1]
    assert invoke("files", "remove", "fw.bin", url=url) == (0, "fw.bin was removed.\n")


def test_diagnostics_come_to_the_box_and_from_there_to_this_machine(
    gateway: GatewayProcess, tmp_path: Path
) -> None:
    async def scene(cp: ChargePoint) -> None:
        code, output = await cp.told("get-diagnostics", IDENTITY, answer=(3, {"fileName": "a.log"}))
        assert code == 0, output

    ((_, frame),) = play(gateway, scene).asked
    folder = json.loads(frame)[3]["location"]
    put = Request(f"{folder.rstrip('/')}/a.log", b"what happened", method="PUT")
    with urlopen(put, timeout=BOUND_S) as done:
        assert done.status in (200, 201, 204)
    url = f"http://127.0.0.1:{gateway.web_port}"
    listed = json.loads(invoke("files", "list", "--json", url=url)[1])
    (name,) = (file["name"] for file in listed if file["kind"] == "upload")
    path = tmp_path / "a.log"
    assert invoke("files", "get", name, str(path), url=url)[0] == 0
    assert path.read_bytes() == b"what happened"
    assert invoke("files", "remove", name, "--upload", url=url)[0] == 0
