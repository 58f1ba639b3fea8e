"""The three servers as processes of their own, and what the kernel says that they use."""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench.script import BOOT, ID_TAG
from tests.bench.thin_client import ThinClient
from tests.e2e.gateway_process import ROOT, GatewayProcess

SITE: Final = f"""
[site]
name = "bench"
state_dir = "state"
[circuits.grid]
limit_a = 1000
reserve_a = 0
[[tags]]
id_tag = "{ID_TAG}"
[ocpp]
host = "127.0.0.1"
port = 0
quiet = true
[web]
port = 0
"""


@dataclass(frozen=True, slots=True)
class Server:
    """One that listens."""

    pid: int
    port: int

    def cpu_s(self) -> float:
        """CPU time of all its threads so far, to the nanosecond (clock_getcpuclockid(3))."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def private_bytes(self) -> int:
        """Memory that is its alone: what the kernel would get back if it ended (the USS)."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        private = [line.split() for line in lines if line.startswith("Private_")]
        return 1024 * sum(int(kilobytes) for _, kilobytes, _ in private)


Launch = Callable[[int], AbstractContextManager[Server]]
"""Starts a server for so many charge points."""


@contextlib.contextmanager
def connected(server: Server, numbers: Iterable[int]) -> Iterator[list[ThinClient]]:
    """Charge points that have dialled in and booted."""
    with contextlib.ExitStack() as stack:
        points = []
        for number in numbers:
            points.append(ThinClient(server.port, _identity(number)))
            stack.callback(_leave, points[-1])
            points[-1].call("BootNotification", BOOT)
        yield points


def _leave(point: ThinClient) -> None:
    with contextlib.suppress(OSError):
        point.close()


def _identity(number: int) -> str:
    return f"BENCH-{number:03}"


@contextlib.contextmanager
def _module(name: str, _charge_points: int) -> Iterator[Server]:
    command = [sys.executable, "-m", name]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Server(process.pid, int(process.stdout.readline()))
        finally:
            process.terminate()


@contextlib.contextmanager
def _gateway(charge_points: int) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        site_file = Path(folder) / "site.toml"
        tables = (
            f'[charge_points."{_identity(number)}"]\ncircuit = "grid"\nfailsafe_a = 0\n'
            "allow_without_password = true\n"
            for number in range(1, charge_points + 1)
        )
        site_file.write_text(SITE + "".join(tables))
        with GatewayProcess(site_file) as gateway:
            yield Server(gateway.pid, gateway.ocpp_port)


ECHO: Final = "echo"
PACKAGE: Final = "package"
OURS: Final = "ours"
LAUNCHES: Final[Mapping[str, Launch]] = {
    ECHO: partial(_module, "tests.bench.echo"),
    PACKAGE: partial(_module, "tests.bench.package_server"),
    OURS: _gateway,
}
