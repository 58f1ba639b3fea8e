"""What a charge point hears when it boots."""

from datetime import datetime

from gateway.ocpp.v16.messages import BootNotificationResponse, encode, wire_time


def boot_answer(status: str, now: datetime, interval_s: int) -> bytes:
    """BootNotification.conf.

    Args:
        interval_s: Between heartbeats; when it is not Accepted, before the next BootNotification.
    """
    return encode(
        BootNotificationResponse(status=status, current_time=wire_time(now), interval=interval_s)
    )
