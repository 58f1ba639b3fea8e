"""What makes a reading a sample."""

import math
from dataclasses import replace

import pytest

from gateway.metering.judge import STILL_S, Doubt, judge, watch
from gateway.metering.sample import Reading, Sample
from gateway.site.depot import MeterSite
from gateway.site.electrical import PhaseCurrents

METER = MeterSite("main", "grid", "modbus-tcp", "eastron_sdm630_v2", "127.0.0.1", 502, 1)
GOOD = Reading((10.0, 20.0, 30.0), (2300.0, 4600.0, 6900.0), (230.0, 231.0, 229.0))


def sample_of(reading: Reading) -> Sample:
    found = judge(METER, reading, 5.0)
    assert isinstance(found, Sample), found
    return found


def doubt_of(reading: Reading) -> str:
    found = judge(METER, reading, 5.0)
    assert isinstance(found, Doubt), found
    return found.reason


def test_a_plausible_reading_becomes_a_sample() -> None:
    assert sample_of(GOOD) == Sample(
        "main", "grid", PhaseCurrents(10, 20, 30), 13800.0, (230.0, 231.0, 229.0), 5.0
    )


def test_the_total_of_the_meter_is_preferred_to_the_sum() -> None:
    assert sample_of(replace(GOOD, power_total_w=13790.0)).power_w == 13790.0


def test_export_makes_an_unsigned_current_negative() -> None:
    reading = replace(GOOD, powers_w=(2300.0, -4620.0, 6870.0))
    assert sample_of(reading).currents == PhaseCurrents(10.0, -20.0, 30.0)


def test_a_little_export_relieves_a_fuse_by_its_active_part_only() -> None:
    reading = replace(GOOD, powers_w=(-23.0, 4600.0, 6900.0))
    assert sample_of(reading).currents.l1_a == pytest.approx(-0.1)


def test_import_counts_at_its_full_size_whatever_sign_the_meter_gave() -> None:
    assert sample_of(replace(GOOD, currents_a=(-10.0, 20.0, 30.0))).currents.l1_a == 10.0


def test_without_power_the_sign_of_the_meter_stands() -> None:
    reading = Reading((-10.0, 20.0, 30.0), (None, None, None), (None, None, None))
    sample = sample_of(reading)
    assert sample.currents == PhaseCurrents(-10.0, 20.0, 30.0)
    assert sample.power_w is None
    assert sample.voltages_v is None


@pytest.mark.parametrize("wrong", [None, math.nan, math.inf, -math.inf, 6001.0])
def test_a_current_that_cannot_be_is_doubted(wrong: float | None) -> None:
    assert "L2" in doubt_of(replace(GOOD, currents_a=(10.0, wrong, 30.0)))


@pytest.mark.parametrize("wrong", [0.0, 79.0, 301.0, math.nan, math.inf, -230.0])
def test_a_voltage_that_cannot_be_is_doubted(wrong: float) -> None:
    assert "V on L3 cannot be" in doubt_of(replace(GOOD, voltages_v=(230.0, 230.0, wrong)))


@pytest.mark.parametrize("wrong", [math.nan, math.inf, 2900.0, -2900.0, 1e9])
def test_a_power_that_does_not_fit_is_doubted(wrong: float) -> None:
    assert "W on L1" in doubt_of(replace(GOOD, powers_w=(wrong, 4600.0, 6900.0)))


def test_a_total_that_cannot_be_is_doubted() -> None:
    assert "in all" in doubt_of(replace(GOOD, power_total_w=math.nan))


def test_noise_without_load_is_believed() -> None:
    reading = Reading((0.0, 0.0, 0.0), (12.0, -3.0, 0.0), (230.0, 230.0, 230.0))
    assert sample_of(reading).currents == PhaseCurrents(0.0, 0.0, 0.0)


def test_values_that_stand_still_under_load_are_doubted_after_a_minute() -> None:
    stillness = watch(None, GOOD, 100.0)
    stillness = watch(stillness, GOOD, 130.0)
    assert isinstance(judge(METER, GOOD, 100.0 + STILL_S - 1, stillness), Sample)
    found = judge(METER, GOOD, 100.0 + STILL_S, stillness)
    assert found == Doubt("all values stand still since 60 s")


def test_any_change_starts_the_minute_anew() -> None:
    stillness = watch(None, GOOD, 100.0)
    moved = replace(GOOD, voltages_v=(230.1, 231.0, 229.0))
    stillness = watch(stillness, moved, 159.0)
    assert isinstance(judge(METER, moved, 170.0, stillness), Sample)


@pytest.mark.parametrize(
    "reading",
    [
        Reading((0.0, 0.1, 0.0), (0.0, 0.0, 0.0), (230.0, 230.0, 230.0)),
        Reading((10.0, 10.0, 10.0), (None, None, None), (None, None, None)),
    ],
)
def test_an_idle_meter_and_one_without_voltage_may_stand_still(reading: Reading) -> None:
    assert isinstance(judge(METER, reading, 1000.0, watch(None, reading, 0.0)), Sample)
