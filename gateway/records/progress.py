"""Firmware updates and diagnostics uploads: what was ordered, and how far it came (OCPP 1.6 §4.4).

The one rule: a charge point that tells of progress that nobody ordered is believed too.
"""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import UNSET

from gateway.ocpp.v16.messages import (
    GetDiagnosticsRequest,
    GetDiagnosticsResponse,
    ProgressNotification,
    UpdateFirmwareRequest,
    read,
)
from gateway.records.document import Document, Exchange, stamp

KEPT: Final = 10
"""Orders that are kept of one charge point."""

MOST_STEPS: Final = 20
"""Steps that are kept of one order: the first and the last of them."""

ENDS: Final = frozenset(
    {"Installed", "InstallationFailed", "DownloadFailed", "Uploaded", "UploadFailed"}
)
"""Words after which nothing more comes of an order."""

IDLE: Final = "Idle"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One word of the charge point."""

    status: str
    at: str


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One update or upload.

    Args:
        location: Where to or from, without user and password; empty when nobody ordered it.
        file_name: What the charge point calls its upload.
        steps: What it told, oldest first.
    """

    location: str = ""
    retrieve_date: str = ""
    file_name: str = ""
    caller: str = ""
    ordered_at: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def status(self) -> str:
        """The last word; empty before the first."""
        return self.steps[-1].status if self.steps else ""


class Progress(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Orders of one kind, oldest first.

    Args:
        idle_at: When the charge point last said, asked for it, that it does nothing.
    """

    orders: tuple[Order, ...] = ()
    idle_at: str = ""


def after_update(record: Progress, exchange: Exchange) -> Progress:
    """UpdateFirmware was answered."""
    order = read(UpdateFirmwareRequest, exchange.request)
    return _ordered(
        record,
        Order(
            location=without_credentials(order.location),
            retrieve_date=order.retrieve_date,
            caller=exchange.caller.value,
            ordered_at=stamp(exchange.at),
        ),
    )


def after_diagnostics(record: Progress, exchange: Exchange) -> Progress:
    """GetDiagnostics was answered. Without a file name there is nothing to upload."""
    file_name = read(GetDiagnosticsResponse, exchange.answer).file_name
    return _ordered(
        record,
        Order(
            location=without_credentials(read(GetDiagnosticsRequest, exchange.request).location),
            file_name="" if file_name is UNSET else file_name,
            caller=exchange.caller.value,
            ordered_at=stamp(exchange.at),
        ),
    )


def after_notification(record: Progress, notification: bytes, at: datetime) -> Progress:
    """The charge point told how far it is."""
    status = read(ProgressNotification, notification).status
    if status == IDLE:
        return msgspec.structs.replace(record, idle_at=stamp(at))
    step = Step(status=status, at=stamp(at))
    last = record.orders[-1] if record.orders else None
    if last is None or last.status in ENDS:
        return _ordered(record, Order(steps=(step,)))
    steps = (*last.steps, step)
    if len(steps) > MOST_STEPS:
        steps = (*steps[: MOST_STEPS - 1], step)
    advanced = msgspec.structs.replace(last, steps=steps)
    return msgspec.structs.replace(record, orders=(*record.orders[:-1], advanced))


def without_credentials(location: str) -> str:
    """``location`` without user and password."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return ""
    if "@" not in parts.netloc:
        return location
    return urlunsplit(parts._replace(netloc="***@" + parts.netloc.rpartition("@")[2]))


def _ordered(record: Progress, order: Order) -> Progress:
    return msgspec.structs.replace(record, orders=(*record.orders, order)[-KEPT:])
