"""How a CALL ended, from what the gateway answered: a word, a sentence and an exit code.

The one rule: agreed, refused, CALLERROR, time-out, offline and never sent stay apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from gateway.cli.client import Reply, sentence_of
from gateway.cli.exits import AGREED, FAILED, OF_PROBLEM, REFUSED

AGREEING: Final = frozenset(
    {"Accepted", "AcceptedCanceled", "RebootRequired", "Scheduled", "Unlocked"}
)
"""Statuses in which a charge point does what it was asked, now or later."""

ANSWERED: Final = "answered"


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a CALL.

    Args:
        outcome: ``answered``, or the name of the problem: ``call-error``, ``time-out``,
            ``offline``, ``withheld``, ``superseded``, ``payload-not-allowed``, ...
        sentence: For people; may quote the charge point.
        code: Exit code.
        status: The answer's status; None where it has none.
        answer: The CALLRESULT's payload as the charge point wrote it.
        about: Members of the problem document.
    """

    outcome: str
    sentence: str
    code: int
    status: str | None = None
    answer: bytes | None = None
    about: Mapping[str, Any] | None = None

    @property
    def members(self) -> Mapping[str, Any]:
        """The members of the answer; empty without one."""
        decoded = msgspec.json.decode(self.answer) if self.answer is not None else None
        return decoded if isinstance(decoded, dict) else {}

    def as_json(self, identity: str, action: str, filled: Sequence[tuple[str, str]] = ()) -> bytes:
        """One JSON object for programs.

        Args:
            filled: Fields of the request that were filled in, each with its JSON.
        """
        members: dict[str, Any] = {
            "outcome": self.outcome,
            "charge_point": identity,
            "action": action,
            "agreed": self.code == AGREED,
            "status": self.status,
            "payload": msgspec.Raw(self.answer) if self.answer is not None else None,
        }
        if filled:
            members["filled"] = {name: msgspec.Raw(value.encode()) for name, value in filled}
        for name in ("code", "description", "details", "detail", "after_s"):
            if self.about is not None and name in self.about:
                members[name] = self.about[name]
        return msgspec.json.encode(members)


def ending_of(identity: str, action: str, reply: Reply) -> Ending:
    """What ``reply`` says of a CALL of ``action`` to ``identity``."""
    if reply.problem is not None:
        name = reply.problem_name
        sentence = _sentence(identity, action, name, reply.problem)
        return Ending(name, sentence, OF_PROBLEM.get(name, FAILED), about=reply.problem)
    answer = reply.json()
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(status, str):
        return Ending(ANSWERED, f"{identity} answered {action}.", AGREED, None, reply.body)
    agreed = status in AGREEING
    verb = "answered" if agreed else "refused"
    return Ending(
        ANSWERED,
        f"{identity} {verb} {action}: {status}.",
        AGREED if agreed else REFUSED,
        status,
        reply.body,
    )


def _sentence(identity: str, action: str, name: str, problem: Mapping[str, Any]) -> str:
    detail = str(problem.get("detail") or "no reason given").rstrip(".")
    match name:
        case "call-error":
            return f"{identity} answered {action} with a CALLERROR: {detail}."
        case "time-out":
            return f"{identity} did not answer {action} in time: {detail}."
        case "offline":
            return f"{identity} is offline; no answer to {action}."
        case "withheld":
            return f"{action} was not sent to {identity}, OCPP does not allow it now: {detail}."
        case "superseded":
            return f"{action} was not sent to {identity}: a newer CALL took its place."
        case "payload-not-allowed":
            return f"{action} was not sent to {identity}, it is not allowed: {detail}."
        case "unknown-charge-point":
            return f"The site file has no charge point {identity}."
        case _:
            return f"{action} to {identity} failed: {sentence_of(problem)}."
