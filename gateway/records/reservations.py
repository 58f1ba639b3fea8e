"""Reservations, from ReserveNow to their end (OCPP 1.6 §5.13, §5.1).

The one rule: a reservation is active from the charge point's Accepted until something ended it, and
then its end is kept too.
"""

from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET

from gateway.ocpp.calls import Caller
from gateway.ocpp.v16.messages import (
    CancelReservationRequest,
    ReserveNowRequest,
    StatusResponse,
    read,
    read_time,
)
from gateway.records.document import Document, Exchange, stamp

KEPT: Final = 50
"""Reservations that are kept of one charge point; active ones are never dropped."""

ACTIVE: Final = "active"
USED: Final = "used"
EXPIRED: Final = "expired"
CANCELLED: Final = "cancelled"
REPLACED: Final = "replaced"


class Reservation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reservation.

    Args:
        connector_id: 0 stands for any connector.
        status: active, used, expired, cancelled, or replaced by one with the same id.
        local_transaction_id: The transaction that used it.
    """

    reservation_id: int
    connector_id: int
    id_tag: str
    expiry_date: str
    parent_id_tag: str | None = None
    status: str = ACTIVE
    caller: str = Caller.OPERATOR.value
    made_at: str = ""
    ended_at: str = ""
    local_transaction_id: int | None = None


class Reservations(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Those of one charge point, oldest first."""

    reservations: tuple[Reservation, ...] = ()

    @property
    def active(self) -> tuple[Reservation, ...]:
        """Those that hold."""
        return tuple(r for r in self.reservations if r.status == ACTIVE)


def after_reserve(record: Reservations, exchange: Exchange) -> Reservations:
    """ReserveNow was answered: Accepted makes a reservation; one with its id gives way."""
    if read(StatusResponse, exchange.answer).status != "Accepted":
        return record
    wanted = read(ReserveNowRequest, exchange.request)
    new = Reservation(
        reservation_id=wanted.reservation_id,
        connector_id=wanted.connector_id,
        id_tag=wanted.id_tag,
        expiry_date=wanted.expiry_date,
        parent_id_tag=None if wanted.parent_id_tag is UNSET else wanted.parent_id_tag,
        caller=exchange.caller.value,
        made_at=stamp(exchange.at),
    )
    now = at_instant(record, exchange.at)
    ended = _end(now, wanted.reservation_id, REPLACED, exchange.at)
    return msgspec.structs.replace(ended, reservations=_kept((*ended.reservations, new)))


def after_cancel(record: Reservations, exchange: Exchange) -> Reservations:
    """CancelReservation was answered. Rejected means that the charge point knows no such id."""
    cancelled = read(CancelReservationRequest, exchange.request).reservation_id
    accepted = read(StatusResponse, exchange.answer).status == "Accepted"
    now = at_instant(record, exchange.at)
    return _end(now, cancelled, CANCELLED if accepted else EXPIRED, exchange.at)


def after_start(
    record: Reservations, reservation_id: int, local_transaction_id: int, at: datetime
) -> Reservations:
    """A transaction began that names the reservation."""
    return _end(at_instant(record, at), reservation_id, USED, at, local_transaction_id)


def at_instant(record: Reservations, now: datetime) -> Reservations:
    """The record as it stands ``now``: what passed its expiryDate is expired."""
    ended = record
    for reservation in record.active:
        expires_at = read_time(reservation.expiry_date)
        if expires_at is not None and expires_at <= now:
            ended = _end(ended, reservation.reservation_id, EXPIRED, expires_at)
    return ended


def _end(
    record: Reservations,
    reservation_id: int,
    status: str,
    at: datetime,
    local_transaction_id: int | None = None,
) -> Reservations:
    if all(r.reservation_id != reservation_id for r in record.active):
        return record
    ended = tuple(
        msgspec.structs.replace(
            r, status=status, ended_at=stamp(at), local_transaction_id=local_transaction_id
        )
        if r.status == ACTIVE and r.reservation_id == reservation_id
        else r
        for r in record.reservations
    )
    return msgspec.structs.replace(record, reservations=ended)


def _kept(reservations: tuple[Reservation, ...]) -> tuple[Reservation, ...]:
    """The newest, and every active one."""
    oldest_kept = len(reservations) - KEPT
    return tuple(
        r for place, r in enumerate(reservations) if place >= oldest_kept or r.status == ACTIVE
    )
