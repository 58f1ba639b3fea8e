"""From what a charge point's list is to say, and what it is known to say, to the next message.

The one rule: every message is planned from what the charge point confirmed, never from what was
sent, and an attempt ends after a bounded number of them.

    its version unknown in this connection ......... GetLocalListVersion
    entries unknown, no list yet, or asked for ..... Full with the first entries that fit a message
    entries differ ................................. Differential with what differs, as much as fits
    nothing differs ................................ end

Versions only grow: each is one above all that we sent and all that it told. A refused Differential
is followed by one Full; a refused Full by nothing, unless the charge point minds the version, which
is then asked for. An answer that is lost is made good once, by asking for the version.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, TypeAlias

from gateway.authorization.decide import key
from gateway.local_lists.limits import Limits
from gateway.ocpp.v16.messages import IdTagInfo, LocalListEntry, SendLocalListRequest
from gateway.records.local_list import LocalList

UP_TO_DATE: Final = "up-to-date"
NOT_SUPPORTED: Final = "not-supported"
REFUSED: Final = "refused"
NO_ANSWER: Final = "no-answer"

FULL: Final = "Full"
DIFFERENTIAL: Final = "Differential"


@dataclass(frozen=True, slots=True)
class AskVersion:
    """GetLocalListVersion is next."""


@dataclass(frozen=True, slots=True)
class End:
    """Nothing is next. ``outcome`` as in `gateway.ports.ListSync`."""

    outcome: str


Step: TypeAlias = AskVersion | SendLocalListRequest | End


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to bring a list up to date.

    Args:
        wanted: What the list is to say, cut to what the charge point holds.
        full: A Full is due, whatever is known.
        ask: Its version must be asked for before anything else.
        asked: It told its version in this attempt.
        highest_version: The highest version that was ever sent.
        sent: SendLocalList.req so far.
        most: No more than this many are sent.
        refusals: Answers that asked for another try.
        silences: CALLs without an answer.
        ended: The outcome; empty while it goes on.
    """

    wanted: Mapping[str, IdTagInfo]
    limits: Limits
    full: bool
    ask: bool
    highest_version: int
    most: int
    asked: bool = False
    sent: int = 0
    refusals: int = 0
    silences: int = 0
    ended: str = ""


def begin(
    wanted: Mapping[str, IdTagInfo],
    record: LocalList,
    limits: Limits,
    *,
    full: bool,
    told: bool,
    highest_version: int = 0,
) -> Attempt:
    """An attempt that has not sent anything.

    Args:
        wanted: Cut to ``limits.total``.
        full: Send everything anew. Asks for the version only when none is known, and goes before
            what the charge point said of its support: somebody insists.
        told: It told its version in this connection, so that ``record`` can be believed.
    """
    most = most_messages(len(wanted), len(record.entries or ()), limits.per_message)
    return Attempt(wanted, limits, full, not (told or full), highest_version, most)


def most_messages(wanted: int, held: int, per_message: int) -> int:
    """An upper bound of the SendLocalList.req of one attempt.

    One differential run over all that is wanted or held, then a full run for one refusal, and one
    for one silence.
    """
    return _messages(wanted + held, per_message) + 2 * _messages(wanted, per_message) + 1


def next_step(attempt: Attempt, record: LocalList) -> Step:
    """What to do next, given what the charge point confirmed until now."""
    if attempt.ended:
        return End(attempt.ended)
    if attempt.ask or (record.version is None and not attempt.asked):
        return AskVersion()
    if record.version is None:
        return End(REFUSED)  # its answer to GetLocalListVersion told nothing
    if record.version < 0 and not attempt.full:
        return End(NOT_SUPPORTED)
    message = _message(attempt, record, record.version)
    if message is None:
        return End(UP_TO_DATE)
    return End(REFUSED) if attempt.sent >= attempt.most else message


def after_version(attempt: Attempt) -> Attempt:
    """The charge point told its version."""
    return replace(attempt, ask=False, asked=True)


def after_status(attempt: Attempt, sent: SendLocalListRequest, status: str) -> Attempt:
    """SendLocalList was answered with ``status`` (OCPP 1.6 §7.47), or with a word of its own."""
    full = sent.update_type == FULL
    attempt = _counted(attempt, sent)
    if status == "Accepted":
        return replace(attempt, full=attempt.full and not full)
    if status == "NotSupported":
        return replace(attempt, ended=NOT_SUPPORTED)
    mismatch = status == "VersionMismatch"
    if attempt.refusals or (full and not mismatch):
        return replace(attempt, ended=REFUSED)
    return replace(attempt, refusals=1, full=True, ask=mismatch)


def after_silence(attempt: Attempt, sent: SendLocalListRequest | None) -> Attempt:
    """No answer came. ``sent`` is None when the version was asked for."""
    if sent is not None:
        attempt = _counted(attempt, sent)
    if attempt.silences:
        return replace(attempt, ended=NO_ANSWER)
    return replace(attempt, silences=1, ask=True, asked=False)


def after_error(attempt: Attempt, sent: SendLocalListRequest | None, outcome: str) -> Attempt:
    """The CALL ended in a way that ends the attempt."""
    attempt = attempt if sent is None else _counted(attempt, sent)
    return replace(attempt, ended=outcome)


def difference(
    held: Mapping[str, IdTagInfo], wanted: Mapping[str, IdTagInfo]
) -> Iterator[LocalListEntry]:
    """What turns ``held`` into ``wanted``: removals first, for the room, then changes, then news.

    idTags compare without case.
    """
    by_key = {key(id_tag): info for id_tag, info in held.items()}
    to_hold = {key(id_tag) for id_tag in wanted}
    for id_tag in held:
        if key(id_tag) not in to_hold:
            yield LocalListEntry(id_tag=id_tag)
    for news in (False, True):
        for id_tag, info in wanted.items():
            if (key(id_tag) not in by_key) is news and by_key.get(key(id_tag)) != info:
                yield LocalListEntry(id_tag=id_tag, id_tag_info=info)


def _message(attempt: Attempt, record: LocalList, version: int) -> SendLocalListRequest | None:
    next_version = max(version, attempt.highest_version, 0) + 1
    fits = attempt.limits.per_message
    if attempt.full or record.entries is None or (version == 0 and attempt.wanted):
        entries = tuple(
            LocalListEntry(id_tag=id_tag, id_tag_info=info)
            for id_tag, info in islice(attempt.wanted.items(), fits)
        )
        return SendLocalListRequest(
            list_version=next_version, local_authorization_list=entries, update_type=FULL
        )
    entries = tuple(islice(difference(record.entries, attempt.wanted), fits))
    if not entries:
        return None
    return SendLocalListRequest(
        list_version=next_version, local_authorization_list=entries, update_type=DIFFERENTIAL
    )


def _counted(attempt: Attempt, sent: SendLocalListRequest) -> Attempt:
    highest = max(attempt.highest_version, sent.list_version)
    return replace(attempt, sent=attempt.sent + 1, highest_version=highest)


def _messages(entries: int, per_message: int) -> int:
    """How many messages carry ``entries``; one at least."""
    return max(1, -(-entries // per_message))
