"""Messages that wait for the cloud. None leaves before the cloud has answered it."""

import sqlite3
from collections.abc import Mapping, Sequence

from gateway.ports import Database
from gateway.storage.columns import from_us, to_us, wide
from gateway.upstream.backlog import Outgoing, StoredMessage


class SqliteOutbox:
    """Fulfils `gateway.ports.Outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, message: Outgoing) -> None:
        """Store ``message`` behind all others of its identity."""
        await self._database.run(lambda db: append(db, message))

    async def head(self, identity: str, limit: int) -> Sequence[StoredMessage]:
        """The oldest ``limit`` messages of ``identity``, in order."""
        return await self._database.run(lambda db: _head(db, identity, limit))

    async def delivered(self, seq: int, cloud_transaction_id: int | None) -> None:
        """Forget the message and keep the cloud's id of its transaction, in one commit.

        A ``seq`` that is not there any more changes nothing.
        """
        await self._database.run(lambda db: _delivered(db, seq, cloud_transaction_id))

    async def refused(self, seq: int, reason: str, *, give_up: bool) -> None:
        """Count a refusal; with ``give_up`` move the message to those that a person must see."""
        await self._database.run(lambda db: _refused(db, seq, reason, give_up=give_up))

    async def waiting(self) -> Mapping[str, int]:
        """How many messages wait, by identity."""
        return await self._database.run(_waiting)


def append(db: sqlite3.Connection, message: Outgoing) -> None:
    """Put ``message`` into the outbox, inside a transaction of the caller."""
    db.execute(
        "INSERT INTO outbox (identity, action, unique_id, payload, recorded_at_us,"
        " local_transaction_id) VALUES (?, ?, ?, ?, ?, ?)",
        (
            message.identity,
            message.action,
            message.unique_id,
            message.payload,
            to_us(message.recorded_at),
            message.local_transaction_id,
        ),
    )


def _head(db: sqlite3.Connection, identity: str, limit: int) -> list[StoredMessage]:
    rows = db.execute(
        "SELECT outbox.*, transactions.cloud_transaction_id FROM outbox"
        " LEFT JOIN transactions USING (local_transaction_id)"
        " WHERE outbox.identity = ? ORDER BY outbox.seq LIMIT ?",
        (identity, limit),
    )
    return [_stored(row) for row in rows]


def _delivered(db: sqlite3.Connection, seq: int, cloud_transaction_id: int | None) -> None:
    if cloud_transaction_id is not None:
        db.execute(
            "UPDATE transactions SET cloud_transaction_id = ? WHERE local_transaction_id ="
            " (SELECT local_transaction_id FROM outbox WHERE seq = ?)",
            (wide(cloud_transaction_id), seq),
        )
    db.execute("DELETE FROM outbox WHERE seq = ?", (seq,))


def _refused(db: sqlite3.Connection, seq: int, reason: str, *, give_up: bool) -> None:
    db.execute("UPDATE outbox SET attempts = attempts + 1 WHERE seq = ?", (seq,))
    if not give_up:
        return
    db.execute(
        "INSERT INTO set_aside (seq, identity, action, unique_id, payload, recorded_at_us,"
        " local_transaction_id, attempts, reason)"
        " SELECT seq, identity, action, unique_id, payload, recorded_at_us,"
        " local_transaction_id, attempts, ? FROM outbox WHERE seq = ?",
        (reason, seq),
    )
    db.execute("DELETE FROM outbox WHERE seq = ?", (seq,))


def _waiting(db: sqlite3.Connection) -> dict[str, int]:
    rows = db.execute("SELECT identity, count(*) FROM outbox GROUP BY identity")
    return dict(rows.fetchall())


def _stored(row: sqlite3.Row) -> StoredMessage:
    cloud_transaction_id = row["cloud_transaction_id"]
    message = Outgoing(
        identity=row["identity"],
        action=row["action"],
        unique_id=row["unique_id"],
        payload=row["payload"],
        recorded_at=from_us(row["recorded_at_us"]),
        local_transaction_id=row["local_transaction_id"],
    )
    return StoredMessage(
        seq=row["seq"],
        message=message,
        attempts=row["attempts"],
        cloud_transaction_id=None if cloud_transaction_id is None else int(cloud_transaction_id),
    )
