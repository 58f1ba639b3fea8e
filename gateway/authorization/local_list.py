"""What a charge point's local authorization list is to say (OCPP 1.6 §3.5), most needed first.

The one rule: it says what we would answer ourselves, and nothing that the site file or the register
says otherwise.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import UNSET

from gateway.authorization.decide import LONGEST_ID_TAG, key, lapsed, valid_at
from gateway.ocpp.v16.messages import IdTagInfo, wire_time
from gateway.site.depot import Tag

RANKS: Final[Mapping[str, int]] = {"Accepted": 0, "Blocked": 1}
"""Where room is short, who may charge goes first, then who may not by a person's decision."""


def wanted(
    tags: Sequence[Tag], cloud_list: Mapping[str, Tag], identity: str, now: datetime
) -> dict[str, IdTagInfo]:
    """The entries by idTag, in the order in which they are to find room.

    Accepted, then Blocked, then all others, which help a charge point to refuse offline; among
    equals first ``tags``, in their order, then the cloud's. Left out: what expired, what is not
    valid at this charge point, and what the cloud says of a tag that the site knows.

    Args:
        tags: The site's own: site file, then register.
        cloud_list: What the cloud sent to this charge point, by `key`.
    """
    known = {key(tag.id_tag) for tag in tags}
    own = [tag for tag in tags if valid_at(tag, identity)]
    clouds = [tag for name, tag in cloud_list.items() if name not in known]
    listed = [
        tag for tag in (*own, *clouds) if not lapsed(tag, now) and len(tag.id_tag) <= LONGEST_ID_TAG
    ]
    listed.sort(key=lambda tag: RANKS.get(tag.status, len(RANKS)))
    return {tag.id_tag: entry_info(tag) for tag in listed}


def entry_info(tag: Tag) -> IdTagInfo:
    """``tag`` as an entry says it (OCPP 1.6 §7.27)."""
    return IdTagInfo(
        status=tag.status,
        expiry_date=wire_time(tag.expires_at) if tag.expires_at else UNSET,
        parent_id_tag=tag.parent_id_tag or UNSET,
    )
