"""``depot-gateway demo``: a whole depot on one machine, from its start to its numbers.

Whatever happens, every process that was started is ended and every file removed.
"""

import asyncio
import logging
import signal
import sys
import tempfile
from pathlib import Path
from typing import Final

from gateway.demo.background import background
from gateway.demo.depot import Depot
from gateway.demo.judge import Verdict, judge
from gateway.demo.plan import site_plan
from gateway.demo.play import Play
from gateway.demo.scenario import NAMES, Scenario, scenario_for
from gateway.demo.stage import Stage
from gateway.demo.state_client import fetch_state
from gateway.demo.summary import Summary, summarise, to_json, to_text
from gateway.demo.wires import Wires
from gateway.errors import StartFailed

EXIT_INTERRUPTED: Final = 130
START_S: Final = 30.0
DRAIN_S: Final = 30.0
LAST_WORD_S: Final = 1.0
"""After everything arrived, a double may still come for so long."""
POLL_S: Final = 0.1


def run_demo(charge_points: int, seconds: float, seed: int, scenario: str, as_json: bool) -> int:
    """Run the demo; returns the exit code: 0 only when everything held.

    Args:
        charge_points: How many, 1 or more.
        seconds: How long vehicles come and go; start and end take some seconds more.
        seed: The same seed gives the same depot and the same story.
        scenario: One of `gateway.demo.scenario.NAMES`.
        as_json: Print nothing but one JSON object on standard output.

    Raises:
        StartFailed: The scenario is unknown, or the depot did not come up.
        Unavailable: The gateway's process ended by itself.
    """
    if scenario not in NAMES:
        raise StartFailed(f"there is no scenario {scenario!r}; choose from {', '.join(NAMES)}")
    for name in ("websockets", "pymodbus", "ocpp"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    plan = site_plan(charge_points)
    story = scenario_for(scenario, plan, seconds, seed)
    with tempfile.TemporaryDirectory(prefix="depot-gateway-demo-") as folder:
        return asyncio.run(_run(Depot(plan, seconds, Path(folder)), story, quiet=as_json))


async def _run(depot: Depot, story: Scenario, *, quiet: bool) -> int:
    performance = asyncio.create_task(_perform(depot, story, quiet=quiet))
    loop = asyncio.get_running_loop()
    interrupted = asyncio.Event()

    def interrupt() -> None:
        interrupted.set()
        performance.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        summary, problems = await performance
    except asyncio.CancelledError:
        if interrupted.is_set():
            return EXIT_INTERRUPTED
        raise
    sys.stderr.writelines(f"problem: {problem}\n" for problem in problems)
    sys.stdout.write((to_json(summary) if quiet else to_text(summary)) + "\n")
    return 0 if summary.ok else 1


async def _perform(depot: Depot, story: Scenario, *, quiet: bool) -> tuple[Summary, list[str]]:
    stage = Stage(depot, story.seconds, quiet=quiet)
    play = Play(depot, story, Wires(depot.plan.limit_a), stage.tell)
    async with depot.running(), background() as beside:
        beside.start(_guard(depot))
        for charge_point in depot.charge_points.values():
            beside.start(charge_point.run())
        beside.start(stage.show())
        await beside.until(_ready(depot))
        stage.begin()
        beside.start(play.watch())
        await beside.until(play.perform())
        verdict = await beside.until(_drained(depot))
    play.conclude()
    return _summary(depot, play, verdict), [
        *play.problems,
        *(f"lost: {text}" for text in verdict.lost),
        *(f"doubled: {text}" for text in verdict.doubled),
        *(f"out of order: {text}" for text in verdict.out_of_order),
    ]


def _summary(depot: Depot, play: Play, verdict: Verdict) -> Summary:
    energy_wh = sum(
        transaction.meter_stop_wh - transaction.meter_start_wh
        for transaction in depot.transactions()
        if transaction.meter_stop_wh is not None
    )
    authorize_s = [s for cp in depot.charge_points.values() for s in cp.authorize_s]
    fallback_s = None if play.loss is None else play.loss.fallback_s
    return summarise(play.wires, verdict, energy_wh, authorize_s, fallback_s, play.problems)


async def _guard(depot: Depot) -> None:
    """Raise GatewayDied as soon as the gateway's process is gone without being told to."""
    while True:
        depot.gateway.check()
        await asyncio.sleep(POLL_S)


async def _ready(depot: Depot) -> None:
    """Every charge point is accepted by the gateway, and by the cloud through it."""
    wanted = frozenset(depot.charge_points)
    began_s = depot.clock.now().monotonic_s
    while depot.clock.now().monotonic_s < began_s + START_S:
        online = all(charge_point.online for charge_point in depot.charge_points.values())
        if online and depot.cloud.connected == wanted:
            return
        await asyncio.sleep(POLL_S)
    answers = await fetch_state(depot.web_port) is not None
    raise StartFailed(
        f"the depot did not come up within {START_S:g} s (the gateway "
        f"{'answers' if answers else 'does not answer'}); the gateway's last words:\n"
        f"{depot.gateway.last_words()}"
    )


async def _drained(depot: Depot) -> Verdict:
    """The verdict once nothing is on its way any more, or when it has taken too long."""
    began_s = depot.clock.now().monotonic_s
    while depot.clock.now().monotonic_s < began_s + DRAIN_S:
        waiting = sum(len(cp.cabinet.queue) for cp in depot.charge_points.values())
        if not waiting and judge(depot.transactions(), depot.cloud.records).complete:
            await asyncio.sleep(LAST_WORD_S)
            break
        await asyncio.sleep(POLL_S)
    return judge(depot.transactions(), depot.cloud.records)
