"""What a charge point does otherwise than OCPP 1.6 says: each kind once, with how often.

The one rule: bounded, whatever a charge point sends.
"""

from datetime import datetime
from typing import Final

import msgspec

from gateway.records.document import Document, stamp

MOST_KINDS: Final = 100
LONGEST_DETAIL: Final = 200


class Deviation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One kind: a place in a message, and the rule that is broken there.

    Args:
        detail: What was found last, in a sentence.
        refused: It was answered with a CALLERROR.
    """

    action: str
    place: str
    rule: str
    detail: str
    count: int
    first_at: str
    last_at: str
    refused: bool = False

    def is_at(self, seen: tuple[str, str, str]) -> bool:
        """True for the kind with this action, place and rule."""
        return (self.action, self.place, self.rule) == seen


class Deviations(Document, frozen=True, kw_only=True, omit_defaults=True):
    """By kind, in the order in which they were first seen; ``others`` counts those beyond the
    bound."""

    kinds: tuple[Deviation, ...] = ()
    others: int = 0


def after_deviation(
    record: Deviations, seen: tuple[str, str, str], detail: str, at: datetime, *, refused: bool
) -> Deviations:
    """A message departed from its schema; ``seen`` is its action, the place and the rule."""
    cut, now = detail[:LONGEST_DETAIL], stamp(at)
    for position, known in enumerate(record.kinds):
        if known.is_at(seen):
            again = msgspec.structs.replace(
                known, detail=cut, count=known.count + 1, last_at=now, refused=refused
            )
            kinds = (*record.kinds[:position], again, *record.kinds[position + 1 :])
            return msgspec.structs.replace(record, kinds=kinds)
    if len(record.kinds) >= MOST_KINDS:
        return msgspec.structs.replace(record, others=record.others + 1)
    new = Deviation(
        action=seen[0],
        place=seen[1],
        rule=seen[2],
        detail=cut,
        count=1,
        first_at=now,
        last_at=now,
        refused=refused,
    )
    return msgspec.structs.replace(record, kinds=(*record.kinds, new))
