"""Who may do what, until when, how often."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from gateway.files.grants import LONGEST_WAIT, MOST_OF_ONE, Grant, Grants, expiry, fetches
from gateway.files.ranges import Span

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
GRANT = Grant(
    token="t", identity="CP", kind="firmware", protocol="http", name="fw", expires_at=NOW + DAY
)


def another(token: str, **changes: str) -> Grant:
    return msgspec.structs.replace(GRANT, token=token, **changes)


def test_a_grant_lasts_a_day_from_when_the_charge_point_may_begin() -> None:
    assert expiry(NOW, None) == NOW + DAY
    assert expiry(NOW, NOW - DAY) == NOW + DAY
    assert expiry(NOW, NOW + 3 * DAY) == NOW + 4 * DAY
    assert expiry(NOW, datetime.max.replace(tzinfo=UTC)) == NOW + LONGEST_WAIT + DAY


@pytest.mark.parametrize(("retries", "expected"), [(None, 1), (0, 1), (-5, 1), (3, 4), (10**9, 11)])
def test_retries_come_on_top_of_the_first_try(retries: int | None, expected: int) -> None:
    assert fetches(retries) == expected


def test_a_secret_opens_until_its_time_is_over() -> None:
    grants = Grants([GRANT])
    assert grants.find("t", NOW) == GRANT
    assert grants.find("u", NOW) is None
    assert grants.find("t", NOW + DAY) is None
    assert grants.expire(NOW + DAY) == 1
    assert grants.all() == ()


def test_a_file_that_was_sent_whole_ends_the_grant() -> None:
    grants = Grants([GRANT])
    assert not grants.sent("t", "v1", 10, Span(0, 5))
    assert grants.sent("t", "v1", 10, Span(5, 10))
    assert grants.find("t", NOW) is None
    assert not grants.sent("t", "v1", 10, Span(0, 10))


def test_halves_of_two_versions_make_no_whole() -> None:
    grants = Grants([GRANT])
    assert not grants.sent("t", "v1", 10, Span(0, 5))
    assert not grants.sent("t", "v2", 10, Span(5, 10))
    assert grants.sent("t", "v2", 10, Span(0, 5))


def test_every_retry_needs_the_whole_file_again() -> None:
    grants = Grants([msgspec.structs.replace(GRANT, fetches_left=2)])
    assert grants.sent("t", "v", 10, Span(0, 10))
    assert not grants.sent("t", "v", 10, Span(5, 10))
    assert grants.sent("t", "v", 10, Span(0, 5))
    assert grants.all() == ()


def test_the_oldest_grant_of_a_charge_point_gives_way() -> None:
    grants = Grants([another("other", identity="CP-2")])
    for number in range(MOST_OF_ONE + 1):
        grants.give(another(str(number)))
    tokens = [grant.token for grant in grants.all()]
    assert tokens == ["other", *map(str, range(1, MOST_OF_ONE + 1))]


def test_a_file_that_is_gone_ends_the_grants_to_fetch_it() -> None:
    grants = Grants([GRANT, another("b", name="b"), another("u", kind="upload", name="")])
    grants.close_firmware("fw")
    assert [grant.token for grant in grants.all()] == ["b", "u"]


def test_a_stranger_is_news_once_for_each_grant() -> None:
    grants = Grants([GRANT])
    assert [grants.is_news("t", "10.0.0.9") for _ in range(2)] == [True, False]
    assert grants.is_news("u", "10.0.0.9")
    grants.close("t")
    assert grants.is_news("t", "10.0.0.9")
