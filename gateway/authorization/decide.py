"""Decides an idTag from what is known on site: site file, cache and, in the end, offline policy."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.site.depot import AuthorizationRules, OfflinePolicy, Tag


class Source(enum.Enum):
    """Which layer decided."""

    SITE = "site file"
    CACHE = "cache of the cloud's answers"
    CLOUD = "cloud"
    OFFLINE = "offline policy"


@dataclass(frozen=True, slots=True)
class TagDecision:
    """An idTag's standing. ``status`` as in OCPP 1.6 §7.2 AuthorizationStatus."""

    status: str
    source: Source
    parent_id_tag: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CachedTag:
    """What the cloud last said of an idTag, and until when we believe it."""

    id_tag: str
    status: str
    parent_id_tag: str | None
    expires_at: datetime | None
    believed_until: datetime


def key(id_tag: str) -> str:
    """The form under which idTags are compared: OCPP 1.6 §7.28 makes them case-insensitive."""
    return id_tag.casefold()


def decide(
    id_tag: str,
    rules: AuthorizationRules,
    cache: Mapping[str, CachedTag],
    now: datetime,
) -> TagDecision | None:
    """Decide from local knowledge; None when only the cloud or the offline policy can tell."""
    if (tag := rules.tags.get(key(id_tag))) is not None:
        return _from_site(tag, now)
    cached = cache.get(key(id_tag))
    if cached is None or cached.believed_until <= now or _expired(cached.expires_at, now):
        return None
    return TagDecision(cached.status, Source.CACHE, cached.parent_id_tag, cached.expires_at)


def decide_offline(rules: AuthorizationRules) -> TagDecision:
    """Decide an unknown idTag while the cloud cannot be asked."""
    accepted = rules.offline is OfflinePolicy.ACCEPT
    return TagDecision("Accepted" if accepted else "Invalid", Source.OFFLINE)


def _from_site(tag: Tag, now: datetime) -> TagDecision:
    expired = tag.status == "Accepted" and _expired(tag.expires_at, now)
    status = "Expired" if expired else tag.status
    return TagDecision(status, Source.SITE, tag.parent_id_tag, tag.expires_at)


def _expired(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now
