"""``[upstream]``, ``[balancing]``, ``[ocpp]`` and ``[web]``."""

import pytest

from gateway.config.network import url_fault
from tests.unit.config.files import SMALL, only_problem_of, problems_of, site_of


@pytest.mark.parametrize(
    "url", ["ws://10.0.0.1:9000", "wss://cloud.example/ocpp/v1", "ws://[::1]:80/x"]
)
def test_a_cloud_is_a_websocket_address(url: str) -> None:
    assert not url_fault(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://cloud.example",
        "wss://",
        "wss://:80/x",
        "wss://cloud.example:99999/x",
        "wss://[::1/x",
        "wss://me:secret@cloud.example",
        "wss://cloud.example/ocpp?token=1",
        "wss://cloud.example/ocpp#x",
        "wss://cloud.example/oc pp",
        "cloud.example",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    fault = url_fault(url)
    assert fault
    assert "secret" not in fault


def test_a_slash_at_the_end_of_the_url_is_dropped() -> None:
    site = site_of(SMALL + '[upstream]\nurl = "wss://cloud.example/ocpp/"\n')
    assert site.upstream is not None
    assert site.upstream.url == "wss://cloud.example/ocpp"


def test_an_upstream_needs_its_url() -> None:
    assert only_problem_of(SMALL + "[upstream]\n").startswith("upstream.url: is missing")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_the_page_listens_on_loopback(host: str) -> None:
    assert site_of(SMALL + f'[web]\nhost = "{host}"\n').web.host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "box.example", "127.0.0.1.de"])
def test_the_page_listens_nowhere_else(host: str) -> None:
    problem = only_problem_of(SMALL + f'[web]\nhost = "{host}"\n')
    assert problem.startswith("web.host: ")
    assert "no access control" in problem


def test_page_and_charge_points_cannot_share_a_port() -> None:
    assert only_problem_of(SMALL + "[web]\nport = 9000\n").startswith("web.port: 9000 is taken")
    apart = '[ocpp]\nhost = "192.168.1.5"\n[web]\nport = 9000\n'
    assert not problems_of(SMALL + apart)


def test_port_0_lets_the_system_choose() -> None:
    assert not problems_of(SMALL + "[ocpp]\nport = 0\n[web]\nport = 0\n")


@pytest.mark.parametrize(("path", "expected"), [("/ocpp", "/ocpp"), ("/a/b/", "/a/b"), ("/", "")])
def test_the_path_has_no_slash_at_its_end(path: str, expected: str) -> None:
    assert site_of(SMALL + f'[ocpp]\npath = "{path}"\n').ocpp.path == expected


@pytest.mark.parametrize("path", ["ocpp", "/a//b", "/a b", "/a?b", "/../x", "/ö"])
def test_odd_paths_are_refused(path: str) -> None:
    assert only_problem_of(SMALL + f'[ocpp]\npath = "{path}"\n').startswith("ocpp.path: ")


@pytest.mark.parametrize(
    "lines",
    [
        "[ocpp]\nport = 65536",
        "[ocpp]\nquiet = 1",
        "[ocpp]\nhost = 5",
        '[ocpp]\nhost = "a/b"',
        "[ocpp]\nheartbeat_interval_s = 0",
        "[balancing]\nlease_s = 10",
        "[balancing]\nmeter_stale_s = inf",
        "[balancing]\nraise_hold_s = -1",
    ],
)
def test_wrong_values_are_told(lines: str) -> None:
    assert len(problems_of(SMALL + lines + "\n")) == 1
