"""A decision in OCPP's words."""

from msgspec import UNSET

from gateway.authorization.decide import TagDecision
from gateway.ocpp.v16.messages import IdTagInfo, wire_time


def id_tag_info(decision: TagDecision) -> IdTagInfo:
    """The idTagInfo that a charge point gets (OCPP 1.6 §7.27)."""
    return IdTagInfo(
        status=decision.status,
        expiry_date=wire_time(decision.expires_at) if decision.expires_at else UNSET,
        parent_id_tag=decision.parent_id_tag or UNSET,
    )
