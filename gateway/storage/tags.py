"""The tags that people keep on this box: one row each, compared as `gateway.authorization` does."""

import json
import sqlite3
from collections.abc import Sequence

from gateway.authorization.decide import key
from gateway.ports import Database
from gateway.site.depot import Tag
from gateway.storage.columns import from_us, to_us


class SqliteTags:
    """Fulfils `gateway.ports.TagStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> Sequence[Tag]:
        """All of them, in the order of their keys."""
        return await self._database.run(_load)

    async def change(self, put: Sequence[Tag], remove: Sequence[str]) -> None:
        """Forget ``remove``, then add or replace ``put``, all in one commit."""
        await self._database.run(lambda db: _change(db, put, remove))


def _load(db: sqlite3.Connection) -> list[Tag]:
    return [_tag(row) for row in db.execute("SELECT * FROM tags ORDER BY tag_key")]


def _change(db: sqlite3.Connection, put: Sequence[Tag], remove: Sequence[str]) -> None:
    db.executemany("DELETE FROM tags WHERE tag_key = ?", [(key(id_tag),) for id_tag in remove])
    db.executemany(
        "INSERT OR REPLACE INTO tags (tag_key, id_tag, status, parent_id_tag, expires_at_us, name,"
        " charge_points) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                key(tag.id_tag),
                tag.id_tag,
                tag.status,
                tag.parent_id_tag,
                None if tag.expires_at is None else to_us(tag.expires_at),
                tag.name,
                None if tag.charge_points is None else json.dumps(sorted(tag.charge_points)),
            )
            for tag in put
        ],
    )


def _tag(row: sqlite3.Row) -> Tag:
    expires_at_us, charge_points = row["expires_at_us"], row["charge_points"]
    return Tag(
        id_tag=row["id_tag"],
        status=row["status"],
        parent_id_tag=row["parent_id_tag"],
        expires_at=None if expires_at_us is None else from_us(expires_at_us),
        name=row["name"],
        charge_points=None if charge_points is None else frozenset(json.loads(charge_points)),
    )
