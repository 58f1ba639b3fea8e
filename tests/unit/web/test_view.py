"""The state follows the bus, and tells no idTag."""

import msgspec

from gateway.energy.offers import Why
from gateway.events import (
    BacklogChanged,
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
from gateway.metering.sample import Sample
from gateway.runtime.bus import Bus
from gateway.site.depot import ConnectorKey, Site
from gateway.site.electrical import PhaseCurrents
from gateway.web.state import Banner, ConnectorState
from gateway.web.view import DepotView, masked
from tests.unit.web.yard import StillClock, balanced, each, make_site

KEY = ConnectorKey("CP-01", 1)


class Watched:
    """A view, and the bus and the clock that it looks at."""

    def __init__(self, site: Site | None = None) -> None:
        self.bus = Bus()
        self.clock = StillClock()
        self.view = DepotView(site or make_site(), self.bus, self.clock)

    @property
    def connector(self) -> ConnectorState:
        return self.view.state().charge_points[0].connectors[0]

    def banner(self, kind: str) -> Banner | None:
        return next((b for b in self.view.state().banners if b.kind == kind), None)


def test_a_depot_is_shown_before_anything_happened() -> None:
    state = Watched().view.state()
    assert state.site == "Hall Nord"
    assert [c.name for c in state.circuits] == ["feeder", "hall"]
    assert [c.depth for c in state.circuits] == [0, 1]
    assert state.feeder is state.circuits[0]
    assert [cp.online for cp in state.charge_points] == [False, False]
    assert state.charge_points[0].connectors[0].status == "Unknown"
    assert state.charge_points[0].upstream.state == "connecting"
    assert state.feeder.load_a is None
    assert state.balanced_age_s is None


def test_a_charge_point_is_online_while_it_is_connected() -> None:
    seen = Watched()
    seen.bus.publish(ChargePointConnected("CP-01"))
    assert [cp.online for cp in seen.view.state().charge_points] == [True, False]
    seen.bus.publish(ChargePointDisconnected("CP-01"))
    assert not seen.view.state().charge_points[0].online


def test_a_status_belongs_to_its_connector_or_to_the_charge_point() -> None:
    seen = Watched()
    seen.bus.publish(ConnectorStatusChanged(KEY, "Charging", "NoError"))
    seen.bus.publish(ConnectorStatusChanged(ConnectorKey("CP-01", 0), "Unavailable", "NoError"))
    assert seen.connector.status == "Charging"
    assert seen.view.state().charge_points[0].status == "Unavailable"


def test_an_offer_comes_with_its_reason() -> None:
    seen = Watched()
    seen.bus.publish(balanced({KEY: (165, Why.SHARED, each(15.96))}, detail="hall L2"))
    connector = seen.connector
    assert connector.offer_a == 16.5
    assert connector.why == "shared"
    assert connector.reason == "shares what is free (hall L2)"
    assert connector.drawn_a == (16.0, 16.0, 16.0)


def test_a_circuit_without_a_meter_is_shown_as_it_is_counted() -> None:
    seen = Watched()
    seen.bus.publish(balanced())
    feeder, hall = seen.view.state().circuits
    assert feeder.load_a == (20.0, 20.0, 20.0)
    assert feeder.headroom_a == (41.0, 40.0, 39.0)
    assert feeder.counted_a == (20.0, 21.0, 22.0)
    assert hall.load_a is None
    assert hall.counted_a == (16.0, 16.0, 16.0)


def test_a_running_transaction_tells_its_energy_but_never_its_whole_tag() -> None:
    seen = Watched()
    seen.bus.publish(TransactionBegan(KEY, 7, "04A1B2C3D4E5F6", meter_start_wh=1_000))
    seen.bus.publish(DrawMeasured(KEY, each(9.0), 3_500.0))
    connector = seen.connector
    assert connector.active
    assert connector.local_transaction_id == 7
    assert connector.energy_wh == 2_500.0
    assert connector.id_tag == "••••E5F6"
    assert b"04A1B2C3D4E5F6" not in msgspec.json.encode(seen.view.state())


def test_energy_is_unknown_without_the_register_at_the_start() -> None:
    seen = Watched()
    seen.bus.publish(TransactionBegan(KEY, 7, "TAG"))
    seen.bus.publish(DrawMeasured(KEY, each(9.0), 3_500.0))
    assert seen.connector.energy_wh is None


def test_an_ended_transaction_is_no_longer_shown() -> None:
    seen = Watched()
    seen.bus.publish(TransactionBegan(KEY, 7, "TAG"))
    seen.bus.publish(DrawMeasured(KEY, each(9.0)))
    seen.bus.publish(TransactionEnded(KEY, 7))
    connector = seen.connector
    assert not connector.active
    assert connector.id_tag is None
    assert connector.drawn_a is None


def test_the_late_end_of_an_older_transaction_does_not_hide_the_newer() -> None:
    seen = Watched()
    seen.bus.publish(TransactionBegan(KEY, 8, "TAG"))
    seen.bus.publish(TransactionEnded(KEY, 7))
    assert seen.connector.local_transaction_id == 8


def test_the_worst_overload_is_remembered_per_conductor() -> None:
    seen = Watched()
    for currents in (PhaseCurrents(60.0, 66.25, 64.0), PhaseCurrents(10.0, 10.0, 65.0)):
        sample = Sample("grid", "feeder", currents, None, None, 1000.0)
        seen.bus.publish(MeterSampled(sample))
    feeder, hall = seen.view.state().circuits
    assert feeder.worst_overload_a == (0.0, 3.2, 2.0)
    assert hall.worst_overload_a is None, "no meter watches it"


def test_a_meter_without_a_fresh_value_gets_a_banner_with_its_age() -> None:
    seen = Watched()
    seen.bus.publish(MeterSampled(Sample("grid", "feeder", each(1.0), None, None, 1000.0)))
    assert seen.banner("meter") is None
    seen.bus.publish(MeterDoubted("grid", "no answer within 1 s"))
    assert seen.banner("meter") is None, "one missed value is no news"
    seen.clock.monotonic_s = 1012.0
    banner = seen.banner("meter")
    assert banner is not None
    assert banner.text == "Meter grid is silent."
    assert banner.detail == "last value 12 s ago; no answer within 1 s"


def test_a_meter_that_never_answered_gets_a_banner_too() -> None:
    seen = Watched()
    seen.bus.publish(MeterDoubted("grid", "connection refused"))
    banner = seen.banner("meter")
    assert banner is not None
    assert banner.detail == "no value since the start; connection refused"


def test_upstream_tells_its_state_and_what_waits() -> None:
    seen = Watched()
    seen.bus.publish(UpstreamConnected("CP-01"))
    assert seen.view.state().charge_points[0].upstream.state == "connected"
    seen.bus.publish(UpstreamDisconnected("CP-01", "x" * 900))
    seen.bus.publish(BacklogChanged("CP-01", 17))
    upstream = seen.view.state().charge_points[0].upstream
    assert (upstream.state, upstream.waiting, len(upstream.reason)) == ("away", 17, 200)
    banner = seen.banner("cloud")
    assert banner is not None
    assert banner.text.startswith("Cloud is away for 1 of 2 charge points.")
    assert banner.detail == "17 messages waiting"


def test_balancing_that_stands_still_is_an_alarm() -> None:
    seen = Watched()
    seen.bus.publish(balanced(monotonic_s=1000.0))
    assert seen.banner("stalled") is None
    seen.clock.monotonic_s = 1009.0
    banner = seen.banner("stalled")
    assert banner is not None
    assert banner.level == "alarm"
    assert seen.view.balanced_age_s == 9.0


def test_strangers_are_left_out() -> None:
    seen = Watched()
    seen.bus.publish(ChargePointConnected("CP-99"))
    seen.bus.publish(ConnectorStatusChanged(ConnectorKey("CP-99", 1), "Charging", "NoError"))
    seen.bus.publish(MeterSampled(Sample("other", "nowhere", each(999.0), None, None, 1.0)))
    assert [cp.identity for cp in seen.view.state().charge_points] == ["CP-01", "CP-02"]


def test_a_short_tag_is_masked_whole() -> None:
    assert masked("AB") == "••••"
    assert masked("") == "••••"
    assert masked("ABCDEF") == "••••EF"
    assert masked("ABCDEFGHIJKLMNOPQRST") == "••••QRST"
