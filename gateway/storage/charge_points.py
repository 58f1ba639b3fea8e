"""What outlives a restart about each charge point. What did not change is not written again."""

import sqlite3
from collections.abc import Mapping

from gateway.ports import Database


class SqliteChargePoints:
    """Fulfils `gateway.ports.ChargePointStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def boots(self) -> Mapping[str, bytes]:
        """The last BootNotification.req of each identity, as it was sent."""
        return await self._database.run(_boots)

    async def remember_boot(self, identity: str, payload: bytes) -> None:
        """Keep ``payload`` as the last BootNotification.req of ``identity``."""
        await self._database.run(lambda db: _remember_boot(db, identity, payload))


def _boots(db: sqlite3.Connection) -> dict[str, bytes]:
    rows = db.execute("SELECT identity, boot FROM charge_points")
    return dict(rows.fetchall())


def _remember_boot(db: sqlite3.Connection, identity: str, payload: bytes) -> None:
    db.execute(
        "INSERT INTO charge_points (identity, boot) VALUES (?, ?)"
        " ON CONFLICT (identity) DO UPDATE SET boot = excluded.boot WHERE boot <> excluded.boot",
        (identity, payload),
    )
