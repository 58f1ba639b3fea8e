"""``[[tags]]`` and ``[authorization]``: who may charge, and what holds while the cloud is away."""

from collections.abc import Collection, Mapping
from typing import Final

from gateway.authorization.decide import LONGEST_ID_TAG, key
from gateway.authorization.tag_fields import STATUSES
from gateway.config.table import Table
from gateway.config.wording import did_you_mean, listed, quoted, shown
from gateway.site.depot import AuthorizationRules, LateRefusal, OfflinePolicy, Tag

LONGEST_NAME: Final = 100
LONGEST_CLOUD_TIMEOUT_S: Final = 25.0
LONGEST_CACHE_LIFETIME_S: Final = 10 * 366 * 86400.0


def read_authorization(root: Table, identities: Collection[str]) -> AuthorizationRules:
    """Tags and rules; ``identities`` are the charge points where a tag may be valid."""
    tags = _tags(root, identities)
    table = root.table("authorization")
    rules = AuthorizationRules(
        tags,
        table.number("cloud_timeout_s", "seconds", 0.5, LONGEST_CLOUD_TIMEOUT_S, 5.0),
        table.number("cache_lifetime_s", "seconds", 0.0, LONGEST_CACHE_LIFETIME_S, 7 * 86400.0),
        table.choice("offline", OfflinePolicy.REFUSE),
        table.choice("late_refusal", LateRefusal.STOP),
    )
    table.close()
    return rules


def _tags(root: Table, identities: Collection[str]) -> Mapping[str, Tag]:
    tags: dict[str, Tag] = {}
    for table in root.listed("tags"):
        tag = _tag(table, identities)
        if not tag.id_tag:
            continue
        if key(tag.id_tag) in tags:
            table.problem(
                "id_tag", f"{quoted(tag.id_tag)} is listed twice (upper and lower case are alike)"
            )
        tags.setdefault(key(tag.id_tag), tag)
    return tags


def _tag(table: Table, identities: Collection[str]) -> Tag:
    id_tag = table.text("id_tag", "the tag's number, 1 to 20 characters", longest=LONGEST_ID_TAG)
    status = table.text("status", f"one of {listed(STATUSES)}", STATUSES[0])
    if status and status not in STATUSES:
        hint = did_you_mean(status, STATUSES)
        table.problem(
            "status", f"{quoted(status)} is not known here; choose from {listed(STATUSES)}{hint}"
        )
    parent = table.text("parent_id_tag", "the group's tag", "", longest=LONGEST_ID_TAG) or None
    expires_at = table.instant("expires_at")
    name = table.text("name", "whose tag it is", "", longest=LONGEST_NAME)
    charge_points = _charge_points(table, identities)
    table.close()
    return Tag(id_tag, status, parent, expires_at, name, charge_points)


def _charge_points(table: Table, identities: Collection[str]) -> frozenset[str] | None:
    """Where a tag is valid; None when the key is absent: everywhere."""
    value = table.raw("charge_points")
    if value is None:
        return None
    found = set()
    if not isinstance(value, list):
        table.problem(
            "charge_points", f'is a list of identities: write ["CP-01"], not {shown(value)}'
        )
    elif not value:
        table.problem("charge_points", "is empty; name a charge point, or leave the key out")
    else:
        for entry in value:
            if isinstance(entry, str) and entry in identities:
                found.add(entry)
                continue
            hint = did_you_mean(entry, identities) if isinstance(entry, str) else ""
            table.problem("charge_points", f"no charge point is called {shown(entry)}{hint}")
    return frozenset(found)
