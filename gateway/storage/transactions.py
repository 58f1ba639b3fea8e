"""The ledger on disk. A change and the message that reports it are durable together."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.errors import InvariantBroken
from gateway.ports import Database
from gateway.site.depot import ConnectorKey
from gateway.storage.columns import from_us, to_us, wide
from gateway.storage.outbox import append
from gateway.transactions.ledger import (
    MAX_TRANSACTION_ID,
    UNKNOWN_TRANSACTION_ID,
    Begun,
    Ended,
    StartRequest,
    StopRequest,
    Transaction,
    may_have_ended,
)
from gateway.upstream.backlog import Outgoing


class SqliteTransactions:
    """Fulfils `gateway.ports.TransactionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, start: StartRequest, local_transaction_id: int, report: Outgoing | None, now: datetime
    ) -> Begun:
        """Record a start and its report, or find the start that it retries.

        Should the candidate id be taken, the next free one is used, with 1 after the highest.
        """
        return await self._database.run(
            lambda db: _begin(db, start, local_transaction_id, report, now)
        )

    async def end(self, stop: StopRequest, report: Outgoing | None) -> Ended:
        """Record a stop and its report; a retry adds nothing.

        A stop of an id that this charge point never got from us is kept once as an orphan, and
        reported once; -1 stands for the open transaction that fits, if there is just one. A second,
        different stop of a transaction is kept beside the first and not reported: the cloud sees
        each transaction end once.
        """
        return await self._database.run(lambda db: _end(db, stop, report))

    async def find(self, local_transaction_id: int) -> Transaction | None:
        """The transaction with our id. Any integer may be asked for."""
        return await self._database.run(lambda db: _find(db, local_transaction_id))

    async def find_by_cloud_id(
        self, identity: str, cloud_transaction_id: int
    ) -> Transaction | None:
        """The newest transaction of ``identity`` that the cloud calls so."""
        return await self._database.run(
            lambda db: _find_by_cloud_id(db, identity, cloud_transaction_id)
        )

    async def open_transactions(self) -> Sequence[Transaction]:
        """Every transaction without a stop, oldest first."""
        return await self._database.run(_open_transactions)


def _begin(
    db: sqlite3.Connection,
    start: StartRequest,
    candidate_id: int,
    report: Outgoing | None,
    now: datetime,
) -> Begun:
    known = _find_start(db, start)
    if known is not None:
        return Begun(known, fresh=False)
    local_id = _free_id(db, candidate_id)
    db.execute(
        "INSERT INTO transactions (local_transaction_id, identity, connector_id, id_tag,"
        " started_at, meter_start_wh, reservation_id, recorded_at_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (local_id, *_content(start), wide(start.reservation_id), to_us(now)),
    )
    if report is not None:
        append(db, replace(report, local_transaction_id=local_id))
    return Begun(_written(db, local_id), fresh=True)


def _end(db: sqlite3.Connection, stop: StopRequest, report: Outgoing | None) -> Ended:
    known = _meant(db, stop)
    if known is None:
        fresh = _keep_orphan(db, stop, None)
        if fresh and report is not None:
            append(db, replace(report, local_transaction_id=None))
        return Ended(None, fresh)
    local_id = known.local_transaction_id
    if known.stopped_at is not None:
        if not _is_recorded_stop(db, stop, local_id):
            _keep_orphan(db, stop, local_id)
        return Ended(known, fresh=False)
    db.execute(
        "UPDATE transactions SET stopped_at = ?, meter_stop_wh = ?, stop_reason = ?,"
        " stop_id_tag = ? WHERE local_transaction_id = ?",
        (stop.timestamp, wide(stop.meter_stop_wh), stop.reason, stop.id_tag, local_id),
    )
    if report is not None:
        append(db, replace(report, local_transaction_id=local_id))
    return Ended(_written(db, local_id), fresh=True)


def _meant(db: sqlite3.Connection, stop: StopRequest) -> Transaction | None:
    """The transaction that a stop ends, or ended before; None for an orphan.

    A charge point that never learned the id says -1: then the one open transaction that fits is
    meant, if there is exactly one.
    """
    if stop.transaction_id != UNKNOWN_TRANSACTION_ID:
        known = _find(db, stop.transaction_id)
        return known if known is not None and known.key.identity == stop.identity else None
    row = db.execute(
        "SELECT * FROM transactions WHERE identity = ? AND stopped_at = ? AND meter_stop_wh = ?"
        " AND stop_reason = ? AND stop_id_tag = ? ORDER BY seq DESC LIMIT 1",
        (stop.identity, stop.timestamp, wide(stop.meter_stop_wh), stop.reason, stop.id_tag),
    ).fetchone()
    if row is not None:
        return _transaction(row)
    fitting = [t for t in _open_transactions(db) if may_have_ended(stop, t)]
    return fitting[0] if len(fitting) == 1 else None


def _find_start(db: sqlite3.Connection, start: StartRequest) -> Transaction | None:
    row = db.execute(
        "SELECT * FROM transactions WHERE identity = ? AND connector_id = ? AND id_tag = ?"
        " AND started_at = ? AND meter_start_wh = ?",
        _content(start),
    ).fetchone()
    return None if row is None else _transaction(row)


def _content(start: StartRequest) -> tuple[str, int | str, str, str, int | str]:
    """What makes two starts the same one (OCPP 1.6 §4.8)."""
    return (
        start.key.identity,
        wide(start.key.connector_id),
        start.id_tag,
        start.timestamp,
        wide(start.meter_start_wh),
    )


def _free_id(db: sqlite3.Connection, candidate_id: int) -> int:
    local_id = (candidate_id - 1) % MAX_TRANSACTION_ID + 1
    while _find(db, local_id) is not None:
        local_id = local_id % MAX_TRANSACTION_ID + 1
    return local_id


def _is_recorded_stop(db: sqlite3.Connection, stop: StopRequest, local_id: int) -> bool:
    row = db.execute(
        "SELECT 1 FROM transactions WHERE local_transaction_id = ? AND stopped_at = ?"
        " AND meter_stop_wh = ? AND stop_reason = ? AND stop_id_tag IS ?",
        (local_id, stop.timestamp, wide(stop.meter_stop_wh), stop.reason, stop.id_tag),
    ).fetchone()
    return row is not None


def _keep_orphan(db: sqlite3.Connection, stop: StopRequest, local_id: int | None) -> bool:
    """Keep a stop that closes nothing; False when it was kept already."""
    content = (
        stop.identity,
        wide(stop.transaction_id),
        stop.id_tag,
        stop.timestamp,
        wide(stop.meter_stop_wh),
        stop.reason,
    )
    known = db.execute(
        "SELECT 1 FROM orphan_stops WHERE identity = ? AND transaction_id = ? AND id_tag IS ?"
        " AND stopped_at = ? AND meter_stop_wh = ? AND reason = ?",
        content,
    ).fetchone()
    if known is not None:
        return False
    db.execute(
        "INSERT INTO orphan_stops (identity, transaction_id, id_tag, stopped_at, meter_stop_wh,"
        " reason, local_transaction_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*content, local_id),
    )
    return True


def _find(db: sqlite3.Connection, local_id: int) -> Transaction | None:
    if not 1 <= local_id <= MAX_TRANSACTION_ID:
        return None
    row = db.execute(
        "SELECT * FROM transactions WHERE local_transaction_id = ?", (local_id,)
    ).fetchone()
    return None if row is None else _transaction(row)


def _written(db: sqlite3.Connection, local_id: int) -> Transaction:
    """The row as later readers will see it."""
    transaction = _find(db, local_id)
    if transaction is None:
        raise InvariantBroken(f"transaction {local_id} was written and is not there")
    return transaction


def _find_by_cloud_id(db: sqlite3.Connection, identity: str, cloud_id: int) -> Transaction | None:
    row = db.execute(
        "SELECT * FROM transactions WHERE identity = ? AND cloud_transaction_id = ?"
        " ORDER BY seq DESC LIMIT 1",
        (identity, wide(cloud_id)),
    ).fetchone()
    return None if row is None else _transaction(row)


def _open_transactions(db: sqlite3.Connection) -> list[Transaction]:
    rows = db.execute("SELECT * FROM transactions WHERE stopped_at IS NULL ORDER BY seq")
    return [_transaction(row) for row in rows]


def _transaction(row: sqlite3.Row) -> Transaction:
    return Transaction(
        local_transaction_id=row["local_transaction_id"],
        key=ConnectorKey(row["identity"], int(row["connector_id"])),
        id_tag=row["id_tag"],
        started_at=row["started_at"],
        meter_start_wh=int(row["meter_start_wh"]),
        cloud_transaction_id=_integer(row["cloud_transaction_id"]),
        stopped_at=row["stopped_at"],
        meter_stop_wh=_integer(row["meter_stop_wh"]),
        stop_reason=row["stop_reason"],
        recorded_at=from_us(row["recorded_at_us"]),
    )


def _integer(value: int | str | None) -> int | None:
    return None if value is None else int(value)
