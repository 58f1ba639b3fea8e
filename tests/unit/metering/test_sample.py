"""The age of a sample."""

from gateway.metering.sample import Sample
from gateway.site.electrical import NO_CURRENT


def test_age_counts_from_the_arrival() -> None:
    assert Sample("main", "grid", NO_CURRENT, None, None, 5.0).age_s(7.5) == 2.5
