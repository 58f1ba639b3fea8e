"""Keeps the local list of every charge point as it is to be, one attempt at a time for each.

By itself it acts after provisioning, when tags change, when a charge point reports a clash, and
every hour, so that what expired leaves; never in quiet mode, where only `sync` sends anything.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import ProtocolViolation
from gateway.events import (
    CallEnded,
    ChargePointBooted,
    ChargePointConnected,
    ConnectorStatusChanged,
    Provisioned,
    TagsChanged,
)
from gateway.local_lists.limits import cut, limits, switched_off
from gateway.local_lists.plan import (
    NOT_SUPPORTED,
    REFUSED,
    AskVersion,
    Attempt,
    End,
    after_error,
    after_silence,
    after_status,
    after_version,
    begin,
    next_step,
)
from gateway.ocpp.calls import (
    Answered,
    Caller,
    CallOutcome,
    Offline,
    Refused,
    Superseded,
    TimedOut,
    Withheld,
)
from gateway.ocpp.v16.messages import SendLocalListRequest, StatusResponse, encode, read
from gateway.ports import ChargePointDesk, Clock, ListSync, RecordDesk, TagRegister
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts
from gateway.runtime.supervisor import TaskKeeper
from gateway.site.depot import Site

log = logging.getLogger(__name__)

OFFLINE: Final = "offline"
SETTLE_S: Final = 1.0
"""Pause before an attempt of our own: changes that come together go out together."""
APART_S: Final = 0.1
"""Between the beginnings of attempts at several charge points: planning a long list takes a while,
and the balancing must get its turn."""
RECHECK_S: Final = 3600.0
"""Tags expire without an event; also, a charge point that was silent is asked again."""
CONFLICT_PAUSE_S: Final = 3600.0
"""A reported clash is answered with a Full at most this often."""
CONFLICT: Final = "LocalListConflict"
NO_SUCH_ACTION: Final = frozenset({"NotImplemented", "NotSupported"})


@dataclass(slots=True)
class _Standing:
    """What is known of one charge point beside the records.

    Args:
        settle_s: Pause before an attempt of our own.
        told: It told its version in this connection.
        unsupported: It said in this connection that it keeps no list.
        gave_up_on: Fingerprint of the list that it refused in this connection.
        highest_version: The highest version that we sent since the start.
        due: An attempt of our own is about to begin.
        full_due: That attempt begins with a Full.
        conflict_at_s: When a clash was last answered, monotonic.
    """

    settle_s: float
    told: bool = False
    unsupported: bool = False
    gave_up_on: int | None = None
    highest_version: int = 0
    due: bool = False
    full_due: bool = False
    conflict_at_s: float | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class LocalListService:
    """Fulfils `gateway.ports.LocalListDesk`. Made after the records, so that they fold first."""

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        register: TagRegister,
        records: RecordDesk,
        desk: ChargePointDesk,
    ) -> None:
        self._site = site
        self._clock = clock
        self._register = register
        self._records = records
        self._desk = desk
        self._standings = {
            identity: _Standing(SETTLE_S + APART_S * position)
            for position, identity in enumerate(site.charge_points)
        }
        self._rechecking = False
        self._tasks = TaskKeeper()
        bus.subscribe(ChargePointConnected, lambda event: self._begun_anew(event.identity))
        bus.subscribe(ChargePointBooted, lambda event: self._begun_anew(event.identity))
        bus.subscribe(CallEnded, self._call_ended)
        bus.subscribe(Provisioned, self._provisioned)
        bus.subscribe(TagsChanged, lambda _: self._want_all())
        bus.subscribe(ConnectorStatusChanged, self._status_changed)

    async def close(self) -> None:
        """Stop everything under way."""
        await self._tasks.cancel()

    async def sync(self, identity: str, *, full: bool = False, caller: Caller) -> ListSync:
        """Send what is missing, or everything anew when ``full``; works in quiet mode too."""
        if (standing := self._standings.get(identity)) is None:
            return ListSync(OFFLINE, None, 0)
        async with standing.turn:
            return await self._sync(identity, full=full, caller=caller)

    def _begun_anew(self, identity: str) -> None:
        """A connection or a boot: the charge point may hold another list, and other firmware."""
        if (standing := self._standings.get(identity)) is None:
            return
        standing.told = standing.unsupported = False
        standing.gave_up_on = None
        if not self._rechecking:
            self._rechecking = True
            self._tasks.start(self._recheck(), "local_lists.recheck")

    def _provisioned(self, event: Provisioned) -> None:
        """What was refused before may be taken now."""
        if (standing := self._standings.get(event.identity)) is not None:
            standing.gave_up_on = None
            self._want(event.identity)

    def _call_ended(self, event: CallEnded) -> None:
        standing = self._standings.get(event.identity)
        if standing is not None and event.action == "GetLocalListVersion":
            standing.told = standing.told or isinstance(event.outcome, Answered)

    def _status_changed(self, event: ConnectorStatusChanged) -> None:
        """OCPP 1.6 §7.6: the list contradicts what the charge point is told otherwise."""
        standing = self._standings.get(event.key.identity)
        if event.error_code != CONFLICT or standing is None:
            return
        now_s = self._clock.now().monotonic_s
        last_s = standing.conflict_at_s
        if last_s is not None and now_s - last_s < CONFLICT_PAUSE_S:
            return
        if self._want(event.key.identity, full=True):
            standing.conflict_at_s = now_s

    def _want_all(self) -> None:
        for identity in self._standings:
            self._want(identity)

    def _want(self, identity: str, *, full: bool = False) -> bool:
        """An attempt of our own is to begin, unless one is about to; False where none may."""
        standing = self._standings.get(identity)
        if standing is None or self._site.is_quiet(identity) or not self._desk.is_online(identity):
            return False
        standing.full_due = standing.full_due or full
        if not standing.due:
            standing.due = True
            self._tasks.start(self._attempt_soon(identity, standing), f"local_list/{identity}")
        return True

    async def _attempt_soon(self, identity: str, standing: _Standing) -> None:
        await asyncio.sleep(standing.settle_s)
        async with standing.turn:
            full = standing.full_due
            standing.due = standing.full_due = False
            if not full and self._is_hopeless(identity, standing):
                return
            await self._sync(identity, full=full, caller=Caller.GATEWAY)

    def _is_hopeless(self, identity: str, standing: _Standing) -> bool:
        """True when the same attempt was refused in this connection already."""
        if standing.unsupported:
            return True
        given_up = standing.gave_up_on
        return given_up is not None and given_up == self._fingerprint(identity)

    def _fingerprint(self, identity: str) -> int:
        return hash(tuple(self._register.local_list(identity).items()))

    async def _sync(self, identity: str, *, full: bool, caller: Caller) -> ListSync:
        standing = self._standings[identity]
        record = self._records.local_list(identity)
        configuration = self._records.configuration(identity)
        if not self._desk.is_online(identity):
            return ListSync(OFFLINE, record.version, 0)
        if switched_off(configuration) and not full:
            return ListSync(NOT_SUPPORTED, record.version, 0)
        bounds = limits(configuration)
        wanted, left_out = cut(self._register.local_list(identity), bounds.total)
        attempt = begin(
            wanted,
            record,
            bounds,
            full=full,
            told=standing.told,
            highest_version=standing.highest_version,
        )
        outcome, attempt = await self._carry_out(identity, attempt, caller)
        self._remember(identity, standing, outcome)
        version = self._records.local_list(identity).version
        log.info(
            "local_list.synced",
            extra=facts(
                charge_point=identity,
                outcome=outcome,
                version=version,
                sent=attempt.sent,
                left_out=len(left_out),
            ),
        )
        return ListSync(outcome, version, attempt.sent, left_out)

    async def _carry_out(
        self, identity: str, attempt: Attempt, caller: Caller
    ) -> tuple[str, Attempt]:
        standing = self._standings[identity]
        while True:
            step = next_step(attempt, self._records.local_list(identity))
            match step:
                case End(outcome):
                    return outcome, attempt
                case AskVersion():
                    ended = await self._desk.call(
                        identity, "GetLocalListVersion", b"{}", caller=caller
                    )
                    attempt = _after_asking(attempt, ended)
                case SendLocalListRequest():
                    standing.highest_version = step.list_version
                    attempt = await self._send(identity, attempt, step, caller)

    async def _send(
        self, identity: str, attempt: Attempt, message: SendLocalListRequest, caller: Caller
    ) -> Attempt:
        try:
            ended = await self._desk.call(identity, "SendLocalList", encode(message), caller=caller)
            if isinstance(ended, Answered):
                status = read(StatusResponse, ended.payload).status
                return after_status(attempt, message, status)
        except ProtocolViolation as exc:
            log.warning(
                "local_list.not_sent", extra=facts(charge_point=identity, reason=exc.detail)
            )
            return after_error(attempt, message, REFUSED)
        return _after_no_result(attempt, message, ended)

    def _remember(self, identity: str, standing: _Standing, outcome: str) -> None:
        """What keeps the next attempt of our own from being the same one again."""
        standing.unsupported = outcome == NOT_SUPPORTED
        standing.gave_up_on = self._fingerprint(identity) if outcome == REFUSED else None

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_S)
            self._want_all()


def _after_asking(attempt: Attempt, ended: CallOutcome) -> Attempt:
    if isinstance(ended, Answered):
        return after_version(attempt)
    return _after_no_result(attempt, None, ended)


def _after_no_result(
    attempt: Attempt, message: SendLocalListRequest | None, ended: CallOutcome
) -> Attempt:
    match ended:
        case TimedOut():
            return after_silence(attempt, message)
        case Offline():
            return after_error(attempt, message, OFFLINE)
        case Refused(code) if code in NO_SUCH_ACTION:
            return after_error(attempt, message, NOT_SUPPORTED)
        case Withheld() | Superseded():
            return after_error(attempt, None, REFUSED)
        case _:
            return after_error(attempt, message, REFUSED)
