"""gateway.ocpp.v16.provisioning"""

import pytest

from gateway.ocpp.v16.provisioning import SAMPLED_DATA, balancing_needs, holds_all, same_value


def test_an_interval_of_0_leaves_the_configuration_alone() -> None:
    assert balancing_needs(0) == {}
    assert balancing_needs(10) == {
        "MeterValueSampleInterval": "10",
        "MeterValuesSampledData": SAMPLED_DATA,
    }


@pytest.mark.parametrize(
    ("wanted", "actual", "same"),
    [
        ("60", " 60 ", True),
        ("60", "60.0", True),
        ("60", "600", False),
        ("-1", "+1", False),
        ("true", "TRUE", True),
        ("true", "false", False),
        ("true", "1", False),
        ("A,B", "b, a", True),
        ("A,B", "A", False),
        ("A", "A,", True),
        ("Name", "name", False),
        ("", "", True),
        ("", "0", False),
        ("nan", "NaN", False),
    ],
)
def test_values_are_compared_as_what_they_are(wanted: str, actual: str, *, same: bool) -> None:
    assert same_value(wanted, actual) is same


def test_a_list_may_hold_more_than_is_needed_and_a_number_may_not() -> None:
    assert holds_all("MeterValuesSampledData", "A,B", "C, b,a")
    assert not holds_all("metervaluessampleddata", "A,B", "A")
    assert not holds_all("MeterValueSampleInterval", "10", "10,20")
