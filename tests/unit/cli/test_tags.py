import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.fake_gateway import FakeGateway, invoke

TAG = {"id_tag": "ABC", "name": "Ann", "status": "Accepted", "origin": "register"}
SYNC = "POST /api/v1/charge-points/CP-1/local-list/sync"


def test_tags_are_listed(gateway: FakeGateway) -> None:
    gateway.will("GET /api/v1/tags", [TAG])
    code, output = invoke("tags", "list", url=gateway.url)
    assert code == 0
    assert ["ABC", "Ann", "Accepted", "register"] in [line.split() for line in output.splitlines()]
    assert json.loads(invoke("tags", "list", "--json", url=gateway.url)[1]) == [TAG]
    gateway.will("GET /api/v1/tags", [])
    assert invoke("tags", "list", url=gateway.url) == (0, "No tag is known.\n")


def test_what_is_not_said_of_a_tag_is_absent(gateway: FakeGateway) -> None:
    gateway.will("PUT /api/v1/tags/A%2FB", TAG, 201)
    words = ("tags", "set", "A/B", "--name", "Ann", "--charge-point", "CP-1")
    assert invoke(*words, url=gateway.url) == (0, "A/B was added.\n")
    assert gateway.said() == {"name": "Ann", "charge_points": ["CP-1"]}
    gateway.will("PUT /api/v1/tags/A%2FB", TAG, 200)
    assert invoke("tags", "set", "A/B", "--expires", "+30d", url=gateway.url) == (
        0,
        "A/B was changed.\n",
    )
    assert list(gateway.said()) == ["expires_at"]
    assert gateway.said()["expires_at"].endswith("Z")


def test_a_tag_is_removed(gateway: FakeGateway) -> None:
    gateway.will("DELETE /api/v1/tags/ABC", b"", 204)
    assert invoke("tags", "remove", "ABC", url=gateway.url) == (0, "ABC was removed.\n")
    gateway.fails("DELETE /api/v1/tags/X", 404, "unknown-tag")
    assert invoke("tags", "remove", "X", url=gateway.url)[0] == 2


@pytest.mark.parametrize(
    ("options", "query", "words"),
    [
        ([], "mode=merge&apply=false", "Would be: 1 added. Apply with --apply."),
        (["--apply", "--replace"], "mode=replace&apply=true", "1 added."),
    ],
)
def test_a_file_is_a_preview_until_it_is_applied(
    gateway: FakeGateway, tmp_path: Path, options: list[str], query: str, words: str
) -> None:
    path = tmp_path / "tags.csv"
    path.write_bytes(b"id_tag\nABC\n")
    found: dict[str, Any] = {
        "applied": bool(options),
        "counts": {"added": 1},
        "added": [TAG],
        "changed": [{"before": TAG, "after": {**TAG, "name": "Bob"}}],
        "removed": [],
    }
    gateway.will("POST /api/v1/tags/import", found)
    code, output = invoke("tags", "import", str(path), *options, url=gateway.url)
    assert code == 0
    assert output.endswith(words + "\n")
    assert "Bob" in output
    assert gateway.asked == [("POST /api/v1/tags/import?" + query, b"id_tag\nABC\n")]


def test_every_wrong_row_is_told(gateway: FakeGateway, tmp_path: Path) -> None:
    path = tmp_path / "tags.csv"
    path.write_bytes(b"x")
    errors = [{"row": 3, "problem": "status: Maybe is none"}]
    gateway.fails("POST /api/v1/tags/import", 422, "bad-tag-file", errors=errors)
    code, output = invoke("tags", "import", str(path), url=gateway.url)
    assert code == 2
    assert "3     status: Maybe is none" in output
    assert invoke("tags", "import", str(tmp_path / "none.csv"), url=gateway.url)[0] == 2


def test_an_import_that_fails_otherwise_is_told(gateway: FakeGateway, tmp_path: Path) -> None:
    path = tmp_path / "tags.csv"
    path.write_bytes(b"x")
    gateway.fails("POST /api/v1/tags/import", 503, "storage-failed")
    code, output = invoke("tags", "import", str(path), url=gateway.url)
    assert (code, output) == (1, "depot-gateway: It failed\n")


def test_tags_are_exported_to_a_file_or_to_standard_output(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    gateway.will("GET /api/v1/tags.csv", b"id_tag\r\nABC\r\n")
    path = tmp_path / "tags.csv"
    assert invoke("tags", "export", str(path), "--all", url=gateway.url)[0] == 0
    assert path.read_bytes() == b"id_tag\r\nABC\r\n"
    assert gateway.asked[-1][0] == "GET /api/v1/tags.csv?all=1"
    code, output = invoke("tags", "export", url=gateway.url)
    assert (code, output.split()) == (0, ["id_tag", "ABC"])
    assert invoke("tags", "export", str(tmp_path / "no" / "x"), url=gateway.url)[0] == 2


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("up-to-date", 0), ("refused", 3), ("not-supported", 3), ("offline", 6), ("no-answer", 5)],
)
def test_a_local_list_is_brought_up_to_date(gateway: FakeGateway, outcome: str, code: int) -> None:
    found = {"outcome": outcome, "version": None, "sent": 2, "left_out": ["X"]}
    gateway.will(SYNC, found)
    expected = f"CP-1: {outcome}, version unknown, messages sent: 2.\nNo room for: X.\n"
    assert invoke("local-list", "CP-1", "--full", url=gateway.url) == (code, expected)
    assert gateway.asked[-1][0] == SYNC + "?full=true"
    assert invoke("local-list", "CP-1", "--json", url=gateway.url)[0] == code
