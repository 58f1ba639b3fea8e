"""What limit may be in force at one connector. What is not known for certain counts as high.

A limit is sent, and confirmed or not; it lapses by itself at the end of its lease, and a vehicle
needs a moment to follow a cut. `Limits.counted_da` is the most that the connector can take through
all of this.
"""

import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

SETTLE_S: Final = 3.0
"""A confirmed cut counts at its old value for this long: the vehicle follows within it."""
ECHO_S: Final = 8.0
"""For this long after a cut, load on the meter may still be the connector's old draw."""
LEASE_DOUBT_S: Final = 5.0
"""Around the end of a lease, by how much our clock and the charge point's may differ."""
RESUMED_DOUBT_S: Final = 60.0
"""How long past one lease a limit from before our start may be in force."""


class Held(NamedTuple):
    """One limit in the charge point, or on its way.

    Args:
        lapses_s: From here on it may have fallen to the fail-safe current.
        gone_s: From here on it has.
    """

    limit_da: int
    sent_s: float
    lapses_s: float
    gone_s: float


class Fading(NamedTuple):
    """A higher current that was allowed until a moment ago."""

    limit_da: int
    settled_s: float
    echo_s: float


@dataclass(slots=True)
class Limits:
    """The limits of one connector. Times are monotonic seconds."""

    max_da: int
    failsafe_da: int
    lease_s: float
    online: bool = False
    standing: bool = False
    active: bool = False
    told: bool = False
    """A limit was sent in this transaction."""
    held: Held | None = None
    in_flight: Held | None = None
    failures: int = 0
    failed_s: float = -math.inf
    _unknown_until_s: float = -math.inf
    _limited: bool = False
    _doubts: list[Held] = field(default_factory=list)
    _fading: list[Fading] = field(default_factory=list)

    def begin(self, now_s: float, resumed_at_s: float | None) -> None:
        """A transaction runs; ``resumed_at_s`` is our own start when it was found in the ledger."""
        self._forget()
        self.active = True
        if resumed_at_s is not None:
            self._limited = True
            self._unknown_until_s = resumed_at_s + self.lease_s + RESUMED_DOUBT_S

    def end(self, now_s: float) -> None:
        """The transaction is over: the connector is off at once, its load may echo on the meter."""
        counted_da = self.counted_da(now_s)
        self._forget()
        self.active = False
        self._fading = [Fading(counted_da, now_s, now_s + ECHO_S)]

    def confirm_standing(self, now_s: float) -> None:
        """The charge point holds its fail-safe TxDefaultProfile."""
        before_da = self._allowed_da(now_s)
        self.standing = True
        self._fade(before_da, now_s)

    def lose(self) -> None:
        """Nothing that the charge point held can be relied on any more."""
        self.standing = self._limited = False
        if self.held is not None:
            self._doubts.append(self.held)
        self.held = None

    def send(self, limit_da: int, now_s: float) -> None:
        """``limit_da`` is on its way; only one is at a time."""
        self.told = True
        lapses_s = now_s + self.lease_s - LEASE_DOUBT_S
        self.in_flight = Held(limit_da, now_s, lapses_s, math.inf)

    def confirm(self, now_s: float) -> None:
        """The charge point accepted what was in flight: all doubt about older limits ends."""
        if self.in_flight is None:
            return
        before_da = self._allowed_da(now_s)
        self.held = self._until_gone(self.in_flight, now_s)
        self.in_flight = None
        self._doubts.clear()
        self._limited = True
        self._unknown_until_s = -math.inf
        self.failures = 0
        self._fade(before_da, now_s)

    def fail(self, now_s: float) -> None:
        """What was in flight was refused or got no answer: it may be in force all the same."""
        if self.in_flight is None:
            return
        self._doubts.append(self._until_gone(self.in_flight, now_s))
        self.in_flight = None
        self.failures += 1
        self.failed_s = now_s

    def withdraw(self) -> None:
        """What was in flight was never sent."""
        self.in_flight = None

    def counted_da(self, now_s: float) -> int:
        """The most that the connector may take now."""
        if not self.active:
            return 0 if self.online else self.failsafe_da
        if self._fading:
            self._fading = [fading for fading in self._fading if now_s < fading.echo_s]
        counted_da = self._allowed_da(now_s)
        for fading in self._fading:
            if now_s < fading.settled_s:
                counted_da = max(counted_da, fading.limit_da)
        return counted_da

    def echo_da(self, now_s: float) -> int:
        """The most that the meter may still show of this connector."""
        echo_da = self.counted_da(now_s) if self.active else 0
        for fading in self._fading:
            if now_s < fading.echo_s:
                echo_da = max(echo_da, fading.limit_da)
        return echo_da

    def least_da(self, now_s: float) -> int:
        """The lowest limit that may be in force: nobody can be relied on to draw more."""
        if not self.active:
            return 0
        limits = [held.limit_da for held in self._possible(now_s)]
        if self._base_may_hold(now_s) or not limits:
            limits.append(self._base_da(now_s) if self._limited else self.failsafe_da)
        return min(limits)

    def offer_da(self, now_s: float) -> int:
        """The limit on its way, else the one confirmed, else what holds without any."""
        if not self.active:
            return 0
        if self.in_flight is not None:
            return self.in_flight.limit_da
        if self.held is not None and now_s < self.held.gone_s:
            return self.held.limit_da
        return self._base_da(now_s)

    def in_doubt(self) -> bool:
        """A limit failed, and nothing was confirmed since."""
        return bool(self._doubts)

    def slow(self, now_s: float, patience_s: float) -> bool:
        """A limit has been on its way for longer than ``patience_s``."""
        return self.in_flight is not None and now_s - self.in_flight.sent_s > patience_s

    def refresh_due(self, now_s: float) -> bool:
        """The confirmed limit is past half its lease, and would change at its end."""
        return (
            self.held is not None
            and self.held.limit_da != self.failsafe_da
            and now_s >= self.held.sent_s + self.lease_s / 2
        )

    def _allowed_da(self, now_s: float) -> int:
        """The highest limit that may be in force, as if vehicles followed at once."""
        allowed_da = self._base_da(now_s) if self._base_may_hold(now_s) else 0
        for held in self._possible(now_s):
            allowed_da = max(allowed_da, held.limit_da)
        return allowed_da

    def _possible(self, now_s: float) -> list[Held]:
        possible = [held for held in self._doubts if now_s < held.gone_s]
        if self.held is not None and now_s < self.held.gone_s:
            possible.append(self.held)
        if self.in_flight is not None:
            possible.append(self.in_flight)
        return possible

    def _base_may_hold(self, now_s: float) -> bool:
        return (
            self.held is None
            or now_s >= self.held.lapses_s
            or bool(self._doubts)
            or not self.online
        )

    def _base_da(self, now_s: float) -> int:
        """What holds without a limit of ours."""
        if now_s < self._unknown_until_s:
            return self.max_da
        return self.failsafe_da if self._limited or self.standing else self.max_da

    def _until_gone(self, held: Held, now_s: float) -> Held:
        return held._replace(gone_s=now_s + self.lease_s + LEASE_DOUBT_S)

    def _fade(self, before_da: int, now_s: float) -> None:
        if self.active and before_da > self._allowed_da(now_s):
            self._fading.append(Fading(before_da, now_s + SETTLE_S, now_s + ECHO_S))

    def _forget(self) -> None:
        self.told = False
        self._limited = False
        self.held = None
        self.in_flight = None
        self.failures = 0
        self.failed_s = -math.inf
        self._unknown_until_s = -math.inf
        self._doubts.clear()
        self._fading.clear()
