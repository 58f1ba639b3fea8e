"""The local authorization list that the cloud sent for one charge point, under the cloud's version.

The one rule: after every answer this list is what the cloud believes the charge point to hold.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import UNSET

from gateway.authorization.decide import LONGEST_ID_TAG, key
from gateway.ocpp.v16.messages import LocalListEntry, SendLocalListRequest, read_time
from gateway.site.depot import Tag

MOST_ENTRIES: Final = 20_000

ACCEPTED: Final = "Accepted"
FAILED: Final = "Failed"
VERSION_MISMATCH: Final = "VersionMismatch"


class CloudList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the cloud sent; version 0 means nothing yet. ``tags`` are by `decide.key`."""

    version: int = 0
    tags: Mapping[str, Tag] = {}


class _NotAnEntry(Exception):
    """An entry that no list can hold."""


def after_send(kept: CloudList, request: SendLocalListRequest) -> tuple[CloudList, str]:
    """The list after SendLocalList.req, and the status to answer (OCPP 1.6 §5.15, §7.47).

    A differential list needs one that the cloud sent before, and a version above that one's: any
    other asks for a full list by VersionMismatch. A full list may carry any version from 1 on.
    """
    if request.list_version < 1:
        return kept, FAILED
    if request.update_type == "Full":
        base: Mapping[str, Tag] = {}
    elif request.update_type == "Differential":
        if kept.version == 0 or request.list_version <= kept.version:
            return kept, VERSION_MISMATCH
        base = kept.tags
    else:
        return kept, FAILED
    entries = request.local_authorization_list or ()
    try:
        tags = _merged(base, entries, may_remove=request.update_type == "Differential")
    except _NotAnEntry:
        return kept, FAILED
    if len(tags) > MOST_ENTRIES:
        return kept, FAILED
    return CloudList(version=request.list_version, tags=tags), ACCEPTED


def _merged(
    base: Mapping[str, Tag], entries: tuple[LocalListEntry, ...], *, may_remove: bool
) -> Mapping[str, Tag]:
    tags = dict(base)
    for entry in entries:
        name = key(entry.id_tag)
        if entry.id_tag_info is not UNSET:
            tags[name] = _tag(entry)
        elif may_remove:
            tags.pop(name, None)
        else:
            raise _NotAnEntry
    return tags


def _tag(entry: LocalListEntry) -> Tag:
    info = entry.id_tag_info
    if info is UNSET or not 0 < len(entry.id_tag) <= LONGEST_ID_TAG:
        raise _NotAnEntry
    parent = info.parent_id_tag or None
    if parent is not None and len(parent) > LONGEST_ID_TAG:
        raise _NotAnEntry
    expires_at = read_time(info.expiry_date) if info.expiry_date else None
    if info.expiry_date and expires_at is None:
        raise _NotAnEntry  # without its end, a tag would be valid for ever
    return Tag(entry.id_tag, info.status, parent, expires_at)
