"""A process to be killed: ``python -m tests.unit.storage.writing FILE`` starts and stops
transactions without end, and says on stdout which of them it was promised."""

import asyncio
import sys
from itertools import count
from pathlib import Path

from gateway.storage.database import open_database
from gateway.storage.transactions import SqliteTransactions
from tests.unit.storage.examples import NOON, message, start, stop


async def charge(store: SqliteTransactions, connector_id: int) -> None:
    """One connector: a transaction after the other."""
    for number in count():
        request = start(connector_id=connector_id, meter_start_wh=number)
        unique_id = f"{connector_id}-{number}"
        candidate_id = connector_id * 1_000_000 + number
        begun = await store.begin(request, candidate_id, message(f"start-{unique_id}"), NOON)
        local_id = begun.transaction.local_transaction_id
        print(f"started {local_id}", flush=True)
        await store.end(stop(local_id), message(f"stop-{unique_id}"))
        print(f"stopped {local_id}", flush=True)


async def main(path: Path) -> None:
    """Ten connectors at once."""
    async with await open_database(path) as database:
        store = SqliteTransactions(database)
        await asyncio.gather(*(charge(store, connector_id) for connector_id in range(1, 11)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
