from pathlib import Path

import pytest

from gateway import config
from gateway.demo.plan import Ports, site_file, site_plan

PORTS = Ports(9001, 9002, 9003)


@pytest.mark.parametrize("charge_points", [1, 2, 3, 6, 12, 50])
def test_the_gateway_takes_the_site_file_of_any_size(charge_points: int) -> None:
    plan = site_plan(charge_points)
    text = site_file(plan, PORTS, "ws://127.0.0.1:9/ocpp", 60.0)
    site = config.parse(text.encode(), "site.toml", Path("/nowhere"))
    assert list(site.charge_points) == [place.identity for place in plan.charge_points]
    built = {place.identity: place.connector for place in plan.charge_points}
    for connector in site.connectors():
        assert connector.conductors == built[connector.key.identity].conductors
    assert site.feeder.limit_a.l1_a == plan.limit_a


def test_the_fuse_is_too_small_for_everybody_at_once() -> None:
    plan = site_plan(12)
    for conductor in range(3):
        wanted_a = sum(32.0 for p in plan.charge_points if conductor in p.connector.conductors)
        assert wanted_a > 2 * plan.limit_a


def test_a_short_run_meters_more_often() -> None:
    plan = site_plan(1)
    assert "meter_values_interval_s = 3" in site_file(plan, PORTS, "ws://127.0.0.1:9/ocpp", 40.0)
    assert "meter_values_interval_s = 10" in site_file(plan, PORTS, "ws://127.0.0.1:9/ocpp", 600.0)
