"""Tags over HTTP: one by one, by file, and onto charge points."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.authorization.decide import by_key, key
from gateway.authorization.tag_file import MARK
from gateway.errors import StorageFailed
from gateway.ocpp.calls import Caller
from gateway.ocpp.v16.messages import IdTagInfo
from gateway.ports import ListSync
from gateway.site.depot import AuthorizationRules, Tag
from gateway.web.tags import TagPages
from tests.unit.web.yard import Reply, Yard, make_site, yard

HOUSE = Tag("HOUSE", name="the house")
UNTIL = datetime(2027, 1, 31, 17, tzinfo=UTC)
MINE = Tag("MINE", "Blocked", "G", UNTIL, "Ada", frozenset({"CP-01"}))
URN = "urn:depot-gateway:problem:"


class FakeRegister:
    """Keeps tags in memory; ``ill``: the disk fails."""

    def __init__(self, site: Mapping[str, Tag]) -> None:
        self.site = site
        self.kept: dict[str, Tag] = {}
        self.ill = False
        self.changes = 0

    def tags(self) -> Sequence[Tag]:
        return (*self.site.values(), *self.kept.values())

    async def change_tags(self, put: Sequence[Tag], remove: Sequence[str]) -> None:
        if self.ill:
            raise StorageFailed("ill")
        self.changes += 1
        for id_tag in remove:
            self.kept.pop(key(id_tag), None)
        self.kept |= by_key(put)

    def local_list(self, identity: str) -> Mapping[str, IdTagInfo]:
        raise NotImplementedError


class FakeLists:
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool, Caller]] = []

    async def sync(self, identity: str, *, full: bool = False, caller: Caller) -> ListSync:
        self.asked.append((identity, full, caller))
        return ListSync("up-to-date", 8, 2, ("LAST",))


SITE = replace(make_site(), authorization=AuthorizationRules(by_key([HOUSE])))
REGISTER = FakeRegister(SITE.authorization.tags)
LISTS = FakeLists()


@pytest.fixture(scope="module")
def running() -> Iterator[Yard]:
    with yard(SITE, resources=[TagPages(SITE, REGISTER, LISTS)]) as opened:
        yield opened


@pytest.fixture
def api(running: Yard) -> Yard:
    REGISTER.kept = by_key([MINE])
    REGISTER.ill, REGISTER.changes = False, 0
    LISTS.asked.clear()
    return running


def put(api: Yard, id_tag: str, body: bytes = b"{}") -> Reply:
    return api.request("PUT", f"/api/v1/tags/{id_tag}", body)


def take(api: Yard, text: str, query: str = "") -> Reply:
    return api.request("POST", f"/api/v1/tags/import{query}", text.encode())


def problem_of(reply: Reply) -> tuple[int, str]:
    assert reply.headers["Content-Type"] == "application/problem+json"
    return reply.status, str(reply.document["type"]).removeprefix(URN)


def test_all_tags_are_shown_with_where_they_are_kept(api: Yard) -> None:
    reply = api.request("GET", "/api/v1/tags")
    assert reply.status == 200
    assert reply.document == [
        {
            "id_tag": "HOUSE",
            "name": "the house",
            "status": "Accepted",
            "parent_id_tag": None,
            "expires_at": None,
            "charge_points": None,
            "origin": "site file",
        },
        {
            "id_tag": "MINE",
            "name": "Ada",
            "status": "Blocked",
            "parent_id_tag": "G",
            "expires_at": "2027-01-31T17:00:00Z",
            "charge_points": ["CP-01"],
            "origin": "register",
        },
    ]


def test_a_tag_is_added_and_replaced(api: Yard) -> None:
    body = {
        "status": "blocked",
        "parent_id_tag": "G",
        "expires_at": "2027-01-31T18:00:00+01:00",
        "name": "Ada",
        "charge_points": ["CP-01"],
    }
    assert put(api, "NEW").status == 201
    reply = put(api, "new", msgspec.json.encode(body))
    assert (reply.status, reply.document["origin"]) == (200, "register")
    assert REGISTER.kept["new"] == replace(MINE, id_tag="new")
    assert put(api, "a%2Fb%20c").status == 201
    assert "a/b c" in REGISTER.kept


@pytest.mark.parametrize(
    ("id_tag", "body", "name", "words"),
    [
        ("X" * 21, {}, "bad-tag", "21 characters"),
        ("%3D1", {}, "bad-tag", "formula"),
        ("A", {"status": "maybe"}, "bad-tag", "choose from"),
        ("A", {"expires_at": "soon"}, "bad-tag", "is not a date"),
        ("A", {"charge_points": ["CP-99"]}, "bad-tag", "no charge point is called CP-99"),
        ("A", {"charge_points": []}, "bad-tag", "charge_points is empty"),
        ("A", {"colour": "red"}, "bad-body", "colour"),
        ("A", {"name": 4}, "bad-body", "Expected `str`"),
        ("A", [], "bad-body", "Expected `object`"),
    ],
)
def test_a_tag_that_cannot_be_is_refused(
    api: Yard, id_tag: str, body: Any, name: str, words: str
) -> None:
    reply = put(api, id_tag, msgspec.json.encode(body))
    assert problem_of(reply) == (400, name)
    assert words in reply.document["detail"]
    assert REGISTER.changes == 0


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 60000])
def test_a_body_that_is_no_json_is_refused(api: Yard, body: bytes) -> None:
    assert problem_of(put(api, "A", body)) == (400, "bad-body")


def test_a_tag_of_the_site_file_is_changed_in_the_site_file(api: Yard) -> None:
    assert problem_of(put(api, "house")) == (409, "named-by-site-file")
    assert problem_of(api.request("DELETE", "/api/v1/tags/house")) == (409, "named-by-site-file")
    assert REGISTER.changes == 0


def test_a_tag_is_forgotten_once(api: Yard) -> None:
    reply = api.request("DELETE", "/api/v1/tags/mine")
    assert (reply.status, reply.body, REGISTER.kept) == (204, b"", {})
    assert problem_of(api.request("DELETE", "/api/v1/tags/mine")) == (404, "unknown-tag")


def test_a_disk_that_fails_is_told(api: Yard) -> None:
    REGISTER.ill = True
    assert problem_of(put(api, "NEW")) == (503, "storage-failed")
    assert problem_of(api.request("DELETE", "/api/v1/tags/MINE")) == (503, "storage-failed")
    assert problem_of(take(api, "id_tag\nNEW\n", "?apply=true")) == (503, "storage-failed")


def test_the_register_is_exported_and_everything_on_demand(api: Yard) -> None:
    reply = api.request("GET", "/api/v1/tags.csv")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="tags.csv"'
    row = b"MINE,Ada,Blocked,G,2027-01-31T17:00:00Z,CP-01\r\n"
    header = MARK + b"id_tag,name,status,parent_id_tag,expires_at,charge_points\r\n"
    assert reply.body == header + row
    reply = api.request("GET", "/api/v1/tags.csv?all=1")
    assert reply.body == header + b"HOUSE,the house,Accepted,,,\r\n" + row
    assert problem_of(api.request("GET", "/api/v1/tags.csv?all=x")) == (400, "bad-parameter")


def test_an_export_of_everything_imports_as_no_change(api: Yard) -> None:
    gone = Tag("OLD", charge_points=frozenset({"CP-GONE"}))
    REGISTER.kept["old"] = gone
    everything = api.request("GET", "/api/v1/tags.csv?all=1").body
    path = "/api/v1/tags/import?mode=replace&apply=true"
    reply = api.request("POST", path, everything)
    assert reply.status == 200
    assert reply.document["counts"] == {"added": 0, "changed": 0, "removed": 0, "unchanged": 3}
    assert (REGISTER.kept, REGISTER.changes) == ({"mine": MINE, "old": gone}, 0)


def test_a_preview_tells_what_would_change_and_changes_nothing(api: Yard) -> None:
    reply = take(api, "id_tag;status\nNEW;\nmine;Accepted\n", "?mode=merge")
    document = reply.document
    assert (reply.status, document["mode"], document["applied"]) == (200, "merge", False)
    assert document["counts"] == {"added": 1, "changed": 1, "removed": 0, "unchanged": 0}
    assert [tag["id_tag"] for tag in document["added"]] == ["NEW"]
    (change,) = document["changed"]
    assert (change["before"]["status"], change["after"]["status"]) == ("Blocked", "Accepted")
    assert REGISTER.kept == {"mine": MINE}


@pytest.mark.parametrize(("mode", "left"), [("merge", ["mine", "new"]), ("replace", ["new"])])
def test_an_import_is_applied_as_it_was_shown(api: Yard, mode: str, left: list[str]) -> None:
    reply = take(api, "id_tag\nNEW\n", f"?mode={mode}&apply=true")
    assert reply.document["applied"] is True
    assert reply.document["counts"]["removed"] == 2 - len(left)
    assert sorted(REGISTER.kept) == left
    assert REGISTER.changes == 1


def test_a_file_with_a_problem_changes_nothing(api: Yard) -> None:
    reply = take(api, "id_tag,charge_points\nNEW,\n,\nBAD,CP-99\n", "?apply=true&mode=replace")
    assert problem_of(reply) == (422, "bad-tag-file")
    assert reply.document["errors"] == [{"row": 4, "problem": "no charge point is called CP-99."}]
    assert reply.document["applied"] is False
    assert REGISTER.kept == {"mine": MINE}


@pytest.mark.parametrize("query", ["?mode=add", "?apply=yes"])
def test_a_parameter_out_of_range_is_refused(api: Yard, query: str) -> None:
    assert problem_of(take(api, "id_tag\nNEW\n", query)) == (400, "bad-parameter")


def test_a_file_that_is_too_large_is_refused(api: Yard) -> None:
    reply = api.request("POST", "/api/v1/tags/import", b"x" * (4 * 1024 * 1024 + 1))
    assert problem_of(reply) == (413, "body-too-large")


def test_a_local_list_is_brought_up_to_date_for_a_person(api: Yard) -> None:
    path = "/api/v1/charge-points/CP-01/local-list/sync"
    reply = api.request("POST", path)
    assert reply.status == 200
    assert reply.document == {
        "outcome": "up-to-date",
        "version": 8,
        "sent": 2,
        "left_out": ["LAST"],
    }
    assert api.request("POST", path + "?full=true").status == 200
    assert LISTS.asked == [
        ("CP-01", False, Caller.OPERATOR),
        ("CP-01", True, Caller.OPERATOR),
    ]
    assert problem_of(api.request("POST", path + "?full=2")) == (400, "bad-parameter")
    unknown = api.request("POST", path.replace("CP-01", "CP-99"))
    assert problem_of(unknown) == (404, "unknown-charge-point")
