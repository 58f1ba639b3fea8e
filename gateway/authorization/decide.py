"""Decides an idTag from what is known on site, layer by layer, and in the end by offline policy.

The one rule: the first layer that knows an idTag decides it; later layers are not asked.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.site.depot import AuthorizationRules, OfflinePolicy, Tag

LONGEST_ID_TAG: Final = 20
"""OCPP 1.6 §7.28. A charge point may present a longer one; nothing that we send names it."""


class Source(enum.Enum):
    """Which layer decided, in the order in which they are asked."""

    SITE = "site file"
    REGISTER = "tags kept on this box"
    CLOUD_LIST = "local list of the cloud"
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


@dataclass(frozen=True, slots=True)
class Known:
    """What is known on site for one charge point; every mapping is by `key`.

    Args:
        site: Tags of the site file.
        register: Tags kept on this box.
        cloud_list: The local list that the cloud sent to this charge point.
        cache: What the cloud said of idTags.
    """

    site: Mapping[str, Tag] = field(default_factory=dict)
    register: Mapping[str, Tag] = field(default_factory=dict)
    cloud_list: Mapping[str, Tag] = field(default_factory=dict)
    cache: Mapping[str, CachedTag] = field(default_factory=dict)


def key(id_tag: str) -> str:
    """The form under which idTags are compared: OCPP 1.6 §7.28 makes them case-insensitive."""
    return id_tag.casefold()


def by_key(tags: Iterable[Tag]) -> dict[str, Tag]:
    """``tags`` under the form in which they are compared; the last of a name counts."""
    return {key(tag.id_tag): tag for tag in tags}


def decide(id_tag: str, identity: str, known: Known, now: datetime) -> TagDecision | None:
    """Decide at the charge point ``identity``; None when only the cloud or the offline policy can.

    An expired entry of the cloud's list decides nothing: the cloud may have renewed the tag.
    """
    name = key(id_tag)
    if (tag := known.site.get(name)) is not None:
        return _standing(tag, identity, Source.SITE, now)
    if (tag := known.register.get(name)) is not None:
        return _standing(tag, identity, Source.REGISTER, now)
    if (tag := known.cloud_list.get(name)) is not None and not lapsed(tag, now):
        return _standing(tag, identity, Source.CLOUD_LIST, now)
    cached = known.cache.get(name)
    if cached is None or cached.believed_until <= now or _passed(cached.expires_at, now):
        return None
    return TagDecision(cached.status, Source.CACHE, cached.parent_id_tag, cached.expires_at)


def decide_offline(
    id_tag: str, identity: str, known: Known, rules: AuthorizationRules, now: datetime
) -> TagDecision:
    """Decide an idTag that no layer decided while the cloud cannot be asked.

    The policy is for unknown idTags: one that is expired in the cloud's list stays Expired.
    """
    if (tag := known.cloud_list.get(key(id_tag))) is not None:
        return _standing(tag, identity, Source.CLOUD_LIST, now)
    accepted = rules.offline is OfflinePolicy.ACCEPT
    return TagDecision("Accepted" if accepted else "Invalid", Source.OFFLINE)


def lapsed(tag: Tag, now: datetime) -> bool:
    """True when ``tag`` would be accepted had it not expired. Blocked stays Blocked."""
    return tag.status == "Accepted" and _passed(tag.expires_at, now)


def valid_at(tag: Tag, identity: str) -> bool:
    """True when ``tag`` is for this charge point."""
    return tag.charge_points is None or identity in tag.charge_points


def _standing(tag: Tag, identity: str, source: Source, now: datetime) -> TagDecision:
    if not valid_at(tag, identity):
        return TagDecision("Invalid", source)
    status = "Expired" if lapsed(tag, now) else tag.status
    return TagDecision(status, source, tag.parent_id_tag, tag.expires_at)


def _passed(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now
