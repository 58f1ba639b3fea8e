"""What is forgiven in a peer's payload: one table, because real devices slip and must still charge.

The one rule: a charge point gets its answer if there is one, as a CALLERROR makes it repeat itself
and holds up its queue. What is forgiven travels on unchanged; what we send is never forgiven.

What is left to refuse: the idTag of Authorize and StartTransaction, the connectorId of
StartTransaction and StatusNotification, meterStart and meterStop, a status, vendorId, csr and the
type of a security event, where they are missing or nothing can be read from them.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.ocpp.schema import NULL, Direction, Violation
from gateway.ocpp.v16.wire import read_time

ANY: Final = "*"
"""In a path: one property name or index of whatever kind."""


@dataclass(frozen=True, slots=True)
class Pardon:
    """Forgives ``keywords`` at ``path`` and, with ``below``, at everything under it.

    Args:
        usable: For a wrong type: True for what can be read all the same; None for anything.
    """

    path: tuple[str, ...]
    keywords: frozenset[str] | None = None
    below: bool = False
    usable: Callable[[object], bool] | None = None

    def covers(self, violation: Violation) -> bool:
        """True when ``violation`` is forgiven by this entry. No keywords: all of them."""
        if self.keywords is not None and violation.keyword not in self.keywords:
            return False
        if violation.keyword == "type" and self.usable and not self.usable(violation.value):
            return False
        if len(violation.path) < len(self.path):
            return False
        if len(violation.path) > len(self.path) and not self.below:
            return False
        return all(
            step in (ANY, found) for step, found in zip(self.path, violation.path, strict=False)
        )


def _words(*keywords: str) -> frozenset[str]:
    return frozenset(keywords)


_EVERYWHERE: Final = (
    Pardon((), _words("additionalProperties", "format", NULL), below=True),
    Pardon((), _words("maxLength")),  # of the message's own id
)


def _is_integer(value: object) -> bool:
    """An integer written as text."""
    return isinstance(value, str) and _INTEGER.fullmatch(value) is not None


def _is_number(value: object) -> bool:
    """A number, or an integer written as text."""
    return (isinstance(value, float) and math.isfinite(value)) or _is_integer(value)


def _is_digits(value: object) -> bool:
    """A number where text should stand."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})")

_DESCRIPTION: Final = _words("maxLength", "type")
_NAME: Final = _words("maxLength", "type", "required")
_TYPE: Final = _words("type")
_INSTANT: Final = _words("type", "required")
_WORD: Final = _words("enum")
_PROGRESS: Final = (Pardon(("status",), _WORD), Pardon(("requestId",), _TYPE))

FROM_CHARGE_POINT: Final[dict[str, tuple[Pardon, ...]]] = {
    "Authorize": (Pardon(("idTag",), _DESCRIPTION, usable=_is_digits),),
    "BootNotification": (
        Pardon(("chargePointVendor",), _NAME),
        Pardon(("chargePointModel",), _NAME),
        Pardon(("chargePointSerialNumber",), _DESCRIPTION),
        Pardon(("chargeBoxSerialNumber",), _DESCRIPTION),
        Pardon(("firmwareVersion",), _DESCRIPTION),
        Pardon(("iccid",), _DESCRIPTION),
        Pardon(("imsi",), _DESCRIPTION),
        Pardon(("meterType",), _DESCRIPTION),
        Pardon(("meterSerialNumber",), _DESCRIPTION),
    ),
    "DataTransfer": (
        Pardon(("vendorId",), _words("maxLength")),
        Pardon(("messageId",), _DESCRIPTION),
        Pardon(("data",), _words("type")),
    ),
    "DiagnosticsStatusNotification": _PROGRESS,
    "FirmwareStatusNotification": _PROGRESS,
    "LogStatusNotification": _PROGRESS,
    "MeterValues": (Pardon((), below=True),),
    "SecurityEventNotification": (
        Pardon(("type",), _words("maxLength")),
        Pardon(("timestamp",), _INSTANT),
        Pardon(("techInfo",), _DESCRIPTION),
    ),
    "SignCertificate": (Pardon(("csr",), _words("maxLength")),),
    "SignedFirmwareStatusNotification": _PROGRESS,
    "StartTransaction": (
        Pardon(("connectorId",), _TYPE, usable=_is_integer),
        Pardon(("idTag",), _DESCRIPTION, usable=_is_digits),
        Pardon(("meterStart",), _TYPE, usable=_is_number),
        Pardon(("reservationId",), _TYPE),
        Pardon(("timestamp",), _INSTANT),
    ),
    "StatusNotification": (
        Pardon(("connectorId",), _TYPE, usable=_is_integer),
        Pardon(("errorCode",), _words("enum", "required", "type")),
        Pardon(("status",), _WORD),
        Pardon(("info",), _DESCRIPTION),
        Pardon(("timestamp",), _words("type")),
        Pardon(("vendorId",), _DESCRIPTION),
        Pardon(("vendorErrorCode",), _DESCRIPTION),
    ),
    "StopTransaction": (
        Pardon(("idTag",), _DESCRIPTION),
        Pardon(("meterStop",), _TYPE, usable=_is_number),
        Pardon(("reason",), _words("enum", "type")),
        Pardon(("timestamp",), _INSTANT),
        Pardon(("transactionData",), below=True),
        Pardon(("transactionId",), _words("required", "type")),
    ),
}
"""Requests of a charge point. An idTag that is too long is never cut: it is another tag."""


def refused_in_request(action: str, found: Sequence[Violation]) -> list[Violation]:
    """Those violations in a charge point's request that are not forgiven, in order."""
    pardons = _EVERYWHERE + FROM_CHARGE_POINT.get(action, ())
    return [v for v in found if not _is_whole(v) and not any(p.covers(v) for p in pardons)]


def refused_by_the_letter(found: Sequence[Violation]) -> list[Violation]:
    """Those violations that a strict reader refuses: all, but for an instant in another form of
    ISO 8601 than the schema's (OCPP 1.6 §3.15 leaves the form open)."""
    return [v for v in found if v.keyword != "format" or not _is_instant(v.value)]


def refused_in_response(found: Sequence[Violation]) -> list[Violation]:
    """Those violations in a peer's answer that are not forgiven: what is missing or of a wrong type
    at its top level, where it must be there. Other slips travel on to whoever asked, unknown words
    among them: a charge point's own word for a refusal says more than a CALLERROR of ours."""
    return [v for v in found if not _is_whole(v) and _spoils_answer(v)]


def refused_in_own(
    action: str, direction: Direction, found: Sequence[Violation]
) -> list[Violation]:
    """Those violations in what we send that must not go out: all, but for a vendor's own data."""
    if action != "DataTransfer" or direction is Direction.REQUEST:
        return list(found)
    return [v for v in found if v.path != ("data",)]


def _spoils_answer(violation: Violation) -> bool:
    if violation.keyword == "json":
        return True
    at_top = len(violation.path) <= 1 and not violation.optional
    return at_top and violation.keyword in ("required", "type")


def _is_instant(value: object) -> bool:
    return isinstance(value, str) and read_time(value) is not None


def _is_whole(violation: Violation) -> bool:
    """1.0 for an integer: JSON knows one kind of number, schema draft 4 knows two."""
    value = violation.value
    return violation.keyword == "type" and isinstance(value, float) and value.is_integer()
