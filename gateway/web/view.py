"""The depot as a person sees it, put together from the facts on the bus. It asks nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.energy.offers import CircuitLoad
from gateway.events import (
    BacklogChanged,
    Balanced,
    ChargePointConnected,
    ChargePointDisconnected,
    ConnectorStatusChanged,
    DrawMeasured,
    MeterDoubted,
    MeterSampled,
    TransactionBegan,
    TransactionEnded,
    UpstreamConnected,
    UpstreamDisconnected,
)
from gateway.ports import Clock
from gateway.runtime.bus import Bus
from gateway.site.depot import ChargePoint, Circuit, Connector, ConnectorKey, Site
from gateway.site.electrical import CONDUCTORS, PhaseCurrents, to_a
from gateway.web.banners import banners, silent_meter
from gateway.web.state import (
    Banner,
    ChargePointState,
    CircuitState,
    ConnectorState,
    DepotState,
    Phases,
    UpstreamState,
)

SILENT_AFTER_S = 3.0
"""A meter value is due each second; a meter this late gets a banner."""

LONGEST_TEXT = 200
"""Characters kept of a sentence that may quote a peer."""


@dataclass(frozen=True, slots=True)
class _Running:
    """A transaction that runs, and its connector's energy register at the start."""

    local_transaction_id: int
    masked_id_tag: str
    meter_start_wh: float | None


def masked(id_tag: str) -> str:
    """The end of ``id_tag`` behind dots: at most four characters, and at most a third of it."""
    shown = min(4, len(id_tag) // 3)
    return "••••" + id_tag[len(id_tag) - shown :]


class DepotView:
    """Follows the bus and tells the state of the depot at any moment.

    Create it before the services start, so that it misses no event. What is unknown to the site
    file is left out.
    """

    def __init__(self, site: Site, bus: Bus, clock: Clock) -> None:
        self._site = site
        self._clock = clock
        self._balanced: Balanced | None = None
        self._online: set[str] = set()
        self._status: dict[ConnectorKey, tuple[str, str]] = {}
        self._running: dict[ConnectorKey, _Running] = {}
        self._drawn: dict[ConnectorKey, PhaseCurrents | None] = {}
        self._register_wh: dict[ConnectorKey, float] = {}
        self._cloud: dict[str, tuple[str, str]] = {}
        self._waiting: dict[str, int] = {}
        self._sampled_at_s: dict[str, float] = {}
        self._doubts: dict[str, str] = {}
        self._worst_a: dict[str, Phases] = {}
        self._order = tuple(_tree(site))
        self._quiet = tuple(filter(site.is_quiet, site.charge_points))
        self._follow(bus)

    @property
    def site(self) -> Site:
        """The depot that is shown."""
        return self._site

    @property
    def balanced_age_s(self) -> float | None:
        """Time since the last balancing cycle; None before the first."""
        if self._balanced is None:
            return None
        age_s = self._clock.now().monotonic_s - self._balanced.balance.monotonic_s
        return round(max(0.0, age_s), 1)

    def state(self) -> DepotState:
        """Everything, as it is now."""
        circuits = [self._circuit(circuit, depth) for circuit, depth in self._order]
        charge_points = [self._charge_point(cp) for cp in self._site.charge_points.values()]
        age_s = self.balanced_age_s
        return DepotState(
            site=self._site.name,
            at=self._clock.now().utc.isoformat(timespec="seconds"),
            balanced_age_s=age_s,
            feeder=circuits[0],
            circuits=circuits,
            charge_points=charge_points,
            banners=banners(circuits, charge_points, list(self._silent()), age_s, self._quiet),
        )

    def _follow(self, bus: Bus) -> None:
        bus.subscribe(Balanced, self._on_balanced)
        bus.subscribe(ChargePointConnected, lambda event: self._online.add(event.identity))
        bus.subscribe(ChargePointDisconnected, lambda event: self._online.discard(event.identity))
        bus.subscribe(ConnectorStatusChanged, self._on_status)
        bus.subscribe(TransactionBegan, self._on_began)
        bus.subscribe(TransactionEnded, self._on_ended)
        bus.subscribe(DrawMeasured, self._on_draw)
        bus.subscribe(MeterSampled, self._on_sample)
        bus.subscribe(MeterDoubted, self._on_doubt)
        bus.subscribe(UpstreamConnected, self._on_upstream)
        bus.subscribe(UpstreamDisconnected, self._on_upstream_lost)
        bus.subscribe(BacklogChanged, self._on_backlog)

    def _on_balanced(self, event: Balanced) -> None:
        self._balanced = event
        for key, offer in event.balance.offers.items():
            self._drawn[key] = offer.drawn
        for load in event.balance.circuits.values():
            if load.load is not None:
                self._remember_worst(load.name, load.load)

    def _on_status(self, event: ConnectorStatusChanged) -> None:
        self._status[event.key] = (event.status, event.error_code)

    def _on_began(self, event: TransactionBegan) -> None:
        self._running[event.key] = _Running(
            event.local_transaction_id, masked(event.id_tag), event.meter_start_wh
        )
        self._register_wh.pop(event.key, None)

    def _on_ended(self, event: TransactionEnded) -> None:
        running = self._running.get(event.key)
        if running and running.local_transaction_id == event.local_transaction_id:
            del self._running[event.key]
            self._drawn.pop(event.key, None)

    def _on_draw(self, event: DrawMeasured) -> None:
        self._drawn[event.key] = event.currents
        if event.energy_wh is not None:
            self._register_wh[event.key] = event.energy_wh

    def _on_sample(self, event: MeterSampled) -> None:
        sample = event.sample
        self._sampled_at_s[sample.meter] = sample.monotonic_s
        self._doubts.pop(sample.meter, None)
        self._remember_worst(sample.circuit, sample.currents)

    def _on_doubt(self, event: MeterDoubted) -> None:
        self._doubts[event.meter] = event.reason[:LONGEST_TEXT]

    def _on_upstream(self, event: UpstreamConnected) -> None:
        self._cloud[event.identity] = ("connected", "")

    def _on_upstream_lost(self, event: UpstreamDisconnected) -> None:
        self._cloud[event.identity] = ("away", event.reason[:LONGEST_TEXT])

    def _on_backlog(self, event: BacklogChanged) -> None:
        self._waiting[event.identity] = event.waiting

    def _remember_worst(self, name: str, load: PhaseCurrents) -> None:
        circuit = self._site.circuits.get(name)
        if circuit is None:
            return
        worst = self._worst_a.get(name, (0.0, 0.0, 0.0))
        over = [load[c] - circuit.limit_a[c] for c in CONDUCTORS]
        self._worst_a[name] = (
            max(worst[0], over[0]),
            max(worst[1], over[1]),
            max(worst[2], over[2]),
        )

    def _worst(self, name: str) -> Phases | None:
        if all(meter.circuit != name for meter in self._site.meters.values()):
            return None
        return _phases(PhaseCurrents(*self._worst_a.get(name, (0.0, 0.0, 0.0))))

    def _silent(self) -> Iterator[Banner]:
        now_s = self._clock.now().monotonic_s
        for meter in self._site.meters:
            sampled_at_s = self._sampled_at_s.get(meter)
            doubt = self._doubts.get(meter, "")
            if sampled_at_s is None:
                if doubt:
                    yield silent_meter(meter, None, doubt)
            elif now_s - sampled_at_s > SILENT_AFTER_S:
                yield silent_meter(meter, now_s - sampled_at_s, doubt)

    def _circuit(self, circuit: Circuit, depth: int) -> CircuitState:
        load = self._balanced.balance.circuits.get(circuit.name) if self._balanced else None
        return CircuitState(
            name=circuit.name,
            parent=circuit.parent,
            depth=depth,
            limit_a=_phases(circuit.limit_a),
            margin_a=circuit.margin_a,
            load_a=_phases(load.load) if load and load.load else None,
            counted_a=_counted_a(circuit, load) if load else None,
            headroom_a=_phases(PhaseCurrents(*map(to_a, load.headroom_da))) if load else None,
            worst_overload_a=self._worst(circuit.name),
            age_s=round(load.age_s, 1) if load and load.age_s is not None else None,
            failsafe=bool(load and load.failsafe),
        )

    def _charge_point(self, charge_point: ChargePoint) -> ChargePointState:
        identity = charge_point.identity
        status, error_code = self._status.get(ConnectorKey(identity, 0), ("Unknown", "NoError"))
        return ChargePointState(
            identity=identity,
            online=identity in self._online,
            status=status,
            error_code=error_code,
            upstream=self._upstream(charge_point),
            connectors=[self._connector(connector) for connector in charge_point.connectors],
        )

    def _upstream(self, charge_point: ChargePoint) -> UpstreamState:
        if self._site.upstream is None or charge_point.upstream_identity is None:
            return UpstreamState("none")
        state, reason = self._cloud.get(charge_point.identity, ("connecting", ""))
        return UpstreamState(state, self._waiting.get(charge_point.identity, 0), reason)

    def _connector(self, connector: Connector) -> ConnectorState:
        key = connector.key
        status, error_code = self._status.get(key, ("Unknown", "NoError"))
        running = self._running.get(key)
        drawn = self._drawn.get(key)
        offer = self._balanced.balance.offers.get(key) if self._balanced else None
        return ConnectorState(
            connector_id=key.connector_id,
            circuit=connector.circuit,
            status=status,
            error_code=error_code,
            active=running is not None,
            local_transaction_id=running.local_transaction_id if running else None,
            id_tag=running.masked_id_tag if running else None,
            phases=[conductor.name for conductor in connector.conductors],
            max_a=connector.max_a,
            failsafe_a=connector.failsafe_a,
            offer_a=to_a(offer.offer_da) if offer else 0.0,
            target_a=to_a(offer.target_da) if offer else 0.0,
            counted_a=to_a(offer.counted_da) if offer else 0.0,
            drawn_a=_phases(drawn) if drawn else None,
            why=offer.reason.why.name.lower() if offer else "starting",
            reason=str(offer.reason) if offer else "no balancing cycle yet",
            energy_wh=self._energy_wh(key, running),
        )

    def _energy_wh(self, key: ConnectorKey, running: _Running | None) -> float | None:
        register_wh = self._register_wh.get(key)
        if running is None or running.meter_start_wh is None or register_wh is None:
            return None
        return max(0.0, register_wh - running.meter_start_wh)


def _phases(currents: PhaseCurrents) -> Phases:
    l1_a, l2_a, l3_a = (round(current_a, 1) + 0.0 for current_a in currents)  # + 0.0: never "-0.0"
    return (l1_a, l2_a, l3_a)


def _counted_a(circuit: Circuit, load: CircuitLoad) -> Phases:
    free_a = [circuit.limit_a[c] - circuit.margin_a - to_a(load.headroom_da[c]) for c in CONDUCTORS]
    return _phases(PhaseCurrents(*free_a))


def _tree(site: Site) -> Iterator[tuple[Circuit, int]]:
    """Every circuit with its depth, each before those that it feeds, in the order of the file."""
    pending = [(site.feeder, 0)]
    while pending:
        circuit, depth = pending.pop()
        yield circuit, depth
        fed = [child for child in site.circuits.values() if child.parent == circuit.name]
        pending.extend((child, depth + 1) for child in reversed(fed))
