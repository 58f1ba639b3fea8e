"""gateway.authorization.cloud_list"""

from datetime import UTC, datetime

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from gateway.authorization import cloud_list
from gateway.authorization.cloud_list import CloudList, after_send
from gateway.ocpp.v16.messages import IdTagInfo, LocalListEntry, SendLocalListRequest
from gateway.site.depot import Tag

YES = IdTagInfo(status="Accepted")


def entry(id_tag: str, info: IdTagInfo | UnsetType = YES) -> LocalListEntry:
    return LocalListEntry(id_tag=id_tag, id_tag_info=info)


def sent(version: int, kind: str, *entries: LocalListEntry) -> SendLocalListRequest:
    return SendLocalListRequest(
        list_version=version, update_type=kind, local_authorization_list=entries
    )


KEPT = CloudList(version=5, tags={"a": Tag("A"), "b": Tag("B", "Blocked")})


def test_a_full_list_replaces_everything() -> None:
    after, status = after_send(KEPT, sent(2, "Full", entry("C"), entry("c")))
    assert (status, after) == ("Accepted", CloudList(version=2, tags={"c": Tag("c")}))


def test_an_empty_full_list_clears() -> None:
    bare = SendLocalListRequest(list_version=6, update_type="Full")
    assert after_send(KEPT, bare) == (CloudList(version=6), "Accepted")


def test_a_differential_list_adds_changes_and_removes_without_case() -> None:
    info = IdTagInfo(status="Accepted", expiry_date="2027-01-01T00:00:00Z", parent_id_tag="G")
    after, status = after_send(
        KEPT, sent(6, "Differential", entry("a", UNSET), entry("b", info), entry("x", UNSET))
    )
    assert status == "Accepted"
    until = datetime(2027, 1, 1, tzinfo=UTC)
    assert after == CloudList(version=6, tags={"b": Tag("b", "Accepted", "G", until)})


@pytest.mark.parametrize(
    ("kept", "version"), [(KEPT, 5), (KEPT, 4), (CloudList(), 1)], ids=["same", "older", "no base"]
)
def test_a_differential_list_that_does_not_follow_asks_for_a_full_one(
    kept: CloudList, version: int
) -> None:
    assert after_send(kept, sent(version, "Differential")) == (kept, "VersionMismatch")


@pytest.mark.parametrize(
    "request_",
    [
        sent(6, "Full", entry("A", UNSET)),
        sent(0, "Full"),
        sent(-1, "Full"),
        sent(0, "Differential"),
        sent(6, "Sideways"),
        sent(6, "Full", entry("X" * 21)),
        sent(6, "Full", entry("")),
        sent(6, "Full", entry("A", IdTagInfo(status="Accepted", parent_id_tag="X" * 21))),
        sent(6, "Differential", entry("A", IdTagInfo(status="Accepted", expiry_date="soon"))),
    ],
)
def test_what_no_list_can_hold_fails_and_changes_nothing(request_: SendLocalListRequest) -> None:
    assert after_send(KEPT, request_) == (KEPT, "Failed")


def test_a_list_that_is_too_long_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud_list, "MOST_ENTRIES", 3)
    fits = sent(6, "Differential", entry("C"))
    assert after_send(KEPT, fits)[1] == "Accepted"
    assert after_send(KEPT, sent(6, "Differential", entry("C"), entry("D"))) == (KEPT, "Failed")


def test_a_list_survives_its_document() -> None:
    until = datetime(2027, 1, 1, microsecond=5, tzinfo=UTC)
    kept = CloudList(version=7, tags={"a": Tag("A", "Accepted", "G", until)})
    assert msgspec.json.decode(msgspec.json.encode(kept), type=CloudList) == kept
