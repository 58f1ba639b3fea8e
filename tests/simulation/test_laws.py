"""The laws of a depot over many seeds: an hour each, with everything going wrong."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import pytest

from tests.simulation.depot import Depot
from tests.simulation.laws import Laws
from tests.simulation.loop import simulate
from tests.simulation.story import HOUR_S, Story

SEEDS = range(50)


@dataclass(frozen=True)
class Outcome:
    """How a simulation ended. ``findings`` is empty when every law was held."""

    findings: tuple[str, ...]
    transactions: int
    frames: int
    trace: str
    worst_excursion_s: int
    longest_wait_s: int


def play(seed: str, duration_s: float = HOUR_S, shuffle: int | None = None) -> Outcome:
    """One depot from its first to its last second."""

    async def main() -> Outcome:
        depot = Depot(seed)
        laws = Laws(depot)

        async def story(_: Depot) -> None:
            watching = asyncio.ensure_future(laws.watch())
            try:
                await Story(depot, duration_s).run()
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching

        await depot.live(story)
        verdict = depot.verdict()
        dropped = [
            f"{message.action} given up by {charge_point.identity}"
            for charge_point in depot.charge_points.values()
            for message in charge_point.cabinet.queue.dropped
        ]
        findings = (
            *laws.broken,
            *verdict.lost,
            *verdict.doubled,
            *verdict.out_of_order,
            *depot.cloud.objections,
            *depot.failures,
            *dropped,
        )
        return Outcome(
            findings,
            verdict.started,
            depot.trace.frames,
            depot.trace.digest(),
            laws.worst_excursion_s,
            laws.longest_wait_s,
        )

    return simulate(main, shuffle)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_hour_of_trouble_breaks_no_law(seed: int) -> None:
    outcome = play(str(seed))
    assert not outcome.findings, f"seed {seed}:\n" + "\n".join(outcome.findings)
    assert outcome.transactions > 10
