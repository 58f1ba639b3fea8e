"""Heartbeat and Authorize of 50 charge points, beside a bare websockets server.

Both servers run at once, as processes of their own; each round measures the one and then the other,
every second round the other way round, so that a busy machine disturbs both alike. Times are seen
by the client. Three loads: one CALL at a time with a CPU each for client and server, as a charge
point would have it; the same on one CPU, where no wake-up of another CPU blurs the ratio; and an
open loop that does not wait for answers.
"""

import contextlib
import os
import selectors
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bench.report import Report, Row
from tests.bench.thin_client import ThinClient
from tests.e2e.gateway_process import ROOT, GatewayProcess

CONNECTIONS: Final = 50
CALLS: Final = 1000
"""CALLs one at a time, in each round and for each action."""
RATE_HZ: Final = 500
OPEN_LOOP_S: Final = 1.0

BOOT: Final = '{"chargePointVendor":"Bench","chargePointModel":"Thin"}'
ACTIONS: Final = {"Heartbeat": "{}", "Authorize": '{"idTag":"BENCH-TAG"}'}

ONE: Final = "one at a time"
SHARED: Final = "one at a time, one CPU"
OPEN: Final = f"open loop {RATE_HZ}/s"
LOADS: Final = (ONE, SHARED, OPEN)

SITE: Final = """
[site]
name = "bench"
state_dir = "state"
[circuits.grid]
limit_a = 1000
reserve_a = 0
[[tags]]
id_tag = "BENCH-TAG"
[ocpp]
host = "127.0.0.1"
port = 0
quiet = true
[web]
port = 0
"""


@dataclass(slots=True)
class Figures:
    """What the rounds found of one server, by load and action."""

    p50_s: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    p99_s: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    cpu_s: dict[str, list[float]] = field(default_factory=dict)

    def add(self, load: str, action: str, times_s: Sequence[float], cpu_s: float) -> None:
        """Take in one measurement of one round."""
        ordered = sorted(times_s)
        self.p50_s.setdefault((load, action), []).append(ordered[len(ordered) // 2])
        self.p99_s.setdefault((load, action), []).append(ordered[len(ordered) * 99 // 100])
        self.cpu_s.setdefault(load, []).append(cpu_s / len(ordered))


@dataclass(slots=True)
class Server:
    """One of the two, with its charge points connected."""

    pid: int
    points: list[ThinClient]
    figures: Figures = field(default_factory=Figures)


def measure(rounds: int) -> Report:
    """Run ``rounds`` rounds, after one that does not count."""
    with _cpus() as cpus, _baseline() as baseline, _gateway() as ours:
        for number in range(rounds + 1):
            for server in (baseline, ours) if number % 2 else (ours, baseline):
                _round(server, cpus)
            if number == 0:
                baseline.figures, ours.figures = Figures(), Figures()
    return Report(
        "ocpp",
        "a bare websockets server that sends back a canned CALLRESULT",
        f"{CONNECTIONS} connections; medians over {rounds} rounds of {CALLS} CALLs one at a time "
        f"and {int(RATE_HZ * OPEN_LOOP_S)} in an open loop, per action",
        tuple(_rows(baseline.figures, ours.figures)),
    )


def _rows(baseline: Figures, ours: Figures) -> Iterator[Row]:
    median = statistics.median
    for load in LOADS:
        for action in ACTIONS:
            for name, figure in (("p50", "p50_s"), ("p99", "p99_s")):
                one, other = (getattr(figures, figure) for figures in (baseline, ours))
                yield Row(
                    f"{action} {name}, {load}",
                    "us",
                    round(median(one[load, action]) * 1e6, 1),
                    round(median(other[load, action]) * 1e6, 1),
                )
    for load in LOADS:
        yield Row(
            f"server CPU, {load}",
            "ms per 1000 CALLs",
            round(median(baseline.cpu_s[load]) * 1e6, 2),
            round(median(ours.cpu_s[load]) * 1e6, 2),
        )


def _round(server: Server, cpus: Sequence[int]) -> None:
    for action, payload in ACTIONS.items():
        for load in LOADS:
            os.sched_setaffinity(0, {cpus[0] if load == SHARED else cpus[-1]})
            run = _open_loop if load == OPEN else _one_at_a_time
            before_s = _cpu_s(server.pid)
            times_s = run(server.points, action, payload)
            server.figures.add(load, action, times_s, _cpu_s(server.pid) - before_s)


@contextlib.contextmanager
def _cpus() -> Iterator[list[int]]:
    """The CPUs that we may use. Servers are born on the first; the client moves to the last."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield sorted(allowed)
    finally:
        os.sched_setaffinity(0, allowed)


def _one_at_a_time(points: Sequence[ThinClient], action: str, payload: str) -> list[float]:
    return [points[number % len(points)].call(action, payload) for number in range(CALLS)]


def _open_loop(points: Sequence[ThinClient], action: str, payload: str) -> list[float]:
    """CALLs at a fixed rate, whether or not those before were answered; seconds from sending."""
    count = int(RATE_HZ * OPEN_LOOP_S)
    sent_s: dict[bytes, float] = {}
    times_s: list[float] = []
    # Not epoll: its timeouts are whole milliseconds.
    with selectors.SelectSelector() as selector:
        for point in points:
            selector.register(point.socket, selectors.EVENT_READ, point)
        began_s = time.perf_counter()
        sent = 0
        while len(times_s) < count:
            now_s = time.perf_counter()
            due_s = began_s + sent / RATE_HZ
            if sent < count and now_s >= due_s:
                point = points[sent % len(points)]
                unique_id, ready = point.prepare(action, payload)
                sent_s[unique_id] = time.perf_counter()
                point.socket.sendall(ready)
                sent += 1
                continue
            wait_s = due_s - now_s if sent < count else 5.0
            ready_points = selector.select(wait_s)
            if not ready_points and sent == count:
                raise ConnectionError(f"{count - len(times_s)} CALLs were never answered")
            for key, _ in ready_points:
                for message in key.data.receive():
                    began = sent_s.pop(message.split(b'"', 2)[1], None)
                    if began is not None:
                        times_s.append(time.perf_counter() - began)
    return times_s


def _cpu_s(pid: int) -> float:
    """CPU time of all threads of another process, to the nanosecond (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def _connect(port: int) -> list[ThinClient]:
    points = [ThinClient(port, f"BENCH-{number:02}") for number in range(1, CONNECTIONS + 1)]
    for point in points:
        point.call("BootNotification", BOOT)
    return points


@contextlib.contextmanager
def _served(pid: int, port: int) -> Iterator[Server]:
    points = _connect(port)
    try:
        yield Server(pid, points)
    finally:
        for point in points:
            with contextlib.suppress(OSError):
                point.close()


@contextlib.contextmanager
def _baseline() -> Iterator[Server]:
    command = [sys.executable, "-m", "tests.bench.echo"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            with _served(process.pid, int(process.stdout.readline())) as server:
                yield server
        finally:
            process.terminate()


@contextlib.contextmanager
def _gateway() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        site_file = Path(folder) / "site.toml"
        charge_points = "".join(
            f'[charge_points."BENCH-{number:02}"]\ncircuit = "grid"\n'
            "allow_without_password = true\n"
            for number in range(1, CONNECTIONS + 1)
        )
        site_file.write_text(SITE + charge_points)
        with (
            GatewayProcess(site_file) as gateway,
            _served(gateway.pid, gateway.ocpp_port) as server,
        ):
            yield server
