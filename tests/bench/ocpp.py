"""Charging sessions of 50 charge points, on three servers that hear the same script.

All three run at once, as processes of their own; each round plays every load on one after the
other, each round in another order, so that a busy machine disturbs all alike. Four loads: one CALL
at a time with a CPU each for client and server, as a charge point would have it; the same on one
CPU, where no wake-up of another CPU blurs the ratio; a fixed rate over all charge points; and all
of them as fast as they are answered, where the server's CPU time is work alone and no waking up.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.bench.figures import ALL, Figures, rows, verdicts
from tests.bench.loads import Taken, all_busy, at_rate, one_at_a_time
from tests.bench.memory import FIRST, MORE, per_connection
from tests.bench.report import Report, ResponseTimes, percentile, spread
from tests.bench.script import MESSAGES, Session
from tests.bench.servers import LAUNCHES, OURS, Server, connected
from tests.bench.thin_client import ThinClient

CONNECTIONS: Final = 50
RATE_HZ: Final = 500
FSYNCS: Final = 20

ONE: Final = "one at a time"
SHARED: Final = "one at a time, one CPU"
PACED: Final = f"{RATE_HZ} a second"
BUSY: Final = "all at once"
SESSIONS: Final[Mapping[str, int]] = {ONE: 2, SHARED: 1, PACED: 1, BUSY: 2}
"""How often a round plays the script at each charge point, by load."""

ELSEWHERE: Final = "over the internet; not the same network"
CERTIFICATES: Final = (
    ResponseTimes(
        "InCharge Energy ICE (OCA.0016.0974.CSMS)",
        (0.14, 0.26, 0.17),
        (0.15, 0.21, 0.17),
        note=ELSEWHERE,
    ),
    ResponseTimes(
        "QCharge (OCA.0016.1012.CSMS)",
        (0.08, 0.37, 0.10),
        (0.10, 0.23, 0.13),
        note=ELSEWHERE,
    ),
)


@dataclass(slots=True)
class Side:
    """One of the three, with its charge points connected."""

    server: Server
    points: list[ThinClient]
    figures: Figures
    sessions: int = 0

    def play(self, load: str, cpus: Sequence[int]) -> None:
        """Play the script under ``load``, and keep what was found."""
        os.sched_setaffinity(0, {cpus[0] if load == SHARED else cpus[-1]})
        taken: Taken = []
        before_s = self.server.cpu_s()
        for _ in range(SESSIONS[load]):
            self.sessions += 1
            began_at = datetime.now(UTC) - timedelta(hours=1) + timedelta(seconds=self.sessions)
            sessions = [Session(self.sessions, began_at) for _ in self.points]
            if load == PACED:
                taken += at_rate(self.points, sessions, RATE_HZ)
            elif load == BUSY:
                taken += all_busy(self.points, sessions)
            else:
                taken += one_at_a_time(self.points, sessions)
        self.figures.add(load, taken, self.server.cpu_s() - before_s)


def measure(rounds: int) -> Report:
    """Run ``rounds`` rounds, after one that does not count."""
    memory = {name: per_connection(launch) for name, launch in LAUNCHES.items()}
    fsyncs_s: list[float] = []
    with contextlib.ExitStack() as stack:
        cpus = stack.enter_context(_cpus())
        sides = {}
        for name, launch in LAUNCHES.items():
            server = stack.enter_context(launch(CONNECTIONS))
            points = stack.enter_context(connected(server, range(1, CONNECTIONS + 1)))
            sides[name] = Side(server, points, Figures(memory[name]))
        names = list(sides)
        for number in range(rounds + 1):
            print(f"round {number} of {rounds}", file=sys.stderr)
            for turn in range(len(names)):
                side = sides[names[(number + turn) % len(names)]]
                for load in SESSIONS:
                    side.play(load, cpus)
            fsyncs_s += _fsyncs()
            if number == 0:
                for name, side in sides.items():
                    side.figures = Figures(memory[name])
    return _report(rounds, {name: side.figures for name, side in sides.items()}, fsyncs_s)


def _report(rounds: int, figures: Mapping[str, Figures], fsyncs_s: Sequence[float]) -> Report:
    found = tuple(rows(figures, (ONE, SHARED, PACED), BUSY))
    ours = figures[OURS].times_s[ONE]
    measured = ResponseTimes.measured(
        f"Depot Gateway, {CONNECTIONS} charge points", spread(ours[ALL]), spread(ours["Authorize"])
    )
    fsync_ms = percentile(sorted(fsyncs_s), 50) * 1000
    conditions = f"""\
echo: a bare websockets server with canned answers, nothing kept. package: a CSMS of the ocpp
package's ChargePoint as shipped, nothing kept. ours: the gateway process with store, authorization
by the site file and validation, in quiet mode, without a cloud.
{CONNECTIONS} connections; medians over {rounds} rounds, each of {_calls(ONE)} CALLs one at a time,
{_calls(SHARED)} on one CPU, {_calls(PACED)} at {RATE_HZ} a second and {_calls(BUSY)} all at once.
Memory: private pages, {MORE} connections more after {FIRST}, in groups.
A write of 4 kB with fsync takes {fsync_ms:.2f} ms here (p50).
Only ratios of one run mean something; absolute figures are of this machine."""
    return Report(
        "ocpp",
        tuple(conditions.splitlines()),
        (measured, *CERTIFICATES),
        found,
        verdicts(found, (ONE, SHARED, PACED), BUSY),
    )


def _calls(load: str) -> int:
    return SESSIONS[load] * MESSAGES * CONNECTIONS


@contextlib.contextmanager
def _cpus() -> Iterator[list[int]]:
    """The CPUs that we may use. Servers are born on the first; the client moves to the last."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield sorted(allowed)
    finally:
        os.sched_setaffinity(0, allowed)


def _fsyncs() -> list[float]:
    """What the disk asks for one durable write, where the gateway's store lies."""
    times_s = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(FSYNCS):
            began_s = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            times_s.append(time.perf_counter() - began_s)
    return times_s
