"""A real process, killed without warning: what it was promised is in the file."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.storage.connection import connect

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("promises", [1, 200, 1000])
def test_kill_9_breaks_no_promise(tmp_path: Path, promises: int) -> None:
    path = tmp_path / "gateway.db"
    command = [sys.executable, "-m", "tests.unit.storage.writing", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(promises)]
        process.kill()
        lines += process.stdout.read().splitlines(keepends=True)
        assert process.wait(timeout=30) == -9
    told = [line.split() for line in lines if line.endswith("\n")]
    assert len(told) >= promises
    with closing(connect(path)) as db:
        ledger = {
            row["local_transaction_id"]: row["stopped_at"] is not None
            for row in db.execute("SELECT * FROM transactions")
        }
        for what, local_id in told:
            assert int(local_id) in ledger
            assert what == "started" or ledger[int(local_id)]
        waiting = [row["local_transaction_id"] for row in db.execute("SELECT * FROM outbox")]
        assert sorted(waiting) == sorted([*ledger, *(i for i in ledger if ledger[i])])
