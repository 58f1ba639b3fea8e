"""Laws of local lists: whatever is lost or refused, the list ends right or the attempt ends."""

from datetime import UTC, datetime
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from gateway.local_lists.limits import cut, limits
from gateway.local_lists.plan import (
    AskVersion,
    Attempt,
    End,
    after_silence,
    after_status,
    after_version,
    begin,
    most_messages,
    next_step,
)
from gateway.ocpp.calls import Caller
from gateway.ocpp.v16.messages import IdTagInfo, StatusResponse, encode, read
from gateway.records import local_list as records
from gateway.records.document import Exchange
from gateway.records.local_list import LocalList
from tests.unit.local_lists.keeper import Fate, Keeper

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SILENT = {Fate.LOST_BEFORE, Fate.LOST_AFTER}
REFUSED = {Fate.FAILED, Fate.MISMATCH}

infos = st.builds(
    IdTagInfo,
    status=st.sampled_from(["Accepted", "Blocked", "Invalid"]),
    parent_id_tag=st.sampled_from(["FLEET", "STAFF"]),
)
entries = st.dictionaries(st.sampled_from([f"TAG{n}" for n in range(12)]), infos)
fates = st.lists(st.sampled_from(Fate), max_size=8)


class Played(NamedTuple):
    """How an attempt ended."""

    outcome: str
    attempt: Attempt
    record: LocalList
    asked: int


def exchange(request: bytes, answer: bytes) -> Exchange:
    return Exchange(request, answer, Caller.GATEWAY, NOON)


def play(keeper: Keeper, attempt: Attempt, record: LocalList) -> Played:
    """Carry an attempt out, keeping the record as the gateway keeps it."""
    asked = 0
    while True:
        step = next_step(attempt, record)
        if isinstance(step, End):
            return Played(step.outcome, attempt, record, asked)
        if isinstance(step, AskVersion):
            asked += 1
            answer = keeper.answer("GetLocalListVersion", b"{}")
            if answer is None:
                attempt = after_silence(attempt, None)
            else:
                record = records.after_version(record, exchange(b"{}", answer))
                attempt = after_version(attempt)
            continue
        request = encode(step)
        answer = keeper.answer("SendLocalList", request)
        if answer is None:
            record = records.after_silence(record)
            attempt = after_silence(attempt, step)
        else:
            record = records.after_send(record, exchange(request, answer))
            attempt = after_status(attempt, step, read(StatusResponse, answer).status)


def start(
    keeper: Keeper, wanted: dict[str, IdTagInfo], record: LocalList, *, full: bool, told: bool
) -> Attempt:
    bounds = limits(keeper.configuration)
    target, _ = cut(wanted, bounds.total)
    return begin(target, record, bounds, full=full, told=told)


def right(keeper: Keeper, attempt: Attempt) -> bool:
    return keeper.entries == {name.casefold(): info for name, info in attempt.wanted.items()}


@given(
    wanted=entries,
    held=entries,
    known=st.booleans(),
    full=st.booleans(),
    per_message=st.integers(1, 5),
    total=st.none() | st.integers(0, 12),
    met=fates,
    silent_versions=st.integers(0, 2),
)
def test_a_list_ends_right_or_the_attempt_ends_and_the_next_one_mends_it(
    wanted: dict[str, IdTagInfo],
    held: dict[str, IdTagInfo],
    known: bool,
    full: bool,
    per_message: int,
    total: int | None,
    met: list[Fate],
    silent_versions: int,
) -> None:
    keeper = Keeper(per_message, total)
    held, _ = cut(held, total)
    if held:
        keeper.hold(held, 41)
    keeper.fates.extend(met)
    keeper.silent_versions = silent_versions
    record = LocalList(version=41, told_version=41, entries=held) if known and held else LocalList()

    first = play(keeper, start(keeper, wanted, record, full=full, told=known), record)

    sent = [message.list_version for message in keeper.sent]
    assert keeper.broken == []
    assert sent == sorted(set(sent))
    assert all(version > 41 for version in sent) or not held
    assert len(sent) == first.attempt.sent
    assert len(sent) <= most_messages(len(wanted), len(held), per_message)
    assert first.asked <= 3
    silences = silent_versions - keeper.silent_versions + sum(f in SILENT for f in keeper.met)
    refusals = [
        message.update_type == "Full" and fate is Fate.FAILED
        for message, fate in zip(keeper.sent, keeper.met, strict=True)
        if fate in REFUSED
    ]
    if silences > 1:
        assert first.outcome == "no-answer"
    elif len(refusals) > 1 or any(refusals):
        assert first.outcome == "refused"
    else:
        assert first.outcome == "up-to-date"
        assert right(keeper, first.attempt)

    keeper.fates.clear()
    keeper.silent_versions = 0
    after = play(keeper, start(keeper, wanted, first.record, full=False, told=False), first.record)
    assert after.outcome == "up-to-date"
    assert right(keeper, after.attempt)
    assert keeper.broken == []
    assert keeper.taken_versions == sorted(set(keeper.taken_versions))


@given(wanted=entries, per_message=st.integers(1, 5))
def test_a_list_that_is_right_is_left_alone(wanted: dict[str, IdTagInfo], per_message: int) -> None:
    keeper = Keeper(per_message)
    first = play(keeper, start(keeper, wanted, LocalList(), full=False, told=False), LocalList())
    sent = len(keeper.sent)
    again = play(keeper, start(keeper, wanted, first.record, full=False, told=True), first.record)
    assert again.outcome == "up-to-date"
    assert len(keeper.sent) == sent


@given(before=entries, after=entries, per_message=st.integers(1, 5))
def test_a_change_sends_what_changed_and_nothing_else(
    before: dict[str, IdTagInfo], after: dict[str, IdTagInfo], per_message: int
) -> None:
    keeper = Keeper(per_message)
    attempt = start(keeper, before, LocalList(), full=True, told=False)
    first = play(keeper, attempt, LocalList())
    keeper.sent.clear()
    change = start(keeper, after, first.record, full=False, told=True)
    play(keeper, change, first.record)
    assert right(keeper, change)
    named = [entry.id_tag for m in keeper.sent for entry in m.local_authorization_list or ()]
    changed = {tag for tag in before.keys() | after.keys() if before.get(tag) != after.get(tag)}
    assert sorted(named) == sorted(changed)
    assert all(message.update_type == "Differential" for message in keeper.sent)
