"""Laws of charging profiles and meter values: what is built is what is understood."""

import math
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gateway.ocpp.v16.charging_profiles import lease, standing_profile
from gateway.ocpp.v16.composite import composite
from gateway.ocpp.v16.installed_profiles import Profiles, install
from gateway.ocpp.v16.measurands import draw
from gateway.ocpp.v16.messages import MeterValuesRequest, read, read_time, wire_time
from gateway.ocpp.v16.schedules import Session, limit_a

instants = st.integers(1_577_836_800_000, 2_114_380_800_000).map(
    lambda epoch_ms: datetime.fromtimestamp(epoch_ms / 1000, UTC)
)
limits_da = st.just(0) | st.integers(60, 800)


def _installed(profiles: Profiles, request: bytes) -> Profiles:
    members = msgspec.json.decode(request, type=dict[str, msgspec.Raw])
    connector_id = msgspec.json.decode(members["connectorId"], type=int)
    return install(profiles, connector_id, bytes(members["csChargingProfiles"]))


@given(instants, limits_da, limits_da, st.integers(1, 3600), st.integers(1, 8))
def test_a_lease_gives_its_limit_and_then_fail_safe(
    now: datetime, limit_da: int, failsafe_da: int, lease_s: int, connector_id: int
) -> None:
    profiles = _installed((), standing_profile(failsafe_da))
    request = lease(connector_id, 7, limit_da, failsafe_da, now, float(lease_s))
    profiles = _installed(profiles, request)

    def after(seconds: float) -> float | None:
        at = now + timedelta(seconds=seconds)
        return limit_a(profiles, connector_id, at, Session(now, 7, 230.0, 3))

    assert after(1 - 0.5) == limit_da / 10
    assert after(lease_s + 1) == failsafe_da / 10
    assert after(1e8) == failsafe_da / 10
    assert after(-61) == failsafe_da / 10


@given(instants, limits_da, limits_da, st.integers(1, 3600), st.integers(0, 3600))
def test_the_composite_agrees_with_the_limit_at_every_stretch(
    now: datetime, limit_da: int, failsafe_da: int, lease_s: int, at_s: int
) -> None:
    profiles = _installed((), standing_profile(failsafe_da))
    profiles = _installed(profiles, lease(1, 7, limit_da, failsafe_da, now, float(lease_s)))
    session = Session(now, 7, 230.0, 3)
    found = composite(profiles, 1, now, 3601, {1: session})
    shown = [stretch.limit for stretch in found.stretches if stretch.start_s <= at_s][-1]
    assert shown == limit_a(profiles, 1, found.start + timedelta(seconds=at_s), session)


@given(instants)
def test_an_instant_survives_the_wire_to_the_millisecond(at: datetime) -> None:
    back = read_time(wire_time(at))
    assert back is not None
    assert abs(at - back) < timedelta(milliseconds=1)


@given(st.text())
def test_no_text_breaks_the_reading_of_instants(text: str) -> None:
    found = read_time(text)
    assert found is None or found.tzinfo is UTC


words = st.text(max_size=12) | st.sampled_from(
    ["L1", "L2-N", "Current.Import", "Power.Active.Import", "A", "kW", "nan", "1e999", "16.0"]
)
samples = st.dictionaries(
    st.sampled_from(["value", "measurand", "phase", "unit", "location", "format"]),
    words | st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False),
)


@given(st.lists(st.lists(samples, max_size=6), max_size=3), st.integers(1, 3))
def test_a_draw_is_finite_whatever_a_charge_point_says(
    values: list[list[dict[str, object]]], phase_count: int
) -> None:
    meter_value = [{"timestamp": "2026-08-01T12:00:00Z", "sampledValue": value} for value in values]
    request = read(
        MeterValuesRequest, msgspec.json.encode({"connectorId": 1, "meterValue": meter_value})
    )
    drawn = draw(request, phase_count, 230.0)
    if drawn is not None:
        assert len(drawn.currents_a) == phase_count
        assert all(math.isfinite(current_a) and current_a >= 0 for current_a in drawn.currents_a)
