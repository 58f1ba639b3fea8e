"""What a person sees of a running demo: a live table on a terminal, else a line for each event."""

import asyncio
import sys
from typing import Any, Final

from rich.console import Console
from rich.live import Live

from gateway.demo.depot import Depot
from gateway.demo.state_client import fetch_state
from gateway.demo.table import render

FRAME_S: Final = 0.5


class Stage:
    """Shows the demo on standard output.

    Args:
        seconds: Length of the run.
        quiet: Show nothing.
    """

    def __init__(self, depot: Depot, seconds: float, *, quiet: bool) -> None:
        self._depot = depot
        self._seconds = seconds
        self._quiet = quiet
        self._live = sys.stdout.isatty() and not quiet
        self._began_s: float | None = None
        self._news: list[str] = []

    def begin(self) -> None:
        """The run begins now."""
        self._began_s = self._now_s()

    def tell(self, sentence: str) -> None:
        """Something happened."""
        line = f"{self._elapsed_s():6.1f} s  {sentence}"
        self._news.append(line)
        if not (self._live or self._quiet):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    async def show(self) -> None:
        """Keep the table up to date, for ever; without a terminal, do nothing."""
        if not self._live:
            await asyncio.Event().wait()
        state: dict[str, Any] | None = None
        with Live(console=Console(), auto_refresh=False, transient=True) as live:
            while True:
                state = await fetch_state(self._depot.web_port)
                elapsed_s = self._elapsed_s()
                live.update(
                    render(self._depot, state, elapsed_s, self._seconds, self._news), refresh=True
                )
                await asyncio.sleep(FRAME_S)

    def _elapsed_s(self) -> float:
        return 0.0 if self._began_s is None else self._now_s() - self._began_s

    def _now_s(self) -> float:
        return self._depot.clock.now().monotonic_s
