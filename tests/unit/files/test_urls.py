"""URLs and protocols."""

from datetime import UTC, datetime

import pytest

from gateway.files.grants import Grant
from gateway.files.urls import choose_protocol, url_of

FETCH = Grant(
    token="s" * 32,
    identity="CP",
    kind="firmware",
    protocol="http",
    name="fw.bin",
    expires_at=datetime(2026, 3, 2, tzinfo=UTC),
)
LEAVE = Grant(
    token="s" * 32,
    identity="CP",
    kind="upload",
    protocol="ftp",
    user="me",
    expires_at=datetime(2026, 3, 2, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("supported", "has_ftp", "expected"),
    [
        (None, True, "http"),
        ({"http", "ftp"}, True, "http"),
        ({"ftp"}, True, "ftp"),
        ({"ftp", "ftps"}, False, "http"),
        ({"https"}, True, "http"),
        (set(), True, "http"),
    ],
)
def test_ftp_is_for_those_who_know_nothing_else(
    supported: set[str] | None, has_ftp: bool, expected: str
) -> None:
    assert choose_protocol(supported, has_ftp=has_ftp) == expected


def test_a_url_ends_with_the_name_of_the_file() -> None:
    assert url_of(FETCH, "10.0.0.1", 9080, 2121) == f"http://10.0.0.1:9080/f/{'s' * 32}/fw.bin"
    assert url_of(LEAVE, "box.local", 9080, 2121) == f"ftp://me:{'s' * 32}@box.local:2121/u"


@pytest.mark.parametrize(
    ("host", "shown"),
    [("fd00::1", "[fd00::1]"), ("fe80::1%eth0", "[fe80::1]"), ("::ffff:10.0.0.1", "10.0.0.1")],
)
def test_addresses_are_written_as_urls_want_them(host: str, shown: str) -> None:
    assert url_of(FETCH, host, 1, None).startswith(f"http://{shown}:1/f/")
