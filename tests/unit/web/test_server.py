"""The server from outside: routes, start, streams, end."""

import asyncio
import http.client
import signal
import socket
import time
from collections.abc import Iterator

import msgspec
import pytest

from gateway.errors import StartFailed
from gateway.events import ChargePointConnected
from gateway.runtime.bus import Bus
from gateway.site.depot import WebListener
from gateway.web.server import WebServer
from gateway.web.view import DepotView
from tests.unit.web.yard import WAIT_S, StillClock, Yard, balanced, make_site, yard


@pytest.fixture(scope="module")
def gate() -> Iterator[Yard]:
    with yard() as opened:
        yield opened


def server(listener: WebListener) -> WebServer:
    return WebServer(listener, DepotView(make_site(), Bus(), StillClock()))


def next_state(answer: http.client.HTTPResponse) -> dict[str, object]:
    """Read up to the next event of a stream."""
    while not (line := answer.readline()).startswith(b"data: "):
        assert line
    state: dict[str, object] = msgspec.json.decode(line[6:])
    return state


def test_the_page_and_its_files_are_served(gate: Yard) -> None:
    page = gate.request("GET", "/")
    assert page.status == 200
    assert b"Hall Nord" in page.body
    for name, content_type in (
        ("depot.css", "text/css; charset=utf-8"),
        ("depot.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ):
        file = gate.request("GET", f"/static/{name}")
        assert (file.status, file.headers["Content-Type"]) == (200, content_type)
        again = gate.request(
            "GET", f"/static/{name}", headers={"If-None-Match": file.headers["ETag"]}
        )
        assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static/none.css", "/x", "/api"]
)
def test_what_is_not_there_is_a_problem(gate: Yard, path: str) -> None:
    reply = gate.request("GET", path)
    assert reply.status == 404
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_the_state_is_json(gate: Yard) -> None:
    reply = gate.request("GET", "/api/v1/state")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.document["site"] == "Hall Nord"


def test_a_stream_tells_the_state_at_once_and_after_a_change() -> None:
    with yard() as opened:
        connection = opened.connect()
        try:
            connection.request("GET", "/api/v1/events")
            answer = connection.getresponse()
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            points = next_state(answer)["charge_points"]
            assert isinstance(points, list)
            assert not points[0]["online"]
            opened.publish(ChargePointConnected("CP-01"))
            points = next_state(answer)["charge_points"]
            assert isinstance(points, list)
            assert points[0]["online"]
        finally:
            connection.close()


def test_open_streams_do_not_hold_up_the_end() -> None:
    names = tuple(f"CP-{number:05}" for number in range(6_000))
    with yard(make_site(names)) as opened:
        connection = opened.connect()
        stalled = socket.create_connection(("127.0.0.1", opened.server.port), WAIT_S)
        try:
            stalled.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            connection.request("GET", "/api/v1/events")
            answer = connection.getresponse()
            next_state(answer)
            opened.close()
            while answer.readline():
                pass
        finally:
            connection.close()
            stalled.close()


def test_a_reader_that_leaves_frees_its_place() -> None:
    with yard() as opened:
        connection = opened.connect()
        connection.request("GET", "/api/v1/events")
        next_state(connection.getresponse())
        connection.close()
        followers = opened.server._feed._followers
        give_up_at = time.monotonic() + WAIT_S
        while followers and time.monotonic() < give_up_at:
            opened.in_loop(lambda: None)
        assert not followers


def test_health_follows_the_balancing() -> None:
    with yard() as opened:
        assert opened.request("GET", "/healthz").document["status"] == "ok"
        opened.publish(balanced(monotonic_s=1000.0))
        assert opened.request("GET", "/healthz").status == 200
        opened.clock.monotonic_s = 1010.0
        reply = opened.request("GET", "/healthz")
        assert reply.status == 503
        assert reply.document["type"] == "urn:depot-gateway:problem:stalled"


def test_a_bug_is_a_problem_too_and_the_server_goes_on(
    gate: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    feed, gate.view.state = gate.view.state, broken  # type: ignore[method-assign, assignment]
    try:
        reply = gate.request("GET", "/api/v1/state")
    finally:
        gate.view.state = feed  # type: ignore[method-assign]
    assert reply.status == 500
    assert reply.document["type"] == "urn:depot-gateway:problem:internal"
    assert b"ZeroDivision" not in reply.body
    assert gate.request("GET", "/api/v1/state").status == 200


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartFailed) as caught:
            asyncio.run(server(WebListener(port=port)).start())
    assert str(caught.value) == (
        f"The page cannot listen on 127.0.0.1:{port}: another program uses this port; "
        "stop it, or choose another web.port."
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com"])
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(StartFailed, match="only loopback is allowed"):
        asyncio.run(server(WebListener(host=host, port=0)).start())


def test_the_port_is_known_after_the_start_and_free_after_the_end() -> None:
    async def start_and_close() -> int:
        web = server(WebListener(port=0))
        await web.start()
        port = web.port
        await web.close()
        await web.close()
        await web.serve()
        return port

    port = asyncio.run(start_and_close())
    assert port > 0
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_signals_are_left_to_the_composition_root() -> None:
    async def serve() -> tuple[object, object]:
        before = signal.getsignal(signal.SIGTERM)
        web = server(WebListener(port=0))
        await web.start()
        serving = asyncio.create_task(web.serve())
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", web.port), WAIT_S)
        during = signal.getsignal(signal.SIGTERM)
        writer.close()
        await web.close()
        await asyncio.wait_for(serving, WAIT_S)
        return before, during

    before, during = asyncio.run(serve())
    assert before is during


def test_a_cancelled_server_lets_go_of_its_port() -> None:
    async def serve() -> int:
        web = server(WebListener(port=0))
        await web.start()
        serving = asyncio.create_task(web.serve())
        _, writer = await asyncio.open_connection("127.0.0.1", web.port)
        writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await asyncio.sleep(0)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        writer.close()
        return web.port

    with socket.create_server(("127.0.0.1", asyncio.run(serve()))):
        pass
