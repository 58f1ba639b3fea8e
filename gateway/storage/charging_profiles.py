"""The cloud's charging profiles, kept whole per charge point and in the order given."""

import sqlite3
from collections.abc import Sequence

from gateway.ports import CloudProfile, Database
from gateway.storage.columns import wide


class SqliteProfiles:
    """Fulfils `gateway.ports.ProfileStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> Sequence[CloudProfile]:
        """All of them; those of one identity in the order in which they were given."""
        return await self._database.run(_load)

    async def replace(self, identity: str, profiles: Sequence[CloudProfile]) -> None:
        """Make ``profiles`` all that is kept for ``identity``.

        Raises:
            ValueError: A profile belongs to another identity; nothing was changed.
        """
        kept = tuple(profiles)
        if any(profile.identity != identity for profile in kept):
            raise ValueError(f"profiles of another charge point than {identity!r}")
        await self._database.run(lambda db: _replace(db, identity, kept))


def _load(db: sqlite3.Connection) -> list[CloudProfile]:
    rows = db.execute(
        "SELECT identity, connector_id, payload FROM cloud_profiles ORDER BY identity, position"
    )
    return [
        CloudProfile(identity, int(connector), payload) for identity, connector, payload in rows
    ]


def _replace(db: sqlite3.Connection, identity: str, profiles: Sequence[CloudProfile]) -> None:
    db.execute("DELETE FROM cloud_profiles WHERE identity = ?", (identity,))
    db.executemany(
        "INSERT INTO cloud_profiles (identity, position, connector_id, payload)"
        " VALUES (?, ?, ?, ?)",
        [
            (identity, position, wide(profile.connector_id), profile.payload)
            for position, profile in enumerate(profiles)
        ],
    )
