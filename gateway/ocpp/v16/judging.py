"""What is made of a payload of the peer's: used or refused, and what there is to tell of it.

The one rule: whatever departs from OCPP 1.6 is told, forgiven or not.
"""

from typing import Final

from gateway.errors import ProtocolViolation
from gateway.ocpp.calls import Answered, CallOutcome, Refused
from gateway.ocpp.schema import Direction, Violation, violations
from gateway.ocpp.v16.effects import Deviation, Request, Role
from gateway.ocpp.v16.messages import INTERPRETED_RESPONSES, read
from gateway.ocpp.v16.tolerance import (
    refused_by_the_letter,
    refused_in_request,
    refused_in_response,
)

MOST_DEVIATIONS: Final = 5
"""Of one message; more would tell nothing new."""

UNIQUE_ID_CHARS: Final = 36
"""OCPP-J 1.6 §4.1.4."""


def judged_call(
    request: Request, role: Role, *, strict: bool
) -> tuple[Violation | None, list[Deviation]]:
    """Why a CALL of the peer is refused, None when it is not, and what there is to tell.

    A cloud is not asked how it writes an instant or how long its ids are.
    """
    from_charge_point = role is Role.CENTRAL_SYSTEM
    found = violations(
        request.action, Direction.REQUEST, request.payload, formats=from_charge_point
    )
    if from_charge_point and len(request.unique_id) > UNIQUE_ID_CHARS:
        found.append(_LONG_ID)
    if not found:
        return None, []
    refused = refused_by_the_letter(found) if strict else refused_in_request(request.action, found)
    if refused:
        return refused[0], deviations(request.action, refused, refused=True)
    return None, deviations(request.action, found, refused=False)


def judged_answer(action: str, payload: bytes) -> tuple[CallOutcome, list[Deviation]]:
    """How our CALL ended, by the answer to it, and what there is to tell."""
    found = violations(action, Direction.RESPONSE, payload)
    wrong = refused_in_response(found)
    outcome = Refused(wrong[0].code, wrong[0].detail) if wrong else _readable(action, payload)
    return outcome, deviations(action, found, refused=bool(wrong))


def deviations(action: str, found: list[Violation], *, refused: bool) -> list[Deviation]:
    """One of each kind: what is wrong with one sampled value is wrong with all of them."""
    kinds: dict[tuple[str, str], Violation] = {}
    for violation in found:
        place = ".".join("*" if isinstance(step, int) else step for step in violation.path)
        kinds.setdefault((place, violation.keyword), violation)
    told = list(kinds.items())[:MOST_DEVIATIONS]
    return [Deviation(action, *kind, violation.detail, refused) for kind, violation in told]


def _readable(action: str, payload: bytes) -> CallOutcome:
    """An answer that we must act on and cannot read is a refusal."""
    kind = INTERPRETED_RESPONSES.get(action)
    if kind is not None:
        try:
            read(kind, payload)
        except ProtocolViolation as exc:
            return Refused(exc.code, exc.detail)
    return Answered(payload)


_LONG_ID: Final = Violation(
    "FormationViolation",
    (),
    "maxLength",
    f"the unique id is longer than {UNIQUE_ID_CHARS} characters",
)
