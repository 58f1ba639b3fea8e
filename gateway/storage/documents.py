"""Small documents about charge points. What did not change is not written again."""

import sqlite3
from collections.abc import Mapping

from gateway.ports import Database


class SqliteDocuments:
    """Fulfils `gateway.ports.DocumentStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, kind: str) -> Mapping[str, bytes]:
        """Every document of ``kind``, by identity."""
        return await self._database.run(lambda db: _load(db, kind))

    async def keep(self, identity: str, kind: str, document: bytes) -> None:
        """Keep ``document`` in place of what was kept."""
        await self._database.run(lambda db: _keep(db, identity, kind, document))


def _load(db: sqlite3.Connection, kind: str) -> dict[str, bytes]:
    rows = db.execute("SELECT identity, document FROM documents WHERE kind = ?", (kind,))
    return dict(rows.fetchall())


def _keep(db: sqlite3.Connection, identity: str, kind: str, document: bytes) -> None:
    db.execute(
        "INSERT INTO documents (identity, kind, document) VALUES (?, ?, ?)"
        " ON CONFLICT (identity, kind) DO UPDATE SET document = excluded.document"
        " WHERE document <> excluded.document",
        (identity, kind, document),
    )
