"""What a charge point hears at once, from what the gateway knows by itself."""

from datetime import datetime
from typing import Final

from gateway.ocpp.v16.messages import (
    BootNotificationResponse,
    DataTransferResponse,
    HeartbeatResponse,
    SignCertificateResponse,
    encode,
    wire_time,
)

EMPTY: Final = b"{}"


def boot_answer(now: datetime, heartbeat_interval_s: int) -> bytes:
    """BootNotification.conf: a charge point of the site file is accepted, cloud or no cloud."""
    return encode(
        BootNotificationResponse(
            status="Accepted", current_time=wire_time(now), interval=heartbeat_interval_s
        )
    )


def heartbeat_answer(now: datetime) -> bytes:
    """Heartbeat.conf."""
    return encode(HeartbeatResponse(current_time=wire_time(now)))


def answer_without_cloud(action: str) -> bytes:
    """What a relayed request gets when the cloud cannot answer it."""
    if action == "DataTransfer":
        return encode(DataTransferResponse(status="UnknownVendorId"))
    return encode(SignCertificateResponse(status="Rejected"))
