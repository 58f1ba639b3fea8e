"""gateway.provisioning.desired"""

from gateway.ocpp.v16.quirks import Model
from gateway.provisioning.desired import Source, Wish, desired
from tests.unit.config.files import SMALL, site_of

TEXT = (
    SMALL
    + """
[charge_points.CP-01.configuration]
Own = 1
[configuration]
own = 4
Both = 4
Vendor = 4
Site = true
[[models]]
vendor = "A*"
[models.configuration]
Both = 2
Vendor = 2
own = 2
[[models]]
model = "terra"
[models.configuration]
both = 3
[[models]]
vendor = "B*"
[models.configuration]
Site = false
[ocpp]
meter_values_interval_s = 0
"""
)


def test_the_charge_point_goes_before_its_model_and_that_before_the_site() -> None:
    wishes = desired(site_of(TEXT), "CP-01", Model("ABB", "Terra"))
    assert set(wishes) == {
        Wish("Own", "1", Source.CHARGE_POINT),
        Wish("both", "3", Source.MODEL),
        Wish("Vendor", "2", Source.MODEL),
        Wish("Site", "true", Source.SITE),
    }


def test_what_the_balancing_needs_comes_last() -> None:
    site = site_of(SMALL + "[configuration]\nmetervaluesampleinterval = 30\n")
    wishes = {wish.key: wish for wish in desired(site, "CP-01", Model())}
    assert wishes["metervaluesampleinterval"].value == "30"
    assert wishes["MeterValuesSampledData"].source is Source.BALANCING
    assert len(wishes) == 2


def test_a_charge_point_that_the_site_does_not_know_has_the_site_s_wishes() -> None:
    wishes = desired(site_of(TEXT), "CP-99", Model())
    assert {wish.key for wish in wishes} == {"own", "Both", "Vendor", "Site"}
