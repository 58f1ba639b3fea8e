"""The balancing as a state machine: facts in, and each cycle a balance and the limits to send.

Lower first, raise later: a raise goes out only into room that is left when everybody is counted at
the highest limit that may be in force. Times are monotonic seconds throughout.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from gateway.energy.allocate import allocate
from gateway.energy.headroom import PhasesDa
from gateway.energy.member import Member
from gateway.energy.offers import Balance, Reason, Why
from gateway.energy.report import Reporter
from gateway.energy.snapshot import Demand, OutsideLimit, Row, Target
from gateway.energy.steering import SetLimit, Steered, steer
from gateway.energy.tree import Tree
from gateway.energy.watch import Watch
from gateway.site.depot import ConnectorKey, Site
from gateway.site.electrical import PhaseCurrents


class Caps(NamedTuple):
    """Limits that others set, now, for connectors and for the sum over a charge point's."""

    connectors: Mapping[ConnectorKey, OutsideLimit]
    charge_points: Mapping[str, OutsideLimit]


NO_CAPS: Final = Caps({}, {})


class Cycle(NamedTuple):
    """One cycle: what is offered, and what to send, cuts before raises."""

    balance: Balance
    commands: tuple[SetLimit, ...]


class Balancer:
    """Knows every connector and meter of the depot. Keys that the site does not know are ignored.

    Nothing is ever sent to charge points in quiet mode (`Site.is_quiet`): they are watched, and the
    others fit beside what they may take.
    """

    def __init__(self, site: Site, started_s: float = 0.0) -> None:
        """``started_s`` is when the gateway started: limits from before it are unknown."""
        tree = Tree(site)
        self._tree = tree
        self._started_s = started_s
        self._quiet = frozenset(filter(site.is_quiet, site.charge_points))
        self._members = [
            Member(connector, rows, site.balancing)
            for connector, rows in zip(tree.connectors, tree.rows, strict=True)
        ]
        self._by_key = {member.key: member for member in self._members}
        self._by_identity: dict[str, list[Member]] = {}
        for member in self._members:
            self._by_identity.setdefault(member.key.identity, []).append(member)
        self._circuit_of = [tree.index[connector.circuit] for connector in tree.connectors]
        self._watch = Watch(site, tree)
        self._reporter = Reporter(tree)
        self._targets_now: Mapping[ConnectorKey, Target] = {}
        self._asked: list[tuple[Sequence[Row], Sequence[Demand]]] = []
        self._answered: list[dict[ConnectorKey, Target]] = []

    def connected(self, identity: str) -> None:
        """The charge point is online."""
        for member in self._by_identity.get(identity, ()):
            member.limits.online = True

    def disconnected(self, identity: str) -> None:
        """The charge point is offline: nothing that happens there is known."""
        for member in self._by_identity.get(identity, ()):
            member.limits.online = False

    def standing_limit_confirmed(self, identity: str, now_s: float) -> None:
        """The charge point holds its fail-safe TxDefaultProfile."""
        for member in self._by_identity.get(identity, ()):
            member.limits.confirm_standing(now_s)

    def limits_disturbed(self, identity: str) -> None:
        """Somebody else changed its profiles: it counts at its highest current until it confirms
        ours again."""
        for member in self._by_identity.get(identity, ()):
            member.limits.lose()

    def status_changed(self, key: ConnectorKey, status: str, now_s: float) -> None:
        """A StatusNotification; connector 0 says nothing here."""
        if (member := self._by_key.get(key)) is not None:
            member.status_changed(status, now_s)

    def transaction_began(
        self, key: ConnectorKey, transaction_id: int, now_s: float, *, resumed: bool = False
    ) -> None:
        """A transaction runs; ``resumed`` when it was found open in the ledger at start."""
        member = self._by_key.get(key)
        if member is not None and member.transaction_id != transaction_id:
            member.began(transaction_id, now_s, self._started_s if resumed else None)

    def transaction_ended(self, key: ConnectorKey, transaction_id: int, now_s: float) -> None:
        """That transaction is over; a stop of an older one changes nothing."""
        member = self._by_key.get(key)
        if member is not None and member.transaction_id == transaction_id:
            member.ended(now_s)

    def draw_measured(self, key: ConnectorKey, currents: PhaseCurrents, now_s: float) -> None:
        """MeterValues arrived; ``currents`` are on the supply conductors."""
        if (member := self._by_key.get(key)) is not None:
            member.measured(currents, now_s)

    def sampled(self, circuit: str, currents: PhaseCurrents, at_s: float) -> None:
        """A believed meter sample of ``circuit`` arrived at ``at_s``."""
        self._watch.sampled(circuit, currents, at_s)

    def limit_confirmed(self, command: SetLimit, now_s: float) -> None:
        """The charge point accepted the limit."""
        if (member := self._sender(command)) is not None:
            member.confirmed(now_s)

    def limit_failed(self, command: SetLimit, now_s: float) -> None:
        """The limit was refused, or nobody knows whether it arrived."""
        if (member := self._sender(command)) is not None:
            member.limits.fail(now_s)

    def limit_withdrawn(self, command: SetLimit) -> None:
        """The limit was never sent."""
        if (member := self._sender(command)) is not None:
            member.limits.withdraw()

    def cut_waits(self, key: ConnectorKey, now_s: float) -> bool:
        """By the last cycle, ``key`` is to be offered less than the last limit that it was sent."""
        member = self._by_key.get(key)
        if member is None or not member.steerable or member.limits.in_flight is not None:
            return False
        target = self._targets_now.get(key)
        return (
            target is not None
            and target.target_da < member.limits.offer_da(now_s)
            and member.may_retry(now_s, cut=True)
        )

    def cycle(self, now_s: float, caps: Caps = NO_CAPS) -> Cycle:
        """Share what there is. The commands count as sent from here on."""
        members = self._members
        uncontrolled_da = self._watch.uncontrolled_da(members, now_s)
        counted_da = [member.counted_da(now_s) for member in members]
        stale = self._watch.stale_above()
        room_da, cap_rows, rows = self._rows(uncontrolled_da, members, counted_da, caps)
        demands = [
            member.demand(
                now_s,
                caps.connectors.get(member.key),
                stale[circuit],
                cap_rows.get(member.key.identity),
            )
            for member, circuit in zip(members, self._circuit_of, strict=True)
            if member.steerable
        ]
        targets = self._targets_now = self._targets(rows, demands, counted_da, now_s)
        left_da = self._left_da(room_da, cap_rows, counted_da)
        commands = self._steer(targets, demands, counted_da, left_da, now_s)
        for member in members:
            if member.steerable:
                member.queue(member.limits.offer_da(now_s), now_s)
        balance = self._reporter.balance(
            now_s, members, targets, uncontrolled_da, left_da, self._watch, self._quiet
        )
        return Cycle(balance, commands)

    def _rows(
        self,
        uncontrolled_da: list[PhasesDa],
        members: list[Member],
        counted_da: list[int],
        caps: Caps,
    ) -> tuple[list[int], dict[str, int], list[Row]]:
        """Room for connectors on each row; the extra rows of capped charge points; and what of the
        room is there to be shared, for connectors that cannot be told keep theirs."""
        room_da = [
            allowed - load
            for allowed_da, load_da in zip(self._tree.allowed_da, uncontrolled_da, strict=True)
            for allowed, load in zip(allowed_da, load_da, strict=True)
        ]
        bounds = self._tree.bounds
        cap_rows: dict[str, int] = {}
        if caps.charge_points:
            bounds = list(bounds)
            for identity, cap in caps.charge_points.items():
                cap_rows[identity] = len(room_da)
                room_da.append(cap.limit_da)
                bounds.append(Reason(Why.CAP, cap.source))
        budgets = list(room_da)
        for member, taken_da in zip(members, counted_da, strict=True):
            if taken_da and not member.steerable:
                for row in member.rows:
                    budgets[row] -= taken_da
        return room_da, cap_rows, [Row(*pair) for pair in zip(budgets, bounds, strict=True)]

    def _targets(
        self, rows: list[Row], demands: list[Demand], counted_da: list[int], now_s: float
    ) -> dict[ConnectorKey, Target]:
        """The allocation. Connectors that may not follow it keep what they may take, and the others
        share the rest."""
        unruly = {
            member.key: taken_da
            for member, taken_da in zip(self._members, counted_da, strict=True)
            if member.steerable and (member.key.identity in self._quiet or member.unruly(now_s))
        }
        targets = self._remembered(0, rows, demands)
        if not unruly:
            return targets
        budgets = [row.budget_da for row in rows]
        for demand in demands:
            if demand.key in unruly:
                kept_da = max(unruly[demand.key], targets[demand.key].target_da)
                for row in demand.rows:
                    budgets[row] -= kept_da
        rest = [Row(left, row.bound) for left, row in zip(budgets, rows, strict=True)]
        others = [demand for demand in demands if demand.key not in unruly]
        return {**targets, **self._remembered(1, rest, others)}

    def _remembered(
        self, place: int, rows: list[Row], demands: list[Demand]
    ) -> dict[ConnectorKey, Target]:
        """`allocate`, at no cost while nothing changes."""
        if place == len(self._asked):
            self._asked.append(((), ()))
            self._answered.append({})
        if self._asked[place] != (rows, demands):
            self._answered[place] = allocate(rows, demands)
            self._asked[place] = (rows, demands)
        return self._answered[place]

    def _left_da(
        self, room_da: list[int], cap_rows: dict[str, int], counted_da: list[int]
    ) -> list[int]:
        """Room on each row beside everybody at the highest limit that may be in force; none where
        the meter shows an overload, whatever explains it."""
        left_da = list(room_da)
        for member, taken_da in zip(self._members, counted_da, strict=True):
            if taken_da:
                for row in member.rows:
                    left_da[row] -= taken_da
                if (cap_row := cap_rows.get(member.key.identity)) is not None:
                    left_da[cap_row] -= taken_da
        for row, excess_da in self._watch.overloads_da():
            left_da[row] = min(left_da[row], -excess_da)
        return left_da

    def _steer(
        self,
        targets: Mapping[ConnectorKey, Target],
        demands: list[Demand],
        counted_da: list[int],
        left_da: list[int],
        now_s: float,
    ) -> tuple[SetLimit, ...]:
        taken_da = {
            member.key: taken for member, taken in zip(self._members, counted_da, strict=True)
        }
        steered = [
            Steered(self._by_key[d.key], d, targets[d.key].target_da, taken_da[d.key])
            for d in demands
            if d.key.identity not in self._quiet
        ]
        return steer(steered, left_da, now_s)

    def _sender(self, command: SetLimit) -> Member | None:
        member = self._by_key.get(command.key)
        return member if member is not None and member.serial == command.serial else None
