"""gateway.local_lists.service, over the real records, with a charge point that keeps a list."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import ProtocolViolation
from gateway.events import (
    CallEnded,
    ChargePointBooted,
    ChargePointConnected,
    ConnectorStatusChanged,
    Provisioned,
    TagsChanged,
)
from gateway.local_lists.service import LocalListService
from gateway.ocpp.calls import Answered, Caller, CallOutcome, Offline, Refused, TimedOut, Withheld
from gateway.ocpp.schema import Direction, violations
from gateway.ocpp.v16.messages import IdTagInfo, LocalListEntry
from gateway.ports import ListSync
from gateway.records.service import RecordService
from gateway.site.depot import ConnectorKey, Tag
from gateway.storage.documents import SqliteDocuments
from tests.unit.local_lists.keeper import Fate, Keeper
from tests.unit.service_bench import BOOT, IDENTITY, Bench, play

YES = IdTagInfo(status="Accepted")
ENTRIES = {f"TAG{n}": YES for n in range(5)}
HOUR_S = 3600.0


class Desk:
    """A line to a charge point that keeps a list. ``ending`` takes the place of every answer."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.keeper = Keeper()
        self.online = True
        self.ending: CallOutcome | ProtocolViolation | None = None
        self.called: list[tuple[str, Caller]] = []
        self.busy = 0

    def is_online(self, identity: str) -> bool:
        return self.online and identity == IDENTITY

    async def call(
        self,
        identity: str,
        action: str,
        payload: bytes,
        timeout_s: float | None = None,
        *,
        caller: Caller = Caller.GATEWAY,
    ) -> CallOutcome:
        assert violations(action, Direction.REQUEST, payload) == []
        assert self.busy == 0, "two attempts at once"
        self.busy += 1
        self.called.append((action, caller))
        called_at = self.bench.clock.now().utc
        await asyncio.sleep(2.0)  # longer than the pause before the next attempt
        self.busy -= 1
        if isinstance(self.ending, ProtocolViolation):
            raise self.ending
        outcome = self.ending or self._answer(action, payload)
        ended_at = self.bench.clock.now().utc
        self.bench.bus.publish(
            CallEnded(identity, action, payload, outcome, caller, called_at, ended_at)
        )
        return outcome

    def _answer(self, action: str, payload: bytes) -> CallOutcome:
        answer = self.keeper.answer(action, payload)
        return TimedOut(30.0) if answer is None else Answered(answer)


class Register:
    """What the list of every charge point is to say."""

    def __init__(self) -> None:
        self.wanted: dict[str, IdTagInfo] = dict(ENTRIES)

    def tags(self) -> Sequence[Tag]:
        raise NotImplementedError

    async def change_tags(self, put: Sequence[Tag], remove: Sequence[str]) -> None:
        raise NotImplementedError

    def local_list(self, identity: str) -> Mapping[str, IdTagInfo]:
        return dict(self.wanted)


class Hall:
    """The service before one charge point."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.bench = Bench()
        if quiet:
            ocpp = replace(self.bench.site.ocpp, quiet=True)
            self.bench.site = replace(self.bench.site, ocpp=ocpp)
        bench = self.bench
        self.desk = Desk(bench)
        self.keeper = self.desk.keeper
        self.register = Register()
        self.records = RecordService(
            bench.site, bench.bus, bench.clock, SqliteDocuments(bench.database)
        )
        self.service = LocalListService(
            bench.site, bench.bus, bench.clock, self.register, self.records, self.desk
        )

        self.know(SendLocalListMaxLength="3")

    def know(self, **values: str) -> None:
        """The charge point told of its configuration."""
        keys = [{"key": k, "readonly": True, "value": v} for k, v in values.items()]
        answer = Answered(json.dumps({"configurationKey": keys}).encode())
        request = json.dumps({"key": list(values)}).encode()
        at = self.bench.clock.now().utc
        self.bench.bus.publish(
            CallEnded(IDENTITY, "GetConfiguration", request, answer, Caller.GATEWAY, at, at)
        )

    async def told(self, event: Any, within_s: float = 30.0) -> list[str]:
        """The actions that were called after ``event``."""
        self.desk.called.clear()
        self.bench.bus.publish(event)
        await asyncio.sleep(within_s)
        assert self.keeper.broken == []
        assert all(caller is Caller.GATEWAY for _, caller in self.desk.called)
        return [action for action, _ in self.desk.called]

    async def connect(self) -> list[str]:
        """A connection, and its provisioning."""
        self.bench.bus.publish(ChargePointConnected(IDENTITY))
        return await self.told(Provisioned(IDENTITY))

    async def sync(self, *, full: bool = False) -> ListSync:
        return await self.service.sync(IDENTITY, full=full, caller=Caller.OPERATOR)

    def is_right(self) -> bool:
        wanted = {id_tag.casefold(): info for id_tag, info in self.register.wanted.items()}
        return self.keeper.entries == wanted


ASK, SEND = "GetLocalListVersion", "SendLocalList"


def scene(played: Callable[[Hall], Awaitable[None]], *, quiet: bool = False) -> None:
    async def main() -> None:
        hall = Hall(quiet=quiet)
        try:
            await played(hall)
        finally:
            await hall.service.close()
            await hall.records.close()

    play(main)


def test_after_provisioning_the_list_is_brought_up_to_date() -> None:
    async def played(hall: Hall) -> None:
        assert await hall.connect() == [ASK, SEND, SEND]
        assert hall.is_right()
        assert [m.update_type for m in hall.keeper.sent] == ["Full", "Differential"]
        assert await hall.connect() == [ASK]

    scene(played)


def test_a_changed_tag_travels_alone_and_changes_that_come_together_go_out_together() -> None:
    async def played(hall: Hall) -> None:
        await hall.connect()
        hall.keeper.sent.clear()
        hall.register.wanted["NEW"] = YES
        hall.bench.bus.publish(TagsChanged())
        del hall.register.wanted["TAG0"]
        assert await hall.told(TagsChanged()) == [SEND]
        (message,) = hall.keeper.sent
        assert message.local_authorization_list == (
            LocalListEntry(id_tag="TAG0"),
            LocalListEntry(id_tag="NEW", id_tag_info=YES),
        )
        assert hall.is_right()

    scene(played)


def test_a_change_during_an_attempt_is_brought_by_the_next_one() -> None:
    async def played(hall: Hall) -> None:
        hall.bench.bus.publish(Provisioned(IDENTITY))
        await asyncio.sleep(1.3)
        assert hall.desk.busy == 1
        hall.register.wanted["NEW"] = YES
        await hall.told(TagsChanged())
        assert hall.is_right()

    scene(played)


def test_nobody_is_called_who_is_away_or_unknown() -> None:
    async def played(hall: Hall) -> None:
        hall.desk.online = False
        assert await hall.told(TagsChanged()) == []
        assert await hall.told(Provisioned("CP-99")) == []
        assert await hall.sync() == ListSync("offline", None, 0)
        unknown = await hall.service.sync("CP-99", caller=Caller.OPERATOR)
        assert unknown == ListSync("offline", None, 0)

    scene(played)


def test_quiet_mode_sends_nothing_that_nobody_asked_for() -> None:
    async def played(hall: Hall) -> None:
        conflict = ConnectorStatusChanged(
            ConnectorKey(IDENTITY, 0), "Available", "LocalListConflict"
        )
        for event in (ChargePointConnected(IDENTITY), TagsChanged(), conflict):
            assert await hall.told(event, 2 * HOUR_S) == []
        assert await hall.sync() == ListSync("up-to-date", 2, 2)
        assert {caller for _, caller in hall.desk.called} == {Caller.OPERATOR}
        assert hall.is_right()

    scene(played, quiet=True)


def test_what_finds_no_room_is_told() -> None:
    async def played(hall: Hall) -> None:
        hall.keeper.total = 3
        hall.know(LocalAuthListMaxLength="3", SendLocalListMaxLength="20")
        hall.keeper.per_message = 20
        assert await hall.sync() == ListSync("up-to-date", 1, 1, ("TAG3", "TAG4"))
        assert list(hall.keeper.entries) == ["tag0", "tag1", "tag2"]

    scene(played)


def test_a_full_list_may_be_asked_for_at_any_time() -> None:
    async def played(hall: Hall) -> None:
        await hall.connect()
        assert await hall.sync() == ListSync("up-to-date", 2, 0)
        assert await hall.sync(full=True) == ListSync("up-to-date", 4, 2)
        assert hall.keeper.sent[-2].update_type == "Full"

    scene(played)


def test_what_was_refused_is_not_tried_again_until_something_changes() -> None:
    async def played(hall: Hall) -> None:
        hall.keeper.fates.extend([Fate.FAILED] * 2)
        assert await hall.connect() == [ASK, SEND]
        assert await hall.told(TagsChanged(), 2 * HOUR_S) == []
        hall.register.wanted["NEW"] = YES
        assert await hall.told(TagsChanged()) == [SEND]
        assert await hall.connect() == [ASK, SEND, SEND]
        assert hall.is_right()

    scene(played)


@pytest.mark.parametrize("version", [-1, 0])
def test_a_charge_point_without_lists_is_asked_once_in_a_connection(version: int) -> None:
    async def played(hall: Hall) -> None:
        hall.keeper.version = version
        if version == 0:
            hall.desk.ending = Refused("NotImplemented", "")
        assert await hall.connect() == [ASK]
        hall.register.wanted["NEW"] = YES
        assert await hall.told(TagsChanged(), 2 * HOUR_S) == []
        assert (await hall.sync()).outcome == "not-supported"
        hall.bench.bus.publish(ChargePointBooted(IDENTITY, BOOT))
        assert await hall.told(Provisioned(IDENTITY)) == [ASK]

    scene(played)


def test_a_configuration_that_knows_no_lists_spares_every_message() -> None:
    async def played(hall: Hall) -> None:
        hall.know(LocalAuthListEnabled="false")
        assert await hall.connect() == []
        assert await hall.sync() == ListSync("not-supported", None, 0)

    scene(played)


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        (Offline(), "offline"),
        (TimedOut(30.0), "no-answer"),
        (Refused("InternalError", ""), "refused"),
        (Withheld("not accepted yet"), "refused"),
        (Answered(b'{"nothing":1}'), "refused"),
        (ProtocolViolation("FormationViolation", "no"), "refused"),
    ],
)
def test_every_other_ending_of_a_message_ends_the_attempt(
    ending: CallOutcome | ProtocolViolation, outcome: str
) -> None:
    async def played(hall: Hall) -> None:
        await hall.connect()
        hall.desk.ending = ending
        hall.register.wanted["NEW"] = YES
        assert (await hall.sync()).outcome == outcome
        hall.desk.ending = None
        await hall.connect()
        assert hall.is_right()

    scene(played)


@pytest.mark.parametrize("fate", [Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.MISMATCH])
def test_a_lost_answer_and_a_mismatch_are_made_good(fate: Fate) -> None:
    async def played(hall: Hall) -> None:
        hall.keeper.fates.append(fate)
        assert await hall.connect() == [ASK, SEND, ASK, SEND, SEND]
        assert hall.is_right()

    scene(played)


def test_a_charge_point_that_was_silent_is_tried_again_within_the_hour() -> None:
    async def played(hall: Hall) -> None:
        hall.keeper.silent_versions = 2
        assert await hall.connect() == [ASK, ASK]
        await asyncio.sleep(HOUR_S)
        assert hall.is_right()

    scene(played)


def test_what_expires_leaves_without_an_event() -> None:
    async def played(hall: Hall) -> None:
        await hall.connect()
        del hall.register.wanted["TAG2"]
        await asyncio.sleep(HOUR_S + 30)
        assert hall.is_right()

    scene(played)


def test_a_clash_is_answered_with_a_full_list_once_an_hour() -> None:
    async def played(hall: Hall) -> None:
        await hall.connect()
        key = ConnectorKey(IDENTITY, 0)
        conflict = ConnectorStatusChanged(key, "Available", "LocalListConflict")
        assert await hall.told(ConnectorStatusChanged(key, "Available", "NoError")) == []
        hall.keeper.sent.clear()
        assert await hall.told(conflict) == [SEND, SEND]
        assert [m.update_type for m in hall.keeper.sent] == ["Full", "Differential"]
        assert await hall.told(conflict) == []
        await asyncio.sleep(HOUR_S)
        assert await hall.told(conflict) == [SEND, SEND]

    scene(played)


def test_a_version_that_a_person_asked_for_counts_as_told() -> None:
    async def played(hall: Hall) -> None:
        hall.bench.bus.publish(ChargePointConnected(IDENTITY))
        await hall.desk.call(IDENTITY, ASK, b"{}", caller=Caller.OPERATOR)
        assert await hall.told(TagsChanged()) == [SEND, SEND]

    scene(played)
