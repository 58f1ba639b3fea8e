"""Answers that were given, for a peer that repeats its CALL with the same id (errata 3.7).

The one rule: an id alone proves nothing, as some charge points begin to count anew after a reboot;
a retry says the same again, soon.
"""

from sys import intern
from typing import Final

import msgspec

from gateway.ocpp.v16.effects import Request

MAX_REMEMBERED: Final = 32
REMEMBERED_FOR_S: Final = 600.0
BOOT_REMEMBERED_FOR_S: Final = 10.0
"""Its answer tells the time, and a reboot may give the id again."""


class _Answer(msgspec.Struct, frozen=True, gc=False):
    """Of the request only a hash is kept: payloads are long and there are many connections."""

    action: str
    payload_hash: int
    text: str
    received_at_s: float


class Answers:
    """The last answers of one conversation, bounded in number and age."""

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        self._answers: dict[str, _Answer] = {}

    def keep(self, request: Request, text: str, received_at_s: float) -> None:
        """``text`` answers ``request``, which came at ``received_at_s``.

        A Heartbeat asks for the time as it is now, so its answer is not kept.
        """
        if request.action == "Heartbeat":
            return
        answers = self._answers
        answers.pop(request.unique_id, None)
        answers[request.unique_id] = _Answer(
            intern(request.action), hash(request.payload), text, received_at_s
        )
        while len(answers) > MAX_REMEMBERED or self._oldest_s() < received_at_s - REMEMBERED_FOR_S:
            del answers[next(iter(answers))]

    def recall(self, request: Request, at_s: float) -> str | None:
        """The answer that ``request``, a retry, got before; None for a CALL that is new."""
        answer = self._answers.get(request.unique_id)
        if answer is None:
            return None
        is_boot = request.action == "BootNotification"
        lifetime_s = BOOT_REMEMBERED_FOR_S if is_boot else REMEMBERED_FOR_S
        same = (answer.action, answer.payload_hash) == (request.action, hash(request.payload))
        return answer.text if same and at_s - answer.received_at_s <= lifetime_s else None

    def forget(self) -> None:
        """Forget all."""
        self._answers.clear()

    def _oldest_s(self) -> float:
        return next(iter(self._answers.values())).received_at_s
