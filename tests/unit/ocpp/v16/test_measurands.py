"""Measurands: what becomes of the meter values that real charge points send."""

from typing import Any

import msgspec
import pytest

from gateway.ocpp.v16.measurands import Draw, draw, energy_wh
from gateway.ocpp.v16.messages import MeterValuesRequest, read

AT = "2026-08-01T12:00:00Z"


def _values(*values: tuple[str, list[dict[str, Any]]]) -> MeterValuesRequest:
    meter_value = [{"timestamp": at, "sampledValue": samples} for at, samples in values]
    return read(
        MeterValuesRequest, msgspec.json.encode({"connectorId": 1, "meterValue": meter_value})
    )


def _sample(value: object, measurand: str, phase: str = "", **more: str) -> dict[str, Any]:
    sample = {"value": value, "measurand": measurand, **more}
    return sample | ({"phase": phase} if phase else {})


def _amps(*currents: object) -> list[dict[str, Any]]:
    return [
        _sample(current, "Current.Import", f"L{n}", unit="A")
        for n, current in enumerate(currents, 1)
    ]


def _drawn(samples: list[dict[str, Any]], phase_count: int = 3) -> tuple[float, ...] | None:
    drawn = draw(_values((AT, samples)), phase_count, 230.0)
    return None if drawn is None else drawn.currents_a


def test_currents_stand_in_the_order_of_the_phases() -> None:
    assert _drawn(list(reversed(_amps("1.5", "2", "3")))) == (1.5, 2.0, 3.0)


def test_a_phase_against_neutral_is_that_phase() -> None:
    assert _drawn([_sample("9", "Current.Import", "L2-N", unit="A")]) == (0.0, 9.0, 0.0)


def test_a_current_without_phase_stands_for_all() -> None:
    assert _drawn([_sample("9", "Current.Import", unit="A")]) == (9.0, 9.0, 9.0)


def test_a_connector_on_one_phase_may_call_it_by_any_name() -> None:
    assert _drawn(_amps("0.0", "0.0", "15.5"), 1) == (15.5,)


def test_power_counts_where_no_current_is_told() -> None:
    per_phase = [_sample("2.3", "Power.Active.Import", "L1", unit="kW")]
    assert _drawn(per_phase) == pytest.approx((10.0, 0.0, 0.0))
    assert _drawn([_sample("6900", "Power.Active.Import")]) == pytest.approx((10.0,) * 3)
    assert _drawn(per_phase + _amps("7", "7", "7")) == (7.0, 7.0, 7.0)


@pytest.mark.parametrize(
    "value", ["nan", "NaN", "inf", "-inf", "1e999", "-1e999", "", "x", "1_000", "٣", "1001", None]
)
def test_what_is_no_measurement_is_passed_over(value: object) -> None:
    assert _drawn(_amps(value)) is None
    assert _drawn(_amps(value, "6")) == (0.0, 6.0, 0.0)


def test_power_beyond_reason_is_passed_over() -> None:
    assert _drawn([_sample("1e9", "Power.Active.Import", unit="W")]) is None


def test_whitespace_and_bare_numbers_are_read_and_export_is_no_draw() -> None:
    assert _drawn(_amps(" 6.25 ", 7, "-3")) == (6.25, 7.0, 0.0)


@pytest.mark.parametrize(
    "more",
    [
        {"unit": "Hertz"},
        {"phase": "L1-L2"},
        {"phase": "N"},
        {"format": "SignedData"},
        {"measurand": "Current.Offered"},
        {"measurand": "W"},
    ],
)
def test_one_wrong_word_spoils_one_sample_only(more: dict[str, str]) -> None:
    wrong = _sample("16", "Current.Import", "L1", unit="A") | more
    assert _drawn([wrong]) is None
    assert _drawn([wrong, *_amps("6", "6", "6")]) == (6.0, 6.0, 6.0)


def test_the_outlet_counts_before_other_places() -> None:
    inlet = [sample | {"location": "Inlet"} for sample in _amps("9", "9", "9")]
    assert _drawn(_amps("6", "6", "6") + inlet) == (6.0, 6.0, 6.0)
    assert _drawn(inlet) == (9.0, 9.0, 9.0)


def test_the_newest_instant_counts_wherever_it_stands() -> None:
    newer = ("2026-08-01T12:00:10+00:00", _amps("6", "6", "6"))
    older = ("2026-08-01T12:00:00Z", _amps("16", "16", "16"))
    assert draw(_values(newer, older), 3, 230.0) == Draw((6.0, 6.0, 6.0), None)


def test_without_readable_times_the_last_counts() -> None:
    values = _values(("yesterday", _amps("16")), (AT, _amps("6")), ("today", _amps("7")))
    assert draw(values, 1, 230.0) == Draw((7.0,), None)


def test_phases_of_one_instant_may_come_apart() -> None:
    one, two, three = _amps("1", "2", "3")
    values = _values((AT, [one]), (AT, [two]), (AT, [three]))
    assert draw(values, 3, 230.0) == Draw((1.0, 2.0, 3.0), None)


def test_energy_is_the_register_in_watt_hours() -> None:
    register = {"value": "12.5", "unit": "kWh"}
    assert energy_wh(_values((AT, [register]))) == 12500.0
    assert energy_wh(_values((AT, [{"value": "17"}]))) == 17.0
    assert energy_wh(_values((AT, [{"value": "nan"}]))) is None
    phases = [_sample("5", "Energy.Active.Import.Register", f"L{n}") for n in (1, 2, 3)]
    assert energy_wh(_values((AT, phases))) == 15.0
    both = draw(_values((AT, [register, *_amps("6")])), 1, 230.0)
    assert both == Draw((6.0,), 12500.0)


def test_energy_alone_tells_nothing_of_the_current() -> None:
    assert draw(_values((AT, [{"value": "17"}])), 3, 230.0) is None
