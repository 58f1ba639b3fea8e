"""What goes into a column comes out again."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from gateway.storage.columns import from_us, to_us, wide


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_instant_in_utc_comes_back_exactly(at: datetime) -> None:
    assert from_us(to_us(at)) == at


def test_an_instant_is_kept_in_utc_whatever_its_zone() -> None:
    at = datetime(2025, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert from_us(to_us(at)).isoformat() == "2025-06-01T10:00:00+00:00"


def test_an_instant_beyond_the_calendar_becomes_the_nearest_within() -> None:
    west = datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))
    east = datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))
    assert from_us(to_us(west)) == datetime.max.replace(tzinfo=UTC)
    assert from_us(to_us(east)) == datetime.min.replace(tzinfo=UTC)


@given(st.integers())
def test_every_integer_comes_back_and_only_those_beyond_64_bits_are_text(value: int) -> None:
    kept = wide(value)
    assert int(kept) == value
    assert isinstance(kept, int) == (-(2**63) <= value < 2**63)


def test_nothing_stays_nothing() -> None:
    assert wide(None) is None
