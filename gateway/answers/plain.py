"""Answers from what the gateway knows by itself."""

from datetime import datetime
from typing import Final

from gateway.authorization.answer import id_tag_info
from gateway.authorization.decide import TagDecision
from gateway.ocpp.v16.messages import (
    AuthorizeResponse,
    DataTransferResponse,
    HeartbeatResponse,
    SignCertificateResponse,
    encode,
    wire_time,
)

EMPTY: Final = b"{}"
TOLD: Final = frozenset(
    {
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "LogStatusNotification",
        "SecurityEventNotification",
        "SignedFirmwareStatusNotification",
    }
)
"""Notifications that others hear of as they came."""


def heartbeat_answer(now: datetime) -> bytes:
    """Heartbeat.conf."""
    return encode(HeartbeatResponse(current_time=wire_time(now)))


def authorize_answer(decision: TagDecision) -> bytes:
    """Authorize.conf."""
    return encode(AuthorizeResponse(id_tag_info=id_tag_info(decision)))


def answer_without_cloud(action: str) -> bytes:
    """What a relayed request gets when the cloud cannot answer it."""
    if action == "DataTransfer":
        return encode(DataTransferResponse(status="UnknownVendorId"))
    return encode(SignCertificateResponse(status="Rejected"))
