"""Who may fetch or leave what, under which secret, until when, and how often.

The one rule: a grant belongs to one order to one charge point, and ends with it: when the file was
sent whole as often as the order allows, when the one file came in, or when its time is over.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from gateway.files.kinds import FIRMWARE
from gateway.files.ranges import Coverage, Span

LIFETIME: Final = timedelta(hours=24)
"""From the order, or from the instant at which the charge point may begin."""

LONGEST_WAIT: Final = timedelta(days=366)
"""A charge point that may begin later than this finds no file."""

MOST_RETRIES: Final = 10
MOST_OF_ONE: Final = 8
"""Open grants of one charge point; the oldest ends when another comes."""


class Grant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One permission.

    Args:
        token: The secret in the path of the URL, or the FTP password.
        kind: ``firmware`` (to fetch) or ``upload`` (to leave).
        protocol: ``http`` or ``ftp``; the other one does not lead to it.
        name: The firmware file; empty for an upload.
        user: FTP user name.
        expires_at: By the wall clock, since it outlives a restart.
        fetches_left: How often the file may still be sent whole.
    """

    token: str
    identity: str
    kind: str
    protocol: str
    expires_at: datetime
    name: str = ""
    user: str = ""
    fetches_left: int = 1


def expiry(now: datetime, begins_at: datetime | None) -> datetime:
    """When a grant ends that is given ``now`` to a charge point that may begin at ``begins_at``."""
    begin = now if begins_at is None else min(max(now, begins_at), now + LONGEST_WAIT)
    return begin + LIFETIME


def fetches(retries: int | None) -> int:
    """How often a file may be sent whole; ``retries`` of the CALL come on top of the first try."""
    return 1 + min(max(retries or 0, 0), MOST_RETRIES)


class Grants:
    """Every open grant."""

    def __init__(self, grants: Iterable[Grant] = ()) -> None:
        self._open = {grant.token: grant for grant in grants}
        self._sent: dict[str, Coverage] = {}
        self._strangers: set[tuple[str, str]] = set()

    def all(self) -> tuple[Grant, ...]:
        """Oldest first."""
        return tuple(self._open.values())

    def give(self, grant: Grant) -> None:
        """Open ``grant``."""
        self._open[grant.token] = grant
        others = [g for g in self._open.values() if g.identity == grant.identity]
        for old in others[:-MOST_OF_ONE]:
            self.close(old.token)

    def find(self, token: str, now: datetime) -> Grant | None:
        """The open grant with this secret."""
        grant = self._open.get(token)
        if grant is None or grant.expires_at <= now:
            return None
        return grant

    def sent(self, token: str, version: str, size: int, span: Span) -> bool:
        """``span`` of the file was sent; True when that made it whole, and so used up a fetch."""
        grant = self._open.get(token)
        if grant is None:
            return False
        coverage = self._sent.get(token)
        if coverage is None or coverage.version != version:
            coverage = self._sent[token] = Coverage(version, size)
        if not coverage.add(span):
            return False
        del self._sent[token]
        if grant.fetches_left <= 1:
            self.close(token)
        else:
            left = grant.fetches_left - 1
            self._open[token] = msgspec.structs.replace(grant, fetches_left=left)
        return True

    def is_news(self, token: str, stranger: str) -> bool:
        """True the first time that this address uses this grant of another."""
        is_news = (token, stranger) not in self._strangers
        self._strangers.add((token, stranger))
        return is_news

    def close(self, token: str) -> None:
        """End a grant."""
        self._open.pop(token, None)
        self._strangers = {(t, address) for t, address in self._strangers if t != token}
        self._sent.pop(token, None)

    def close_firmware(self, name: str) -> None:
        """The firmware file is gone: end every grant to fetch it."""
        for grant in self.all():
            if grant.kind == FIRMWARE and grant.name == name:
                self.close(grant.token)

    def expire(self, now: datetime) -> int:
        """End every grant whose time is over; returns how many."""
        over = [grant for grant in self.all() if grant.expires_at <= now]
        for grant in over:
            self.close(grant.token)
        return len(over)
