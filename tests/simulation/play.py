"""Plays one seeded depot from its first to its last second, and collects every finding."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.simulation.depot import Depot
from tests.simulation.laws import Laws
from tests.simulation.loop import simulate
from tests.simulation.story import CLOUD_PROFILE_ID, HOUR_S, Story


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a simulation ended.

    Args:
        findings: Every breach of a law, as a sentence; empty when all were held.
        transactions: How many there really were.
        trace: A hash of all frames with their times, and of the load.
        worst_excursion_s: The longest time above a limit that the gateway could have ended.
        longest_wait_s: The longest time that somebody was paused while 6 A were free.
        deaths: How often the gateway was killed.
    """

    findings: tuple[str, ...]
    transactions: int
    frames: int
    trace: str
    worst_excursion_s: int
    longest_wait_s: int
    deaths: int


def play(
    seed: str,
    duration_s: float = HOUR_S,
    shuffle: int | None = None,
    *,
    calm: bool = False,
    jumps: bool = False,
    prepare: Callable[[Depot], None] = lambda _: None,
) -> Outcome:
    """Simulate one depot.

    Args:
        duration_s: How long drivers come and things fail; the backlog drains after it.
        shuffle: Seed for a hostile order of what is ready at the same instant.
        calm: Nothing fails.
        jumps: The gateway's wall clock jumps.
        prepare: Changes the depot before it begins.
    """

    async def main() -> Outcome:
        depot = Depot(seed)
        prepare(depot)
        laws = Laws(depot)
        await depot.live(lambda _: _watched(Story(depot, duration_s, calm=calm, jumps=jumps), laws))
        return _outcome(depot, laws)

    return simulate(main, shuffle)


async def _watched(story: Story, laws: Laws) -> None:
    watching = asyncio.ensure_future(laws.watch())
    try:
        await story.run()
        if watching.done():
            watching.result()
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _outcome(depot: Depot, laws: Laws) -> Outcome:
    verdict = depot.verdict()
    findings = (
        *laws.broken,
        *(f"lost: {lack}" for lack in verdict.lost),
        *(f"doubled: {double}" for double in verdict.doubled),
        *(f"out of order: {slip}" for slip in verdict.out_of_order),
        *(f"the cloud objects: {objection}" for objection in depot.cloud.objections),
        *depot.failures,
        *_given_up(depot),
        *_leaked(depot),
        *_misbelieved(depot),
    )
    return Outcome(
        findings,
        verdict.started,
        depot.trace.frames,
        depot.trace.digest(),
        laws.worst_excursion_s,
        laws.longest_wait_s,
        depot.deaths,
    )


def _given_up(depot: Depot) -> list[str]:
    """The gateway must never answer a transaction message with a CALLERROR (OCPP 1.6 §4.8)."""
    return [
        f"{message.action} given up by {charge_point.identity}"
        for charge_point in depot.charge_points.values()
        for message in charge_point.cabinet.queue.dropped
    ]


def _leaked(depot: Depot) -> list[str]:
    """What the cloud limits is a cap for the allocation, and never passed down as it is."""
    return [
        f"{charge_point.identity} got the cloud's own charging profile"
        for charge_point in depot.charge_points.values()
        for request in charge_point.received_profiles
        if request["csChargingProfiles"]["chargingProfileId"] == CLOUD_PROFILE_ID
    ]


def _misbelieved(depot: Depot) -> list[str]:
    """At the end every vehicle is gone, and gateway and cloud know it."""
    offers = depot.balance.offers.values() if depot.balance is not None else ()
    believed = [f"the gateway still charges at {offer.key}" for offer in offers if offer.active]
    for (identity, connector_id), status in depot.cloud.statuses.items():
        if status != "Available":
            believed.append(f"the cloud believes that {identity}/{connector_id} is {status}")
    return believed
