"""A reservation from its making to its end."""

from datetime import timedelta

from gateway.records.reservations import (
    KEPT,
    Reservations,
    after_cancel,
    after_reserve,
    after_start,
    at_instant,
)
from tests.unit.records.exchanges import NOW, STAMP, exchange

LATER = NOW + timedelta(hours=1)


def reserved(
    record: Reservations | None = None, reservation_id: int = 7, status: str = "Accepted"
) -> Reservations:
    request = {
        "connectorId": 1,
        "expiryDate": "2026-05-04T12:30:00Z",
        "idTag": "TAG",
        "reservationId": reservation_id,
    }
    return after_reserve(record or Reservations(), exchange(request, {"status": status}))


def ends(record: Reservations) -> list[tuple[int, str]]:
    return [(r.reservation_id, r.status) for r in record.reservations]


def test_only_an_accepted_reservation_is_one() -> None:
    for status in ("Faulted", "Occupied", "Unavailable", "Rejected"):
        assert reserved(status=status).reservations == ()
    (made,) = reserved().active
    assert (made.id_tag, made.connector_id, made.made_at) == ("TAG", 1, STAMP)


def test_a_start_uses_it_up() -> None:
    (used,) = after_start(reserved(), 7, 99, NOW).reservations
    assert (used.status, used.local_transaction_id, used.ended_at) == ("used", 99, STAMP)


def test_it_expires_at_its_date() -> None:
    record = reserved()
    assert ends(at_instant(record, NOW)) == [(7, "active")]
    (expired,) = at_instant(record, LATER).reservations
    assert (expired.status, expired.ended_at) == ("expired", "2026-05-04T12:30:00.000Z")


def test_one_that_expired_before_the_start_stays_expired() -> None:
    assert ends(after_start(reserved(), 7, 99, LATER)) == [(7, "expired")]


def test_cancelling_ends_it() -> None:
    cancelled = after_cancel(reserved(), exchange({"reservationId": 7}, {"status": "Accepted"}))
    assert ends(cancelled) == [(7, "cancelled")]


def test_a_rejected_cancellation_says_that_the_charge_point_has_it_no_more() -> None:
    gone = after_cancel(reserved(), exchange({"reservationId": 7}, {"status": "Rejected"}))
    assert ends(gone) == [(7, "expired")]
    assert gone.active == ()


def test_cancelling_an_unknown_id_changes_nothing() -> None:
    record = reserved()
    assert after_cancel(record, exchange({"reservationId": 8}, {"status": "Rejected"})) is record


def test_the_same_id_again_replaces_the_first() -> None:
    assert ends(reserved(reserved())) == [(7, "replaced"), (7, "active")]


def test_old_ones_are_forgotten_and_active_ones_never() -> None:
    record = reserved(reservation_id=1)
    for number in range(2, KEPT + 10):
        record = reserved(record, number)
        record = after_start(record, number, number, NOW)
    assert ends(record)[0] == (1, "active")
    assert len(record.reservations) == KEPT + 1
