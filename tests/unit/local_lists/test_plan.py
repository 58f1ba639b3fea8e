"""gateway.local_lists.plan, rule by rule; its laws are in tests/properties/test_local_lists.py."""

import pytest
from msgspec import UNSET

from gateway.local_lists.limits import Limits
from gateway.local_lists.plan import (
    AskVersion,
    Attempt,
    End,
    Step,
    after_error,
    after_silence,
    after_status,
    after_version,
    begin,
    difference,
    next_step,
)
from gateway.ocpp.v16.messages import IdTagInfo, LocalListEntry, SendLocalListRequest
from gateway.records.local_list import LocalList

YES = IdTagInfo(status="Accepted")
NO = IdTagInfo(status="Blocked")
WANTED = {"A": YES, "B": YES, "C": YES}
HOLDS_A = LocalList(version=7, told_version=7, entries={"A": YES})


def attempt(
    wanted: dict[str, IdTagInfo] | None = None,
    record: LocalList = HOLDS_A,
    *,
    full: bool = False,
    told: bool = True,
    highest_version: int = 0,
) -> Attempt:
    wanted = WANTED if wanted is None else wanted
    return begin(wanted, record, Limits(2), full=full, told=told, highest_version=highest_version)


def message(step: Step) -> SendLocalListRequest:
    assert isinstance(step, SendLocalListRequest)
    return step


def named(step: Step) -> list[str]:
    return [entry.id_tag for entry in message(step).local_authorization_list or ()]


def test_the_version_is_asked_for_first_in_every_connection() -> None:
    assert next_step(attempt(told=False), HOLDS_A) == AskVersion()
    asked = after_version(attempt(told=False))
    assert message(next_step(asked, HOLDS_A)).update_type == "Differential"


def test_a_full_list_needs_no_version_where_one_is_known() -> None:
    assert message(next_step(attempt(full=True, told=False), HOLDS_A)).list_version == 8
    nothing = LocalList()
    assert next_step(attempt(full=True, told=False, record=nothing), nothing) == AskVersion()


@pytest.mark.parametrize(
    "record",
    [
        LocalList(version=7, told_version=7, entries=None),
        LocalList(version=0, told_version=0, entries={}),
    ],
    ids=["unknown", "none yet"],
)
def test_a_list_begins_with_a_full_one_of_what_fits_a_message(record: LocalList) -> None:
    step = next_step(attempt(record=record), record)
    assert (message(step).update_type, named(step)) == ("Full", ["A", "B"])
    assert all(e.id_tag_info == YES for e in message(step).local_authorization_list or ())


def test_a_known_list_gets_what_differs() -> None:
    step = next_step(attempt(), HOLDS_A)
    assert (message(step).update_type, named(step)) == ("Differential", ["B", "C"])


def test_removals_go_before_changes_before_news_and_case_is_no_difference() -> None:
    held = {"a": YES, "X": YES, "B": YES}
    wanted = {"N": YES, "B": NO, "A": YES}
    assert list(difference(held, wanted)) == [
        LocalListEntry(id_tag="X", id_tag_info=UNSET),
        LocalListEntry(id_tag="B", id_tag_info=NO),
        LocalListEntry(id_tag="N", id_tag_info=YES),
    ]


def test_an_empty_list_is_sent_as_one_where_a_full_one_is_due() -> None:
    step = next_step(attempt({}, full=True), HOLDS_A)
    assert message(step).local_authorization_list == ()
    empty = LocalList(version=0, told_version=0, entries={})
    assert next_step(attempt({}, record=empty), empty) == End("up-to-date")


@pytest.mark.parametrize(("version", "highest", "next_version"), [(7, 0, 8), (7, 9, 10), (0, 3, 4)])
def test_versions_grow_above_all_that_was_sent_or_told(
    version: int, highest: int, next_version: int
) -> None:
    record = LocalList(version=version, told_version=version, entries={})
    step = next_step(attempt(record=record, highest_version=highest), record)
    assert message(step).list_version == next_version


def test_a_charge_point_without_lists_is_left_alone_unless_somebody_insists() -> None:
    none = LocalList(version=-1, told_version=-1)
    assert next_step(attempt(record=none), none) == End("not-supported")
    step = next_step(attempt(record=none, full=True), none)
    assert (message(step).update_type, message(step).list_version) == ("Full", 1)
    ended = after_status(attempt(record=none, full=True), message(step), "NotSupported")
    assert next_step(ended, none) == End("not-supported")


@pytest.mark.parametrize("status", ["Failed", "VersionMismatch", "Whatever"])
def test_a_refused_differential_list_is_followed_by_one_full_one(status: str) -> None:
    first = attempt()
    sent = message(next_step(first, HOLDS_A))
    second = after_status(first, sent, status)
    if status == "VersionMismatch":
        assert next_step(second, HOLDS_A) == AskVersion()
        second = after_version(second)
    full = message(next_step(second, HOLDS_A))
    assert (full.update_type, full.list_version) == ("Full", 9)
    assert next_step(after_status(second, full, status), HOLDS_A) == End("refused")


def test_a_refused_full_list_is_not_repeated() -> None:
    first = attempt(full=True)
    sent = message(next_step(first, HOLDS_A))
    assert next_step(after_status(first, sent, "Failed"), HOLDS_A) == End("refused")


def test_a_silence_is_made_good_once() -> None:
    first = attempt()
    sent = message(next_step(first, HOLDS_A))
    lost = LocalList(version=None, told_version=7, entries=None)
    second = after_silence(first, sent)
    assert next_step(second, lost) == AskVersion()
    assert next_step(after_silence(second, None), lost) == End("no-answer")


def test_an_answer_without_a_version_ends_the_attempt() -> None:
    asked = after_version(attempt(record=LocalList(), told=False))
    assert next_step(asked, LocalList()) == End("refused")


def test_a_call_that_failed_ends_the_attempt() -> None:
    assert next_step(after_error(attempt(), None, "offline"), HOLDS_A) == End("offline")


def test_answers_that_change_nothing_end_the_attempt() -> None:
    going = attempt()
    for _ in range(going.most):
        sent = message(next_step(going, HOLDS_A))
        going = after_status(going, sent, "Accepted")
    assert next_step(going, HOLDS_A) == End("refused")
