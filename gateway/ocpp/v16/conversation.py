"""One OCPP-J 1.6 conversation: what happens goes in, what must be done comes out.

The one rule: it never waits. Every CALL of the peer gets at most one answer, and every CALL of ours
ends exactly once (OCPP-J 1.6 §4.1: one outstanding CALL a side; the two sides' CALLs may cross).
"""

from typing import Final

from gateway.errors import InvariantBroken, ProtocolViolation
from gateway.ocpp.calls import Answered, CallOutcome, Offline, Refused, Superseded, TimedOut
from gateway.ocpp.frames import (
    BrokenAnswer,
    Call,
    CallError,
    CallResult,
    Foreign,
    Frame,
    parse,
    to_text,
)
from gateway.ocpp.mending import mended
from gateway.ocpp.schema import Direction, violations
from gateway.ocpp.v16.actions import FROM_CENTRAL_SYSTEM, FROM_CHARGE_POINT
from gateway.ocpp.v16.answers import Answers
from gateway.ocpp.v16.effects import Conclude as Conclude
from gateway.ocpp.v16.effects import Deviation as Deviation
from gateway.ocpp.v16.effects import Effect as Effect
from gateway.ocpp.v16.effects import Handle as Handle
from gateway.ocpp.v16.effects import Note as Note
from gateway.ocpp.v16.effects import OutgoingCall as OutgoingCall
from gateway.ocpp.v16.effects import Request as Request
from gateway.ocpp.v16.effects import Role as Role
from gateway.ocpp.v16.effects import Transmit as Transmit
from gateway.ocpp.v16.judging import judged_answer, judged_call
from gateway.ocpp.v16.tolerance import refused_in_own

PATIENCE_S: Final = 5.0
"""So long, from its transmission, may a CALL go unanswered while an urgent one waits behind it."""

MAX_UNANSWERED: Final = 64
"""CALLs of a peer that may wait for our answer at one time; those beyond get GenericError."""


class Conversation:
    """Feed it what happens; do what it says, in order. ``at_s`` is any monotonic clock.

    Args:
        strict: Refuse every departure of a CALL of the peer from OCPP 1.6; otherwise
            `gateway.ocpp.v16.tolerance` says what is forgiven. A cloud is never forgiven. Answers
            are judged by their use alone, as nothing tells a peer that its answer was refused.
    """

    __slots__ = (
        "_answers",
        "_deadline_s",
        "_ended",
        "_outstanding",
        "_queue",
        "_role",
        "_sent_s",
        "_strict",
        "_unanswered",
    )

    def __init__(self, role: Role, *, strict: bool = False) -> None:
        self._role = role
        self._strict = strict or role is Role.CHARGE_POINT
        self._ended = False
        self._outstanding: OutgoingCall | None = None
        self._deadline_s: float | None = None
        self._sent_s = 0.0
        self._queue: list[OutgoingCall] = []
        self._unanswered: dict[str, tuple[Request, float]] = {}
        self._answers = Answers()

    @property
    def next_deadline_s(self) -> float | None:
        """When `expire` must be called at the latest; None while nothing of ours is on its way."""
        return self._deadline_s

    @property
    def idle(self) -> bool:
        """True when no CALL of ours is on its way or queued."""
        return self._outstanding is None and not self._queue

    def receive(self, text: str, at_s: float) -> list[Effect]:
        """A message came from the peer."""
        if self._ended:
            return []
        frame = _read(text)
        if not isinstance(frame, ProtocolViolation | BrokenAnswer):
            return self._received(frame, at_s)
        tidy = None if self._strict else mended(text)
        usable = frame if tidy is None else _read(tidy)
        if isinstance(usable, ProtocolViolation | BrokenAnswer):
            return self._unreadable(frame, at_s)
        told = Deviation(self._action(usable), "", "json", frame.detail, refused=False)
        return [told, *self._received(usable, at_s)]

    def _received(self, frame: Frame, at_s: float) -> list[Effect]:
        match frame:
            case Call(unique_id, action, payload):
                return self._called(Request(unique_id, action, payload), at_s)
            case CallResult(unique_id, payload):
                return self._answered(unique_id, payload, at_s)
            case CallError(unique_id, code, description, details):
                return self._conclude(unique_id, Refused(code, description, details), at_s)
            case BrokenAnswer():
                return self._unreadable(frame, at_s)
            case Foreign(detail):
                return [Note(f"message ignored: {detail}")]

    def call(self, call: OutgoingCall, at_s: float) -> list[Effect]:
        """Make a CALL, at once or as soon as those before it have ended.

        Raises:
            ProtocolViolation: As a central system we send only what OCPP 1.6 allows. As a charge
                point we pass on what a charge point said, word for word, if the action is one.
        """
        self._check_own(call)
        if self._ended:
            return [Conclude(call.unique_id, Offline())]
        if self._is_known(call.unique_id):
            raise InvariantBroken(f"two CALLs with the id {call.unique_id}")
        replaced = self._enqueue(call)
        if call.urgent and self._deadline_s is not None:
            self._deadline_s = min(self._deadline_s, max(at_s, self._sent_s + PATIENCE_S))
        if replaced is not None:
            return [Conclude(replaced.unique_id, Superseded())]
        return self._next(at_s)

    def reply(self, unique_id: str, payload: bytes) -> list[Effect]:
        """Answer the peer's CALL ``unique_id``; nothing happens if it no longer waits for it.

        As a central system we send only answers that OCPP 1.6 allows: a charge point gets
        InternalError in place of one that is not.
        """
        waiting = self._unanswered.pop(unique_id, None)
        if waiting is None:
            return []
        request, received_at_s = waiting
        if self._role is Role.CENTRAL_SYSTEM:
            found = violations(request.action, Direction.RESPONSE, payload)
            wrong = refused_in_own(request.action, Direction.RESPONSE, found)
            if wrong:
                return [
                    Note(f"answer to {request.action} withheld: {wrong[0].detail}"),
                    _error(unique_id, "InternalError", "no valid answer could be found"),
                ]
        text = to_text(CallResult(unique_id, payload))
        self._answers.keep(request, text, received_at_s)
        return [Transmit(text)]

    def refuse(self, unique_id: str, code: str, description: str) -> list[Effect]:
        """Answer the peer's CALL with a CALLERROR. It is not remembered: a retry is a new try."""
        if self._unanswered.pop(unique_id, None) is None:
            return []
        return [_error(unique_id, code, description)]

    def expire(self, at_s: float) -> list[Effect]:
        """Give up on the CALL whose deadline has passed, and make the next."""
        call, deadline_s = self._outstanding, self._deadline_s
        if call is None or deadline_s is None or at_s < deadline_s:
            return []
        return self._conclude(call.unique_id, TimedOut(round(deadline_s - self._sent_s, 3)), at_s)

    def end(self) -> list[Effect]:
        """The connection is gone: every CALL of ours ends, and answers are no longer sent."""
        self._ended = True
        pending = [self._outstanding] if self._outstanding is not None else []
        pending.extend(self._queue)
        self._outstanding = self._deadline_s = None
        self._queue.clear()
        self._unanswered.clear()
        self._answers.forget()
        return [Conclude(call.unique_id, Offline()) for call in pending]

    def _check_own(self, call: OutgoingCall) -> None:
        ours, theirs = self._actions()
        if call.action not in ours:
            raise ProtocolViolation(
                "NotSupported" if call.action in theirs else "NotImplemented",
                f"a {self._role.value} cannot send {call.action[:50]!r}",
                call.unique_id,
            )
        if self._role is Role.CENTRAL_SYSTEM:
            wrong = violations(call.action, Direction.REQUEST, call.payload)
            if wrong:
                raise ProtocolViolation(wrong[0].code, wrong[0].detail, call.unique_id)

    def _actions(self) -> tuple[frozenset[str], frozenset[str]]:
        """The actions that we may send, and those that the peer may send."""
        if self._role is Role.CENTRAL_SYSTEM:
            return FROM_CENTRAL_SYSTEM, FROM_CHARGE_POINT
        return FROM_CHARGE_POINT, FROM_CENTRAL_SYSTEM

    def _unreadable(self, wrong: ProtocolViolation | BrokenAnswer, at_s: float) -> list[Effect]:
        """A text that is no message. Without a readable id OCPP-J 1.6 has no answer for it."""
        unique_id, detail = wrong.unique_id, wrong.detail
        if isinstance(wrong, BrokenAnswer):
            action = self._action(wrong)
            told = [Deviation(action, "", "json", detail, refused=True)] if action else []
            outcome = Refused("FormationViolation", detail)
            return [*told, *self._conclude(wrong.unique_id, outcome, at_s)]
        if unique_id is None or unique_id in self._unanswered:
            return [Deviation("", "", "json", detail, refused=False)]
        return [
            Deviation("", "", "json", detail, refused=True),
            _error(unique_id, wrong.code, detail),
        ]

    def _action(self, frame: Frame) -> str:
        """What ``frame`` asks for or answers, where that can be told."""
        call = self._outstanding
        match frame:
            case Call(_, action, _):
                return action
            case CallResult() | CallError() | BrokenAnswer() if call is not None:
                return call.action if call.unique_id == frame.unique_id else ""
            case _:
                return ""

    def _called(self, request: Request, at_s: float) -> list[Effect]:
        unique_id = request.unique_id
        if unique_id in self._unanswered:
            return [Note(f"{request.action} repeated while it is being answered")]
        answer = self._answers.recall(request, at_s)
        if answer is not None:
            return [Note(f"{request.action} repeated"), Transmit(answer)]
        refusal = self._refusal(request.action)
        if refusal is not None:
            return [Note(refusal[1]), _error(unique_id, *refusal)]
        if request.action == "BootNotification":
            self._answers.forget()  # it may count its ids anew
        wrong, told = judged_call(request, self._role, strict=self._strict)
        if wrong is not None:
            return [*told, _error(unique_id, wrong.code, wrong.detail)]
        self._unanswered[unique_id] = (request, at_s)
        return [*told, Handle(request)]

    def _refusal(self, action: str) -> tuple[str, str] | None:
        """The CALLERROR for a CALL that nobody will look at."""
        ours, theirs = self._actions()
        if action not in theirs:
            if action in ours:
                return "NotSupported", f"{action} goes the other way"
            return "NotImplemented", f"unknown action {action[:50]!r}"
        if len(self._unanswered) >= MAX_UNANSWERED:
            return "GenericError", "too many CALLs are waiting for an answer"
        return None

    def _answered(self, unique_id: str, payload: bytes, at_s: float) -> list[Effect]:
        call = self._outstanding
        if call is None or call.unique_id != unique_id:
            return self._conclude(unique_id, Answered(payload), at_s)
        outcome, told = judged_answer(call.action, payload)
        return [*told, *self._conclude(unique_id, outcome, at_s)]

    def _conclude(self, unique_id: str, outcome: CallOutcome, at_s: float) -> list[Effect]:
        if self._outstanding is None or self._outstanding.unique_id != unique_id:
            return [Note(f"answer to no CALL of ours dropped, id {unique_id[:50]!r}")]
        self._outstanding = self._deadline_s = None
        return [Conclude(unique_id, outcome), *self._next(at_s)]

    def _next(self, at_s: float) -> list[Effect]:
        if self._outstanding is not None or not self._queue:
            return []
        call = self._queue.pop(0)
        hurried = any(queued.urgent for queued in self._queue)
        self._outstanding, self._sent_s = call, at_s
        self._deadline_s = at_s + (min(call.timeout_s, PATIENCE_S) if hurried else call.timeout_s)
        return [Transmit(to_text(Call(call.unique_id, call.action, call.payload)))]

    def _enqueue(self, call: OutgoingCall) -> OutgoingCall | None:
        """Put ``call`` into the queue; returns the one whose place it took."""
        place = len(self._queue)
        replaced = None
        for position, queued in enumerate(self._queue):
            if call.merge_key is not None and queued.merge_key == call.merge_key:
                place, replaced = position, queued
                del self._queue[position]
                break
        if call.urgent:
            ahead = (i for i, queued in enumerate(self._queue) if not queued.urgent)
            place = min(place, next(ahead, len(self._queue)))
        self._queue.insert(place, call)
        return replaced

    def _is_known(self, unique_id: str) -> bool:
        if self._outstanding is not None and self._outstanding.unique_id == unique_id:
            return True
        return any(queued.unique_id == unique_id for queued in self._queue)


def _read(text: str) -> Frame | ProtocolViolation:
    try:
        return parse(text)
    except ProtocolViolation as exc:
        return exc


def _error(unique_id: str, code: str, description: str) -> Transmit:
    """OCPP-J 1.6 §4.2.3 allows a description of 255 characters."""
    return Transmit(to_text(CallError(unique_id, code, description[:255])))
