"""Answers that were given, for a peer that repeats its CALL with the same id (errata 3.7).

The one rule: an id alone proves nothing, as some charge points begin to count anew after a reboot;
a retry says the same again, soon.
"""

from collections import OrderedDict
from typing import Final

import msgspec

from gateway.ocpp.v16.effects import Request

MAX_REMEMBERED: Final = 32
REMEMBERED_FOR_S: Final = 600.0
CLOCK_REMEMBERED_FOR_S: Final = 10.0
"""Answers that tell the time are not repeated when they are older."""

TELLS_TIME: Final = frozenset({"BootNotification", "Heartbeat"})


class _Answer(msgspec.Struct, frozen=True):
    """Of the request only a hash is kept: payloads are long and there are many connections."""

    action: str
    payload_hash: int
    text: str
    received_at_s: float


class Answers:
    """The last answers of one conversation, bounded in number and age."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, _Answer] = OrderedDict()

    def keep(self, request: Request, text: str, received_at_s: float) -> None:
        """``text`` answers ``request``, which came at ``received_at_s``."""
        self._answers.pop(request.unique_id, None)
        self._answers[request.unique_id] = _Answer(
            request.action, hash(request.payload), text, received_at_s
        )
        if len(self._answers) > MAX_REMEMBERED:
            self._answers.popitem(last=False)

    def recall(self, request: Request, at_s: float) -> str | None:
        """The answer that ``request``, a retry, got before; None for a CALL that is new."""
        answer = self._answers.get(request.unique_id)
        if answer is None:
            return None
        lifetime_s = CLOCK_REMEMBERED_FOR_S if request.action in TELLS_TIME else REMEMBERED_FOR_S
        same = (answer.action, answer.payload_hash) == (request.action, hash(request.payload))
        return answer.text if same and at_s - answer.received_at_s <= lifetime_s else None

    def forget(self) -> None:
        """Forget all."""
        self._answers.clear()
