"""Problem documents after RFC 9457."""

import msgspec

from gateway.web.problems import problem


def test_a_problem_says_its_type_status_and_members() -> None:
    answer = problem(502, "call-error", "A title.", "What happened.", code="NotSupported")
    assert answer.status_code == 502
    assert answer.media_type == "application/problem+json"
    assert msgspec.json.decode(bytes(answer.body)) == {
        "type": "urn:depot-gateway:problem:call-error",
        "title": "A title.",
        "status": 502,
        "code": "NotSupported",
        "detail": "What happened.",
    }


def test_a_problem_without_detail_has_none() -> None:
    assert b"detail" not in bytes(problem(404, "not-found", "Nothing.").body)
