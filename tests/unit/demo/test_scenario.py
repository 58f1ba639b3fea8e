import pytest

from gateway.demo.happenings import (
    Arrives,
    CloudGoes,
    CloudReturns,
    GatewayDies,
    Happening,
    Leaves,
    MeterFallsSilent,
    MeterSpeaks,
    Reboots,
)
from gateway.demo.plan import site_plan
from gateway.demo.scenario import NAMES, Scenario, scenario_for

SECONDS = 60.0


def instants(story: Scenario, kind: type[Happening]) -> list[float]:
    return [event.at_s for event in story.events if isinstance(event.happening, kind)]


def depot(seconds: float = SECONDS, seed: int = 1) -> Scenario:
    return scenario_for("depot", site_plan(12), seconds, seed)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("charge_points", [1, 3, 12])
def test_every_story_is_told_in_order_within_the_run(name: str, charge_points: int) -> None:
    story = scenario_for(name, site_plan(charge_points), SECONDS, 1)
    at_s = [event.at_s for event in story.events]
    assert at_s == sorted(at_s)
    assert 0.0 <= at_s[0] <= at_s[-1] <= SECONDS


def test_the_same_seed_gives_the_same_story_and_another_does_not() -> None:
    assert depot(seed=7) == depot(seed=7)
    assert depot(seed=7) != depot(seed=8)


def test_the_outage_takes_a_third_of_the_run() -> None:
    story = depot()
    (gone,), (back,) = instants(story, CloudGoes), instants(story, CloudReturns)
    assert (back - gone) / SECONDS == pytest.approx(1 / 3, abs=0.02)
    within = [
        event
        for event in story.events
        if gone < event.at_s < back and isinstance(event.happening, Arrives | Leaves | Reboots)
    ]
    assert {type(event.happening) for event in within} == {Arrives, Leaves, Reboots}


def test_a_transaction_starts_and_stops_within_the_outage() -> None:
    story = depot()
    (gone,), (back,) = instants(story, CloudGoes), instants(story, CloudReturns)
    within = [event.happening for event in story.events if gone < event.at_s < back]
    arrived = {event.identity for event in within if isinstance(event, Arrives)}
    left = {event.identity for event in within if isinstance(event, Leaves)}
    assert arrived & left


@pytest.mark.parametrize(("seconds", "silence_s"), [(600.0, 10.0), (40.0, 10.0), (8.0, 2.0)])
def test_the_meter_is_silent_for_ten_seconds_if_the_run_is_long_enough(
    seconds: float, silence_s: float
) -> None:
    story = depot(seconds)
    (silent,), (speaks,) = instants(story, MeterFallsSilent), instants(story, MeterSpeaks)
    assert speaks - silent == pytest.approx(silence_s)


def test_the_gateway_is_killed_with_the_cloud_up_and_down() -> None:
    story = scenario_for("crash", site_plan(6), SECONDS, 1)
    (gone,), (back,) = instants(story, CloudGoes), instants(story, CloudReturns)
    killed = instants(story, GatewayDies)
    assert any(gone < at_s < back for at_s in killed)
    assert any(at_s < gone for at_s in killed)
    assert any(at_s > back for at_s in killed)


def test_nobody_is_plugged_in_twice() -> None:
    for name in NAMES:
        occupied: set[str] = set()
        for event in scenario_for(name, site_plan(12), SECONDS, 3).events:
            match event.happening:
                case Arrives(identity):
                    assert identity not in occupied
                    occupied.add(identity)
                case Leaves(identity):
                    occupied.remove(identity)
                case _:
                    pass
