"""The truth about the wires, sampled some ten times a second: what the verdict on safety rests on.

Fed with instants and currents, it asks nobody and remembers only what the summary needs.
"""

from dataclasses import dataclass, field
from typing import Final

from gateway.site.electrical import CONDUCTORS, NO_CURRENT, PhaseCurrents

FORGIVEN_A: Final = 0.05
"""Below this, an excess is rounding."""

STEP_SHOWS_S: Final = 1.0
"""A step that overloads does so at once; one that has not after this time was harmless."""


@dataclass(slots=True)
class Wires:
    """The conductors of one circuit against its limit.

    Args:
        limit_a: Rating of the protective device, the same on each conductor.

    Attributes:
        max_a: The most that each conductor ever carried.
        longest_excess_s: The longest time without a break that any conductor was above the limit.
        reactions_s: For each step of the load that overloaded the circuit: the time from the step
            until every conductor was back at the limit or below.
        now: The newest sample.
    """

    limit_a: float
    max_a: PhaseCurrents = NO_CURRENT
    longest_excess_s: float = 0.0
    reactions_s: list[float] = field(default_factory=list)
    now: PhaseCurrents = NO_CURRENT
    _above_since_s: list[float | None] = field(default_factory=lambda: [None] * len(CONDUCTORS))
    _stepped_at_s: float | None = None
    _overloaded: bool = False

    def stepped(self, at_s: float) -> None:
        """A load that nobody controls changed at ``at_s``."""
        self._stepped_at_s, self._overloaded = at_s, False

    def sample(self, at_s: float, load: PhaseCurrents) -> None:
        """The load at ``at_s``, which is later than that of the sample before."""
        self.now = load
        self.max_a = PhaseCurrents(*(max(pair) for pair in zip(self.max_a, load, strict=True)))
        above = [current_a > self.limit_a + FORGIVEN_A for current_a in load]
        for conductor in CONDUCTORS:
            since_s = self._above_since_s[conductor]
            if since_s is None:
                self._above_since_s[conductor] = at_s if above[conductor] else None
                continue
            self.longest_excess_s = max(self.longest_excess_s, at_s - since_s)
            if not above[conductor]:
                self._above_since_s[conductor] = None
        self._watch_step(at_s, overloaded=any(above))

    @property
    def is_above(self) -> bool:
        """Some conductor was above the limit at the newest sample."""
        return any(since_s is not None for since_s in self._above_since_s)

    def _watch_step(self, at_s: float, *, overloaded: bool) -> None:
        if self._stepped_at_s is None:
            return
        if overloaded:
            self._overloaded = True
        elif self._overloaded:
            self.reactions_s.append(at_s - self._stepped_at_s)
            self._stepped_at_s = None
        elif at_s - self._stepped_at_s > STEP_SHOWS_S:
            self._stepped_at_s = None


@dataclass(slots=True)
class MeterLoss:
    """How long the depot took to fall to its fail-safe currents without a meter.

    Attributes:
        needed: Something drew more than its fail-safe current when the meter fell silent.
        fallback_s: From the meter's last answer until nothing drew more; None until then.
    """

    last_answer_s: float
    needed: bool = False
    fallback_s: float | None = None

    def sample(self, at_s: float, *, above_failsafe: bool) -> None:
        """Whether any connector drew more than its fail-safe current at ``at_s``."""
        if above_failsafe and self.fallback_s is None:
            self.needed = True
        elif self.needed and self.fallback_s is None:
            self.fallback_s = at_s - self.last_answer_s
