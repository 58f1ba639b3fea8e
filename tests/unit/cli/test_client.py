import socket

import pytest

from gateway.cli.client import Client, Reply, place, sentence_of
from gateway.cli.exits import USAGE, Failed, GatewayAway, UsageFault
from tests.unit.cli.fake_gateway import FakeGateway


def test_a_name_is_one_segment_of_a_path() -> None:
    assert place("tags", "A/B ?#") == "/api/v1/tags/A%2FB%20%3F%23"
    assert place("\udc80") == "/api/v1/%80"


def test_a_question_carries_its_query_and_body(gateway: FakeGateway) -> None:
    gateway.will("POST /x", {"ok": 1})
    reply = Client(gateway.url + "/").ask("POST", "/x", b"{}", query={"a": "b c", "none": None})
    assert reply.json() == {"ok": 1}
    assert gateway.asked == [("POST /x?a=b+c", b"{}")]


def test_a_problem_is_an_answer_and_raises_only_where_json_was_wanted(gateway: FakeGateway) -> None:
    gateway.fails("GET /x", 404, "unknown-record", detail="Known: a.")
    reply = Client(gateway.url).ask("GET", "/x")
    assert (reply.status, reply.problem_name) == (404, "unknown-record")
    with pytest.raises(Failed, match=r"It failed: Known: a") as failed:
        reply.json()
    assert failed.value.code == USAGE


def test_a_status_without_a_document_is_a_problem_too(gateway: FakeGateway) -> None:
    gateway.will("GET /x", b"<html>", 500)
    reply = Client(gateway.url).ask("GET", "/x")
    assert reply.problem_name == "unknown"
    assert sentence_of(reply.problem or {}) == "The gateway answered 500 Internal Server Error"


def test_what_is_not_json_does_not_come_from_a_gateway() -> None:
    with pytest.raises(GatewayAway, match="not the gateway"):
        Reply(200, b"<html>").json()


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(GatewayAway, match=f"no gateway answers at http://127.0.0.1:{port}; is it"):
        Client(f"http://127.0.0.1:{port}").ask("GET", "/x")


def test_a_host_that_cannot_be_is_away() -> None:
    with pytest.raises(GatewayAway):
        Client("http://" + "\u00e4" * 70).ask("GET", "/x")


def test_silence_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = Client(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(GatewayAway, match=r"did not answer within 0\.05 s"):
            client.ask("GET", "/x", patience_s=0.05)


@pytest.mark.parametrize("url", ["", "box", "https://box", "http://", "http://box:x", "http://[1"])
def test_a_wrong_url_is_told(url: str) -> None:
    with pytest.raises(UsageFault):
        Client(url)


def test_a_file_is_fetched_piece_by_piece_or_its_problem_is_raised(gateway: FakeGateway) -> None:
    content = bytes(200_000)
    gateway.will("GET /x", content)
    assert b"".join(Client(gateway.url).fetch("/x")) == content
    gateway.fails("GET /y", 404, "unknown-file")
    with pytest.raises(Failed) as failed:
        list(Client(gateway.url).fetch("/y"))
    assert failed.value.code == USAGE
