"""Banners: the worst first, each once, in words that stay."""

from gateway.web.banners import banners, silent_meter
from gateway.web.state import (
    Banner,
    ChargePointState,
    CircuitState,
    ConnectorState,
    UpstreamState,
)

FINE = UpstreamState("connected")


def circuit(load_a: float | None = 10.0, *, failsafe: bool = False) -> CircuitState:
    load = None if load_a is None else (load_a, 1.0, 1.0)
    zero = (0.0, 0.0, 0.0)
    limit = (63.0, 63.0, 63.0)
    return CircuitState("feeder", None, 0, limit, 2.0, load, load, zero, zero, 0.2, failsafe)


def connector(status: str = "Available") -> ConnectorState:
    return ConnectorState(
        connector_id=1,
        circuit="feeder",
        status=status,
        error_code="GroundFailure",
        active=False,
        local_transaction_id=None,
        id_tag=None,
        phases=["L1"],
        max_a=32.0,
        failsafe_a=6.0,
        offer_a=0.0,
        target_a=0.0,
        counted_a=0.0,
        drawn_a=None,
        why="idle",
        reason="no transaction",
        energy_wh=None,
    )


def charge_point(
    identity: str = "CP",
    *,
    online: bool = True,
    status: str = "Available",
    upstream: UpstreamState = FINE,
    outlet: str = "Available",
) -> ChargePointState:
    return ChargePointState(identity, online, status, "Other", upstream, [connector(outlet)])


def found(
    *points: ChargePointState,
    load_a: float | None = 10.0,
    failsafe: bool = False,
    age_s: float | None = 0.5,
    quiet: list[str] | bool = False,
    silent: tuple[Banner, ...] = (),
) -> list[Banner]:
    names = [point.identity for point in points] if quiet is True else quiet or []
    return banners([circuit(load_a, failsafe=failsafe)], points, silent, age_s, names)


def test_a_depot_in_order_has_no_banner() -> None:
    assert found(charge_point()) == []


def test_an_overload_names_the_conductor_and_by_how_much() -> None:
    (banner,) = found(load_a=66.2)
    assert (banner.level, banner.kind) == ("alarm", "overload")
    assert banner.text == "feeder is above its limit."
    assert banner.detail == "L1 by 3.2 A"


def test_no_overload_is_claimed_of_a_circuit_that_nothing_measures() -> None:
    assert found(load_a=None) == []


def test_fail_safe_names_the_circuits() -> None:
    (banner,) = found(failsafe=True)
    assert banner.kind == "failsafe"
    assert "feeder" in banner.text


def test_alarms_come_first() -> None:
    kinds = [
        banner.kind
        for banner in found(
            charge_point(online=False, upstream=UpstreamState("away", 3), outlet="Faulted"),
            load_a=70.0,
            failsafe=True,
            age_s=30.0,
            silent=(silent_meter("grid", 8.2, ""),),
        )
    ]
    assert kinds == ["stalled", "overload", "failsafe", "meter", "fault", "cloud", "offline"]


def test_a_fault_is_named_by_its_error_code() -> None:
    whole, outlet = found(charge_point(status="Faulted", outlet="Faulted"))
    assert whole.text == "CP is faulted: Other."
    assert outlet.text == "CP/1 is faulted: GroundFailure."


def test_the_whole_cloud_away_is_one_banner_with_all_that_waits() -> None:
    away = UpstreamState("away", 1)
    (banner,) = found(charge_point("A", upstream=away), charge_point("B", upstream=away))
    assert banner.text.startswith("Cloud is away.")
    assert banner.detail == "2 messages waiting"


def test_one_message_waits_in_the_singular() -> None:
    (banner,) = found(charge_point(upstream=UpstreamState("away", 1)))
    assert banner.detail == "1 message waiting"


def test_many_offline_charge_points_are_counted_not_listed() -> None:
    (banner,) = found(*(charge_point(f"CP-{n}", online=False) for n in range(1, 10)))
    assert banner.text.startswith("Offline: CP-1, CP-2, CP-3, CP-4, CP-5, CP-6 and 3 more.")


def test_one_offline_charge_point_is_spoken_of_in_the_singular() -> None:
    (banner,) = found(charge_point(online=False))
    assert banner.text == "Offline: CP. Its fail-safe current is reserved."


def test_before_the_first_cycle_the_page_says_so() -> None:
    (banner,) = found(age_s=None)
    assert banner.kind == "starting"


def test_quiet_mode_is_said_and_expects_no_cycle() -> None:
    (banner,) = found(charge_point(), age_s=None, quiet=True)
    assert banner.kind == "quiet"
    (banner,) = found(charge_point(), age_s=100.0, quiet=True)
    assert banner.text == "Quiet mode: currents are watched, not limited."


def test_one_charge_point_in_quiet_mode_is_named_and_the_others_need_their_cycles() -> None:
    points = (charge_point("CP-01"), charge_point("CP-02"))
    (banner,) = found(*points, quiet=["CP-02"])
    assert (banner.level, banner.kind) == ("note", "quiet")
    assert banner.text == "Quiet mode: currents of CP-02 are watched, not limited."
    kinds = [banner.kind for banner in found(*points, age_s=100.0, quiet=["CP-02"])]
    assert kinds == ["stalled", "quiet"]
