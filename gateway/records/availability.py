"""What each connector last said of itself, and what it was told to be (OCPP 1.6 §4.9, §5.2).

The one rule: the word of the charge point and the wish of a person stand side by side.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from gateway.ocpp.v16.messages import ChangeAvailabilityRequest, StatusResponse, read
from gateway.records.document import Document, Exchange, stamp

MOST_CONNECTORS: Final = 65
"""A charge point that tells of more of them is not believed."""


class ConnectorRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One connector.

    Args:
        status: Its last StatusNotification's word; empty before the first.
        wanted: Operative or Inoperative, as it was last told; empty before.
        answer: Accepted, Scheduled (after the transaction) or Rejected.
    """

    status: str = ""
    error_code: str = ""
    status_at: str = ""
    wanted: str = ""
    answer: str = ""
    wanted_at: str = ""


class Availability(Document, frozen=True, kw_only=True, omit_defaults=True):
    """By connectorId; 0 is the whole charge point."""

    connectors: Mapping[int, ConnectorRecord] = {}


def after_status(
    record: Availability, connector_id: int, status: str, error_code: str, at: datetime
) -> Availability:
    """A StatusNotification came. The same word again changes nothing."""
    known = record.connectors.get(connector_id, ConnectorRecord())
    if (known.status, known.error_code) == (status, error_code):
        return record
    return _with(
        record,
        connector_id,
        msgspec.structs.replace(known, status=status, error_code=error_code, status_at=stamp(at)),
    )


def after_change(record: Availability, exchange: Exchange) -> Availability:
    """ChangeAvailability was answered; connector 0 stands for all of them."""
    change = read(ChangeAvailabilityRequest, exchange.request)
    told = msgspec.structs.replace(
        record.connectors.get(change.connector_id, ConnectorRecord()),
        wanted=change.type,
        answer=read(StatusResponse, exchange.answer).status,
        wanted_at=stamp(exchange.at),
    )
    return _with(record, change.connector_id, told)


def _with(record: Availability, connector_id: int, entry: ConnectorRecord) -> Availability:
    if connector_id not in record.connectors and len(record.connectors) >= MOST_CONNECTORS:
        return record
    connectors = dict(sorted({**record.connectors, connector_id: entry}.items()))
    return msgspec.structs.replace(record, connectors=connectors)
