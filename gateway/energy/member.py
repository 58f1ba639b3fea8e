"""One connector as the balancing knows it: limits, draw, vehicle's wish, place in the queue.

Everything here is about this connector alone; who gets what is decided elsewhere.
"""

import math
from typing import Final

from gateway.energy.draw import Draw
from gateway.energy.limits import Limits
from gateway.energy.offers import Reason, Why
from gateway.energy.snapshot import NO_WISH, Demand, OutsideLimit
from gateway.energy.stability import FIRST_S, RaiseHold, retry_pause_s
from gateway.energy.wish import Wish
from gateway.site.depot import BalancingRules, Connector
from gateway.site.electrical import MIN_OFFER_DA, PhaseCurrents, to_da

PINNED_S: Final = 900.0
"""A vehicle that charges is not paused for another of equal priority before this time is over."""
SLOW_S: Final = 5.0
"""A limit on its way for longer than this is no longer relied on."""
ASLEEP: Final = frozenset({"SuspendedEV", "Finishing"})
"""OCPP 1.6 §4.9: the vehicle takes nothing, for its own reasons."""

SUFFICIENT: Final = Reason(Why.VEHICLE)


class Member:
    """A connector of the depot. Times are monotonic seconds."""

    def __init__(self, connector: Connector, rows: tuple[int, ...], rules: BalancingRules) -> None:
        self.key = connector.key
        self.rows = rows
        self.priority = connector.priority
        self.limits = Limits(to_da(connector.max_a), to_da(connector.failsafe_a), rules.lease_s)
        self.draw = Draw(connector.conductors)
        self.wish = Wish()
        self.hold = RaiseHold(rules.raise_hold_s)
        self.transaction_id: int | None = None
        self.status = ""
        self.serial = 0
        self._began_s = -math.inf
        self._on_since_s = math.inf
        self._waiting_since_s = math.inf

    @property
    def steerable(self) -> bool:
        """It has a transaction, and can be told a limit."""
        return self.limits.active and self.limits.online

    def began(self, transaction_id: int, now_s: float, resumed_at_s: float | None) -> None:
        """A transaction runs."""
        self.transaction_id = transaction_id
        self._began_s = now_s if resumed_at_s is None else -math.inf
        self.limits.begin(now_s, resumed_at_s)
        self.draw.forget()
        self.draw.moved_s = self.draw.changed_s = now_s
        self.wish.reset()
        self.hold.reset()
        self._on_since_s = self._waiting_since_s = math.inf

    def ended(self, now_s: float) -> None:
        """The transaction is over."""
        self.transaction_id = None
        self.limits.end(now_s)
        self.wish.reset()

    def status_changed(self, status: str, now_s: float) -> None:
        """OCPP's word for the connector changed; a vehicle that wakes may take up its offer."""
        if status == "Charging" and self.status != "Charging":
            self.draw.moved_s = now_s
        self.status = status

    def measured(self, currents: PhaseCurrents, now_s: float) -> None:
        """MeterValues arrived."""
        self.draw.measure(currents, now_s)
        if self.limits.active:
            offer_da = self.limits.offer_da(now_s)
            self.wish.measured(self.draw.worst_da(), offer_da, self.draw.moved_s, now_s)

    def sent(self, limit_da: int, now_s: float) -> None:
        """A limit goes out to the charge point."""
        offer_da = self.limits.offer_da(now_s)
        if limit_da > offer_da:
            self.draw.moved_s = now_s
            self.hold.raised(now_s)
        if limit_da != offer_da:
            self.draw.changed_s = now_s
        self.limits.send(limit_da, now_s)
        self.serial += 1

    def confirmed(self, now_s: float) -> None:
        """The charge point accepted the limit."""
        before = self.limits.held
        self.limits.confirm(now_s)
        after = self.limits.held
        if before is None or after is None or before.limit_da != after.limit_da:
            self.draw.changed_s = now_s
            if before is None or (after is not None and after.limit_da > before.limit_da):
                self.draw.moved_s = now_s

    def counted_da(self, now_s: float) -> int:
        """The most that it may take now; what MeterValues prove beyond that counts too."""
        counted_da = self.limits.counted_da(now_s)
        if not self.limits.active:
            return counted_da
        return counted_da + self.draw.excess_da(counted_da, now_s)

    def unruly(self, now_s: float) -> bool:
        """It cannot be relied on to follow its target: others must fit beside what it may take."""
        limits = self.limits
        return (
            limits.in_doubt()
            or limits.slow(now_s, SLOW_S)
            or self.draw.excess_da(limits.counted_da(now_s), now_s) > 0
        )

    def may_be_told(self, now_s: float) -> bool:
        """No limit is on its way, and the charge point has had time to learn its transaction id."""
        return self.limits.in_flight is None and now_s - self._began_s >= FIRST_S

    def may_retry(self, now_s: float, *, cut: bool) -> bool:
        """Enough time has passed since the last failure; a cut never waits long."""
        failures = self.limits.failures
        if failures == 0:
            return True
        return now_s - self.limits.failed_s >= retry_pause_s(1 if cut else failures)

    def demand(
        self, now_s: float, cap: OutsideLimit | None, stale: str | None, cap_row: int | None
    ) -> Demand:
        """What to ask the allocation for.

        Args:
            stale: The circuit above whose meter is silent, if any.
            cap_row: The row of a cap on its whole charge point, if any.
        """
        self.wish.probe(now_s)
        asleep = self.status in ASLEEP
        wanted_da, wish = self.limits.max_da, NO_WISH
        liked_da = MIN_OFFER_DA if asleep else self.wish.limit_da
        if liked_da is not None and liked_da < wanted_da:
            wanted_da, wish = liked_da, SUFFICIENT
        if cap is not None and cap.limit_da < wanted_da:
            wanted_da, wish = cap.limit_da, Reason(Why.CAP, cap.source)
        if stale is not None and self.limits.failsafe_da <= wanted_da:
            wanted_da, wish = self.limits.failsafe_da, Reason(Why.METER_SILENT, stale)
        return Demand(
            self.key,
            self.rows if cap_row is None else (*self.rows, cap_row),
            wanted_da,
            self.priority,
            wish,
            asleep,
            now_s - self._on_since_s < PINNED_S and self._on_since_s != math.inf,
            self._waiting_since_s,
        )

    def queue(self, offer_da: int, now_s: float) -> None:
        """Keep its place among those that wait; ``offer_da`` is what it is offered now."""
        if offer_da >= MIN_OFFER_DA:
            self._waiting_since_s = math.inf
            if self._on_since_s == math.inf:
                self._on_since_s = now_s
        else:
            self._on_since_s = math.inf
            if self._waiting_since_s == math.inf:
                self._waiting_since_s = now_s
