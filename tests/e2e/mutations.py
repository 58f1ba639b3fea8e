"""Messages of a charge point gone wrong, by chance: the same seed gives the same ones.

The one rule: whatever is made here may come from a broken device; what is right about it is luck.
"""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from tests.conformance.negatives import REQUESTS
from tests.e2e.mutation_kinds import KINDS, MOST_BYTES, Message

ANSWER_KINDS: Final = ("valid", "field", "element", "token")
"""What an answer goes through."""


class Frame(NamedTuple):
    """What goes on the wire. ``kind`` says how it was made; bytes go out as text if ``is_text``."""

    kind: str
    data: str | bytes
    is_text: bool = True

    @property
    def is_deadly(self) -> bool:
        """True when the gateway must close the connection for it (RFC 6455 §7.4.1)."""
        data = self.data.encode() if isinstance(self.data, str) else self.data
        if not self.is_text or len(data) > MOST_BYTES:
            return True
        try:
            data.decode()
        except UnicodeDecodeError:
            return True
        return False


class Mutator:
    """Makes frames. ``name`` keeps the ids of several mutators apart."""

    def __init__(self, seed: int, name: str) -> None:
        self._chance = Random(f"{seed}/{name}")
        self._name = name
        self._number = 0

    def frames(self, count: int) -> Iterator[Frame]:
        """So many CALLs, answers and other things."""
        kinds, weights = list(KINDS), [weight for weight, _ in KINDS.values()]
        for _ in range(count):
            kind = self._chance.choices(kinds, weights)[0]
            yield self._frame(kind, self._call())

    def answer(self, unique_id: str) -> Frame:
        """An answer to a CALL of the gateway, also gone wrong; it never closes the connection."""
        status = self._chance.choice(["Accepted", "Rejected", "Perhaps"])
        answer: Message = [
            3,
            unique_id,
            {"status": status, "configurationKey": [], "listVersion": 0},
        ]
        frame = self._frame(self._chance.choice(ANSWER_KINDS), answer)
        return Frame("valid", json.dumps(answer)) if frame.is_deadly else frame

    def _frame(self, kind: str, message: Message) -> Frame:
        made = KINDS[kind][1](self._chance, message)
        return Frame(kind, made, is_text=kind != "binary")

    def _call(self) -> Message:
        self._number += 1
        action = self._chance.choice(list(REQUESTS))
        return [2, f"{self._name}-{self._number}", action, copy.deepcopy(REQUESTS[action])]
