"""kill -9 at random moments of a busy depot, with the cloud up and down, each time started again.

The cloud lives in another process and is the work of others; in the end it has each transaction
once.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

PATIENCE_S = 150.0


def test_the_cloud_has_each_transaction_once_however_often_the_gateway_is_killed(
    tmp_path: Path,
) -> None:
    arguments = ("--scenario", "crash", "--seconds", "45", "--charge-points", "8", "--seed", "5")
    ended = subprocess.run(
        [sys.executable, "-m", "gateway", "demo", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert ended.returncode == 0, ended.stderr + ended.stdout
    transactions = json.loads(ended.stdout)["transactions"]
    assert transactions["started"] == transactions["in_cloud"] > 8
    assert (transactions["lost"], transactions["doubled"], transactions["out_of_order"]) == (
        0,
        0,
        0,
    )
