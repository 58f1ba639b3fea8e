"""Transactions and messages to store."""

from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.site.depot import ConnectorKey
from gateway.transactions.ledger import StartRequest, StopRequest
from gateway.upstream.backlog import Outgoing

NOON: Final = datetime(2025, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)


def start(
    identity: str = "CP-1",
    connector_id: int = 1,
    id_tag: str = "Tag",
    timestamp: str = "2025-06-01T12:00:00Z",
    meter_start_wh: int = 100,
) -> StartRequest:
    """A start."""
    return StartRequest(ConnectorKey(identity, connector_id), id_tag, timestamp, meter_start_wh)


def stop(
    transaction_id: int,
    identity: str = "CP-1",
    id_tag: str | None = "Tag",
    timestamp: str = "2025-06-01T13:00:00Z",
    meter_stop_wh: int = 200,
    reason: str = "Local",
) -> StopRequest:
    """A stop."""
    return StopRequest(identity, transaction_id, id_tag, timestamp, meter_stop_wh, reason)


def message(
    unique_id: str,
    identity: str = "CP-1",
    action: str = "StartTransaction",
    local_transaction_id: int | None = None,
) -> Outgoing:
    """A message for the cloud; ``unique_id`` is in its payload too."""
    return Outgoing(
        identity,
        action,
        unique_id,
        f'{{"was":"{unique_id}"}}'.encode(),
        NOON + timedelta(seconds=1),
        local_transaction_id,
    )
