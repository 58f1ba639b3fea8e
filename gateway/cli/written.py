"""Values as people write them, as JSON values. Numbers keep their form.

The one rule: pure but for files that are named with ``@``; what is wrong is told in one sentence.
"""

import re
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from gateway.cli.exits import UsageFault

NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
AWAY: Final = re.compile(r"([+-])(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def number(text: str) -> msgspec.Raw:
    """``16.0`` as it stands."""
    if not NUMBER.fullmatch(text):
        raise UsageFault(f"{text!r} is not a number")
    return msgspec.Raw(text.encode())


def integer(text: str) -> msgspec.Raw:
    """``-1`` as it stands."""
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
        raise UsageFault(f"{text!r} is not an integer")
    return msgspec.Raw(text.encode())


def is_relative(text: str) -> bool:
    """True when ``text`` is an instant counted from now: ``now``, ``+30m``, ``-1d12h``."""
    return text == "now" or AWAY.fullmatch(text) is not None


def instant(text: str, now: datetime) -> str:
    """``text`` as OCPP writes it, counted from ``now``; any other text stays as it is."""
    if not is_relative(text):
        return text
    away = AWAY.fullmatch(text)
    if away is not None:
        sign = -1 if away[1] == "-" else 1
        days, hours, minutes, seconds = (int(part or 0) * sign for part in away.groups()[1:])
        try:
            now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        except OverflowError as exc:
            raise UsageFault(f"{text!r} is too far away") from exc
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def period(text: str) -> dict[str, Any]:
    """A chargingSchedulePeriod from ``start:limit`` or ``start:limit:phases``."""
    parts = text.split(":")
    if len(parts) not in (2, 3):
        raise UsageFault(f"{text!r} is not start:limit or start:limit:phases, such as 0:16:3")
    found: dict[str, Any] = {"startPeriod": integer(parts[0]), "limit": number(parts[1])}
    if len(parts) == 3:
        found["numberPhases"] = integer(parts[2])
    return found


def document(text: str) -> msgspec.Raw:
    """JSON as it stands, from ``text``, from a file (``@PATH``), or from standard input (``-``)."""
    content = text_of(text) if text.startswith("@") else text
    if text == "-":
        content = sys.stdin.read()
    try:
        encoded = content.encode()
        msgspec.json.decode(encoded)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
        raise UsageFault(f"not JSON: {exc}") from exc
    return msgspec.Raw(encoded)


def text_of(text: str) -> str:
    """``text``, or the content of the file that ``@PATH`` names."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as exc:
        raise UsageFault(f"{text[1:]} cannot be read: {exc}") from exc
