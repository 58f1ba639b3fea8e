"""What list a charge point holds, and when nobody knows."""

from typing import Any

from gateway.records.local_list import LocalList, after_send, after_silence, after_version
from tests.unit.records.exchanges import exchange

ACCEPTED = {"status": "Accepted"}


def entry(id_tag: str, status: str | None = "Accepted") -> dict[str, Any]:
    return {"idTag": id_tag} | ({} if status is None else {"idTagInfo": {"status": status}})


def sent(
    record: LocalList,
    version: int,
    update_type: str,
    *entries: dict[str, Any],
    status: str = "Accepted",
) -> LocalList:
    request = {
        "listVersion": version,
        "localAuthorizationList": list(entries),
        "updateType": update_type,
    }
    return after_send(record, exchange(request, {"status": status}))


def held(record: LocalList) -> dict[str, str] | None:
    if record.entries is None:
        return None
    return {id_tag: info.status for id_tag, info in record.entries.items()}


def test_a_full_list_is_all_that_it_holds() -> None:
    record = sent(LocalList(), 1, "Full", entry("A"), entry("B"))
    record = sent(record, 2, "Full", entry("C"))
    assert (record.version, held(record)) == (2, {"C": "Accepted"})


def test_a_full_list_may_be_empty() -> None:
    request = {"listVersion": 3, "updateType": "Full"}
    assert held(after_send(LocalList(), exchange(request, ACCEPTED))) == {}


def test_a_differential_list_adds_replaces_and_removes() -> None:
    record = sent(LocalList(), 1, "Full", entry("A"), entry("B"))
    record = sent(record, 2, "Differential", entry("a", "Blocked"), entry("B", None), entry("C"))
    assert held(record) == {"a": "Blocked", "C": "Accepted"}


def test_a_differential_list_on_an_unknown_one_stays_unknown() -> None:
    assert held(sent(LocalList(), 2, "Differential", entry("A"))) is None


def test_a_refused_list_leaves_a_doubt() -> None:
    record = sent(LocalList(), 1, "Full", entry("A"))
    for status in ("Failed", "VersionMismatch"):
        doubtful = sent(record, 2, "Differential", entry("B"), status=status)
        assert (held(doubtful), doubtful.last_status) == (None, status)


def test_no_answer_leaves_a_doubt_about_the_version_too() -> None:
    doubtful = after_silence(sent(LocalList(), 1, "Full", entry("A")))
    assert (doubtful.version, held(doubtful)) == (None, None)


def test_another_version_than_ours_is_another_list() -> None:
    record = sent(LocalList(), 5, "Full", entry("A"))
    same = after_version(record, exchange({}, {"listVersion": 5}))
    other = after_version(record, exchange({}, {"listVersion": 4}))
    assert held(same) == {"A": "Accepted"}
    assert (other.version, held(other)) == (4, None)


def test_version_zero_is_an_empty_list() -> None:
    assert held(after_version(LocalList(), exchange({}, {"listVersion": 0}))) == {}


def test_a_charge_point_without_lists_says_so_in_two_ways() -> None:
    told = after_version(LocalList(), exchange({}, {"listVersion": -1}))
    refused = sent(LocalList(), 1, "Full", status="NotSupported")
    assert told.unsupported
    assert refused.unsupported
    assert not LocalList().unsupported
