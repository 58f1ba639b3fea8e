"""The gateway as a process of its own, started, killed and stopped like on a real machine."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Final

from gateway.errors import StartFailed, Unavailable

STOP_S: Final = 10.0
TAIL_LINES: Final = 15
PACKAGE_PARENT: Final = Path(__file__).resolve().parents[2]


class GatewayDied(Unavailable):
    """The gateway's process ended by itself. The text ends with the last lines of its log."""


class GatewayProcess:
    """Runs ``python -m gateway run --config FILE``; its log goes to a file.

    Args:
        config: The site file; ``gateway.log`` is written beside it.
    """

    def __init__(self, config: Path) -> None:
        self._config = config
        self._log = config.parent / "gateway.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it. Ctrl-C at the terminal does not reach it: whoever started it ends it."""
        paths = [str(PACKAGE_PARENT), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "gateway", "run", "--config", str(self._config)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()

    async def stop(self) -> None:
        """SIGTERM; SIGKILL when it is still there after a while. Safe to call twice."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            await self.kill()

    def check(self) -> None:
        """Raises GatewayDied when it should run and does not."""
        process = self._process
        if process is not None and process.returncode is not None:
            raise GatewayDied(
                f"the gateway ended with exit code {process.returncode}; its last words:\n"
                f"{self.last_words()}"
            )

    def last_words(self) -> str:
        """The last lines of its log."""
        try:
            text = self._log.read_text(errors="replace")
        except OSError as exc:
            raise StartFailed(f"the gateway's log cannot be read: {exc}") from exc
        return "\n".join(text.splitlines()[-TAIL_LINES:])
