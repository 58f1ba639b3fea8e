"""What happens in the demo, and when: pure data, the same for the same seed.

Instants are seconds since the first vehicle may arrive; most are fractions of the run, so that all
of a scenario fits into a short run too.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.demo.happenings import (
    Arrives,
    BuildingDraws,
    CloudCaps,
    CloudFalters,
    CloudGoes,
    CloudReturns,
    CloudStops,
    GatewayDies,
    Happening,
    Leaves,
    LinksBreak,
    MeterFallsSilent,
    MeterSpeaks,
    Reboots,
)
from gateway.demo.plan import VISITOR_TAG, SitePlan, car_for, tag_for

METER_SILENCE_S: Final = 10.0
SHORTEST_RUN_S: Final = 40.0
"""In a shorter run the meter's silence shrinks, and the fail-safe may not show."""

BUILDING_A: Final = 12.0
BUILDING_BUSY_A: Final = 28.0
LOST_ANSWERS_S: Final = 0.7
"""The cloud goes away in two steps: first its answers are lost, then its connections."""
CAP_A: Final = 7.0
SHORTLY_S: Final = 0.3
"""A gateway that dies so soon after something happened may have done half of it."""

_DEATHS: Final = (
    (0.02, 0.09),
    (0.13, 0.22),
    (0.25, 0.38),
    (0.40, 0.42),
    (0.44, 0.52),
    (0.55, 0.68),
    (0.73, 0.76),
    (0.79, 0.85),
)
"""The gateway dies once within each of these parts of the run."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at ``at_s``."""

    at_s: float
    happening: Happening


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story in order of time. At ``seconds`` every vehicle that is still there leaves."""

    name: str
    seconds: float
    events: tuple[Event, ...]


class _Story:
    """Collects events; instants are fractions of the run."""

    def __init__(self, site: SitePlan, seconds: float, seed: int) -> None:
        self.site = site
        self.seconds = seconds
        self.chance = random.Random(seed)
        self.events: list[Event] = []

    def at(self, fraction: float, happening: Happening, after_s: float = 0.0) -> None:
        self.events.append(Event(fraction * self.seconds + after_s, happening))

    def visit(self, index: int, arrive: float, leave: float | None = None, tag: str = "") -> None:
        """A vehicle at the charge point number ``index``, if there is one."""
        if index >= len(self.site.charge_points):
            return
        place = self.site.charge_points[index]
        id_tag = tag or tag_for(index, guest=arrive < 0.3 and index % 2 == 1)
        self.at(arrive, Arrives(place.identity, car_for(place, self.chance), id_tag))
        if leave is not None:
            self.at(leave, Leaves(place.identity))

    def told(self, name: str) -> Scenario:
        return Scenario(name, self.seconds, tuple(sorted(self.events, key=lambda e: e.at_s)))

    def identity(self, index: int) -> str | None:
        places = self.site.charge_points
        return places[index].identity if index < len(places) else None


SPANNING, REBOOTING, WITHIN, STOPPED, CHANGING, CAPPED = range(6)
"""Which charge point has which part in the story; those after them just charge."""


def _arrivals(story: _Story) -> None:
    """Everybody who is there before anything goes wrong."""
    for index in (SPANNING, REBOOTING):
        story.visit(index, story.chance.uniform(0.01, 0.06))
    story.visit(CHANGING, story.chance.uniform(0.01, 0.06), 0.48)
    story.visit(CHANGING, 0.54)
    story.visit(CAPPED, story.chance.uniform(0.04, 0.1))
    for index in range(CAPPED + 1, len(story.site.charge_points)):
        arrive = story.chance.uniform(0.02, 0.2)
        leave = story.chance.choice([None, None, story.chance.uniform(0.45, 0.9)])
        story.visit(index, arrive, leave)


def _outage(story: _Story, begin: float = 0.40, end: float = 0.735) -> None:
    """The cloud is away for a third of the run; one start falls into its last, lost answers."""
    story.at(begin, CloudFalters())
    story.at(begin, CloudGoes(), after_s=LOST_ANSWERS_S)
    story.visit(WITHIN, begin + 0.04, end - 0.1)
    story.visit(WITHIN, 0.80)
    story.visit(STOPPED, begin + 0.002)
    story.at(end, CloudReturns())
    if (identity := story.identity(STOPPED)) is not None:
        story.at(0.86, CloudStops(identity))


def _depot(story: _Story) -> None:
    _arrivals(story)
    _outage(story)
    if (identity := story.identity(CAPPED)) is not None:
        story.at(0.22, CloudCaps(identity, CAP_A))
    _visitor(story, 0.34, 0.37)
    story.at(0.30, BuildingDraws(BUILDING_BUSY_A))
    story.at(0.50, BuildingDraws(BUILDING_A))
    if (identity := story.identity(REBOOTING)) is not None:
        story.at(0.55, Reboots(identity))
    _meter_loss(story, 0.58)
    story.at(0.90, BuildingDraws(BUILDING_BUSY_A))


def _visitor(story: _Story, arrive: float, leave: float) -> None:
    """Somebody whom the cloud refuses."""
    if len(story.site.charge_points) > WITHIN:
        place = story.site.charge_points[WITHIN]
        story.at(arrive, Arrives(place.identity, car_for(place, story.chance), VISITOR_TAG))
        story.at(leave, Leaves(place.identity))


def _meter_loss(story: _Story, begin: float) -> None:
    story.at(begin, MeterFallsSilent())
    silence_s = METER_SILENCE_S * min(1.0, story.seconds / SHORTEST_RUN_S)
    story.at(begin, MeterSpeaks(), after_s=silence_s)


def _calm(story: _Story) -> None:
    _arrivals(story)
    story.visit(WITHIN, 0.3, 0.6)
    story.visit(STOPPED, 0.5)


def _storm(story: _Story) -> None:
    _arrivals(story)
    _outage(story)
    for fraction in (0.25, 0.45, 0.78):
        story.at(fraction, LinksBreak())


def _crash(story: _Story) -> None:
    """The gateway dies in the middle of things, with the cloud up and down."""
    _arrivals(story)
    _outage(story)
    busy = [
        event.at_s / story.seconds
        for event in story.events
        if isinstance(event.happening, Arrives | Leaves | CloudFalters | CloudReturns)
    ]
    for begin, end in _DEATHS:
        near = [fraction for fraction in busy if begin <= fraction <= end]
        moment = story.chance.choice(near) if near else story.chance.uniform(begin, end)
        story.at(moment, GatewayDies(), after_s=story.chance.uniform(0.0, SHORTLY_S))


_STORIES: Final[Mapping[str, Callable[[_Story], None]]] = {
    "depot": _depot,
    "calm": _calm,
    "storm": _storm,
    "crash": _crash,
}

NAMES: Final[Sequence[str]] = tuple(_STORIES)
"""The scenarios that can be played."""


def scenario_for(name: str, site: SitePlan, seconds: float, seed: int) -> Scenario:
    """The story ``name`` for ``site``. Raises KeyError for a name that is not in `NAMES`.

    Args:
        seconds: Length of the run; from 40 on, everything in it has time to show.
    """
    story = _Story(site, seconds, seed)
    _STORIES[name](story)
    return story.told(name)
