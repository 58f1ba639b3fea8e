"""What the fields of a tag may hold when a person writes them: by file or by API.

The one rule: what passes here can be exported and imported again unchanged, and be sent by OCPP.
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Final

from gateway.authorization.decide import LONGEST_ID_TAG

STATUSES: Final = ("Accepted", "Blocked", "Expired", "Invalid")
LONGEST_NAME: Final = 100

FORMULA_STARTS: Final = "=+-@"
"""A spreadsheet takes such a cell for a formula. Refusing it at the door keeps every export safe to
open and free of escapes that would not survive the way back."""

SHORTENED: Final = re.compile(r"\d(?:[.,]\d+)?[Ee]\+\d+")
"""What a spreadsheet makes of a long number, whose last digits are then lost."""

PLAIN_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
INSTANT_EXAMPLE: Final = "write 2027-01-31, or 2027-01-31T18:00:00+01:00 with its time zone"


class FieldFault(ValueError):
    """A field that cannot be kept; the message is a sentence without its full stop."""


def read_id_tag(text: str, what: str = "id_tag") -> str:
    """An idTag as it is. Raises FieldFault."""
    if not text:
        raise FieldFault(f"{what} is empty")
    if len(text) > LONGEST_ID_TAG:
        raise FieldFault(f"{what} has {len(text)} characters; at most {LONGEST_ID_TAG} are allowed")
    if SHORTENED.fullmatch(text):
        raise FieldFault(
            f"{what} is a number that a spreadsheet has shortened; format the column as text"
        )
    _look_at_text(text, what)
    return text


def read_parent(text: str) -> str | None:
    """The group's tag; None when empty. Raises FieldFault."""
    return read_id_tag(text, "parent_id_tag") if text else None


def read_name(text: str) -> str:
    """A name for people, at most 100 characters. Raises FieldFault."""
    if len(text) > LONGEST_NAME:
        raise FieldFault(f"name has {len(text)} characters; at most {LONGEST_NAME} are allowed")
    if text:
        _look_at_text(text, "name")
    return text


def read_status(text: str) -> str:
    """A status, whose case does not matter; Accepted when empty. Raises FieldFault."""
    by_lower_case = {status.casefold(): status for status in STATUSES}
    status = by_lower_case.get(text.casefold()) if text else STATUSES[0]
    if status is None:
        raise FieldFault(f"status is not known here; choose from {', '.join(STATUSES)}")
    return status


def read_expiry(text: str) -> datetime | None:
    """An instant in UTC; None when empty.

    Understands ISO 8601 with a time zone. A plain date means the end of that day in UTC: the tag
    is valid on the whole of it.

    Raises:
        FieldFault: It is something else.
    """
    if not text:
        return None
    try:
        at = _instant(text)
    except OverflowError as exc:
        raise FieldFault("expires_at lies outside the calendar") from exc
    except ValueError as exc:
        raise FieldFault(f"expires_at is not a date; {INSTANT_EXAMPLE}") from exc
    if at is None:
        raise FieldFault(f"expires_at lacks its time zone; {INSTANT_EXAMPLE}")
    return at


def read_charge_points(
    names: Collection[str], identities: Collection[str]
) -> frozenset[str] | None:
    """Where a tag is valid; None, which is everywhere, when ``names`` is empty.

    Raises:
        FieldFault: One of them is none of ``identities``.
    """
    for name in names:
        if name not in identities:
            raise FieldFault(f"no charge point is called {name}")
    return frozenset(names) or None


def written_expiry(expires_at: datetime | None) -> str:
    """As `read_expiry` reads it: UTC with Z, to the microsecond; empty for None."""
    if expires_at is None:
        return ""
    return expires_at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _instant(text: str) -> datetime | None:
    """The instant in UTC; None when its time zone is missing. Raises ValueError, OverflowError."""
    if PLAIN_DATE.fullmatch(text):
        day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        return day + timedelta(days=1)
    at = datetime.fromisoformat(text)
    return None if at.tzinfo is None else at.astimezone(UTC)


def _look_at_text(text: str, what: str) -> None:
    if not text.isprintable():
        raise FieldFault(f"{what} holds a character that cannot be printed")
    if text != text.strip():
        raise FieldFault(f"{what} begins or ends with a space")
    if text[0] in FORMULA_STARTS:
        raise FieldFault(
            f"{what} begins with {text[0]}, which a spreadsheet takes for a formula;"
            " only the site file may name such a tag"
        )
