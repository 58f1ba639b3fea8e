"""The gateway as a process of its own: `python -m gateway run`, on loopback and free ports."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

ROOT: Final = Path(__file__).parents[2]
START_S: Final = 30.0
STOP_S: Final = 15.0
STARTED: Final = re.compile(r"gateway\.started ocpp_port=(\d+) web_port=(\d+)")


class GatewayProcess:
    """Starts the gateway with a site file, waits until it is ready, and stops it at the end.

    Args:
        site_file: Its ports should be 0: see `ocpp_port` and `web_port` for those that were taken.
    """

    def __init__(self, site_file: Path) -> None:
        self.site_file = site_file
        self.ocpp_port = 0
        self.web_port = 0
        self._log: IO[str] | None = None
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._log = tempfile.TemporaryFile("w+")
        with tempfile.TemporaryDirectory() as folder:
            address = str(Path(folder) / "notify")
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(address)
                manager.settimeout(0.1)
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "gateway", "run", "--config", str(self.site_file)],
                    cwd=ROOT,
                    env=os.environ | {"NOTIFY_SOCKET": address},
                    stdin=subprocess.DEVNULL,
                    stdout=self._log,
                    stderr=self._log,
                    text=True,
                )
                try:
                    self._await_ready(manager)
                except BaseException:
                    self.kill()
                    self._log.close()
                    raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()
        if self._log is not None:
            if kind is not None:
                print(self.log())
            self._log.close()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        """Everything that it wrote so far."""
        assert self._log is not None
        number = self._log.fileno()
        return os.pread(number, os.fstat(number).st_size, 0).decode()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; returns its exit code. One that does not stop is killed, and told of."""
        assert self._process is not None
        self._process.send_signal(number)
        try:
            return self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(STOP_S)

    def _await_ready(self, manager: socket.socket) -> None:
        assert self._process is not None
        deadline_s = time.monotonic() + START_S
        while time.monotonic() < deadline_s:
            try:
                if "READY=1" in manager.recv(4096).decode():
                    break
            except TimeoutError:
                if self._process.poll() is not None:
                    break
        found = STARTED.search(self.log())
        if found is None:
            raise AssertionError(f"the gateway did not start:\n{self.log()}")
        self.ocpp_port, self.web_port = int(found[1]), int(found[2])
