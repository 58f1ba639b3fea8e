"""gateway.local_lists.limits"""

import pytest

from gateway.local_lists.limits import Limits, cut, limits, switched_off
from gateway.ocpp.v16.messages import IdTagInfo
from gateway.records.configuration import Configuration, Entry

YES = IdTagInfo(status="Accepted")


def told(**values: str) -> Configuration:
    return Configuration(keys={name: Entry(value=value) for name, value in values.items()})


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        (told(), Limits(20, None)),
        (told(SendLocalListMaxLength="7", LocalAuthListMaxLength="30"), Limits(7, 30)),
        (told(sendlocallistmaxlength="7"), Limits(7, None)),
        (told(SendLocalListMaxLength="0", LocalAuthListMaxLength="0"), Limits(1, 0)),
        (told(SendLocalListMaxLength="100000"), Limits(500, None)),
        (told(SendLocalListMaxLength="many", LocalAuthListMaxLength="-1"), Limits(20, None)),
    ],
)
def test_a_charge_point_tells_what_it_holds(configuration: Configuration, expected: Limits) -> None:
    assert limits(configuration) == expected


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        (told(), False),
        (told(SupportedFeatureProfiles="Core, LocalAuthListManagement"), False),
        (told(SupportedFeatureProfiles="Core,SmartCharging"), True),
        (told(LocalAuthListEnabled="true"), False),
        (told(LocalAuthListEnabled="False "), True),
    ],
)
def test_a_list_may_be_switched_off(configuration: Configuration, expected: bool) -> None:
    assert switched_off(configuration) is expected


def test_the_first_ones_find_room() -> None:
    wanted = {"A": YES, "B": YES, "C": YES}
    assert cut(wanted, None) == (wanted, ())
    assert cut(wanted, 5) == (wanted, ())
    assert cut(wanted, 2) == ({"A": YES, "B": YES}, ("C",))
    assert cut(wanted, 0) == ({}, ("A", "B", "C"))
