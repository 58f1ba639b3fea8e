"""The gate: foreign names and foreign pages are refused, and every answer has its headers."""

from collections.abc import Iterator

import pytest

from gateway.web.guard import host_name
from tests.unit.web.yard import Yard, yard

CALL = "/api/v1/charge-points/CP-01/calls/ClearCache"


@pytest.fixture(scope="module")
def gate() -> Iterator[Yard]:
    with yard() as opened:
        yield opened


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8080", "localhost"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("[::1]:8080", "[::1]"),
        ("", ""),
    ],
)
def test_a_host_header_is_read_with_and_without_port(header: str, name: str) -> None:
    assert host_name(header) == name


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil"])
def test_a_name_that_is_not_ours_is_refused(gate: Yard, host: str) -> None:
    reply = gate.request("GET", "/api/v1/state", headers={"Host": host})
    assert reply.status == 403
    assert reply.document["type"] == "urn:depot-gateway:problem:host-not-allowed"
    assert b"CP-01" not in reply.body


def test_localhost_is_ours(gate: Yard) -> None:
    host = f"localhost:{gate.server.port}"
    assert gate.request("GET", "/", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_from_elsewhere_cannot_command(gate: Yard, headers: dict[str, str]) -> None:
    gate.desk.asked.clear()
    reply = gate.request("POST", CALL, b"{}", headers)
    assert reply.status == 403
    assert reply.document["type"] == "urn:depot-gateway:problem:cross-site"
    assert gate.desk.asked == []


def test_our_own_page_and_programs_can_command(gate: Yard) -> None:
    ours = {"Origin": gate.url, "Sec-Fetch-Site": "same-origin"}
    assert gate.request("POST", CALL, b"{}", ours).status == 200
    assert gate.request("POST", CALL, b"{}").status == 200


@pytest.mark.parametrize("path", ["/", "/static/depot.js", "/api/v1/state", "/nothing"])
def test_every_answer_is_fenced_in(gate: Yard, path: str) -> None:
    headers = gate.request("GET", path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in headers


def test_what_changes_is_never_stored(gate: Yard) -> None:
    assert gate.request("GET", "/api/v1/state").headers["Cache-Control"] == "no-store"
    assert gate.request("GET", "/").headers["Cache-Control"] == "no-store"
