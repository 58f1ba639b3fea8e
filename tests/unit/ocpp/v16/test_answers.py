"""Answers remembered for a retry: few, not for long, and not the time."""

from gateway.ocpp.v16.answers import MAX_REMEMBERED, REMEMBERED_FOR_S, Answers
from gateway.ocpp.v16.effects import Request


def _authorize(number: int) -> Request:
    return Request(str(number), "Authorize", b'{"idTag":"A"}')


def test_a_retry_is_the_same_again_under_the_same_id() -> None:
    answers = Answers()
    answers.keep(_authorize(1), "answer", 0.0)
    assert answers.recall(_authorize(1), REMEMBERED_FOR_S) == "answer"
    assert answers.recall(_authorize(1), REMEMBERED_FOR_S + 1.0) is None
    assert answers.recall(_authorize(2), 1.0) is None
    assert answers.recall(Request("1", "Authorize", b'{"idTag":"B"}'), 1.0) is None
    answers.forget()
    assert answers.recall(_authorize(1), 1.0) is None


def test_the_latest_are_remembered_and_the_newest_of_an_id() -> None:
    answers = Answers()
    for number in range(MAX_REMEMBERED):
        answers.keep(_authorize(number), "old", 0.0)
    answers.keep(_authorize(0), "new", 1.0)
    answers.keep(_authorize(MAX_REMEMBERED), "new", 1.0)
    assert answers.recall(_authorize(0), 1.0) == "new"
    assert answers.recall(_authorize(1), 1.0) is None
    assert answers.recall(_authorize(2), 1.0) == "old"


def test_heartbeats_of_a_quiet_charge_point_take_no_room() -> None:
    answers = Answers()
    heartbeat = Request("1", "Heartbeat", b"{}")
    answers.keep(heartbeat, "answer", 0.0)
    assert answers.recall(heartbeat, 0.0) is None
