"""What the cloud said of idTags: one row for each, compared as `gateway.authorization` compares."""

import sqlite3
from collections.abc import Sequence

from gateway.authorization.decide import CachedTag, key
from gateway.ports import Database
from gateway.storage.columns import from_us, to_us


class SqliteTagCache:
    """Fulfils `gateway.ports.TagCache`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> Sequence[CachedTag]:
        """Everything remembered."""
        return await self._database.run(_load)

    async def remember(self, tag: CachedTag) -> None:
        """Keep ``tag`` in place of what was known of it."""
        await self._database.run(lambda db: _remember(db, tag))

    async def clear(self) -> None:
        """Forget all."""
        await self._database.run(_clear)


def _load(db: sqlite3.Connection) -> list[CachedTag]:
    return [_tag(row) for row in db.execute("SELECT * FROM cached_tags")]


def _remember(db: sqlite3.Connection, tag: CachedTag) -> None:
    db.execute(
        "INSERT OR REPLACE INTO cached_tags (tag_key, id_tag, status, parent_id_tag, expires_at_us,"
        " believed_until_us) VALUES (?, ?, ?, ?, ?, ?)",
        (
            key(tag.id_tag),
            tag.id_tag,
            tag.status,
            tag.parent_id_tag,
            None if tag.expires_at is None else to_us(tag.expires_at),
            to_us(tag.believed_until),
        ),
    )


def _clear(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM cached_tags")


def _tag(row: sqlite3.Row) -> CachedTag:
    expires_at_us = row["expires_at_us"]
    return CachedTag(
        id_tag=row["id_tag"],
        status=row["status"],
        parent_id_tag=row["parent_id_tag"],
        expires_at=None if expires_at_us is None else from_us(expires_at_us),
        believed_until=from_us(row["believed_until_us"]),
    )
