"""What a connection costs a server in memory.

Each server is a fresh process: one that has worked would put newcomers into memory that it already
holds, and they would seem to cost nothing. Connections come in groups, and the median group counts,
so that what a process happens to do once, or for a moment, is not charged to a connection. Buffers
in the kernel are not counted.
"""

import contextlib
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from tests.bench.loads import one_at_a_time
from tests.bench.script import Session
from tests.bench.servers import Launch, Server, connected
from tests.bench.thin_client import ThinClient

FIRST: Final = 50
"""Connections before the count begins: by then what is loaded on first use has been."""
GROUP: Final = 80
GROUPS: Final = 5
MORE: Final = GROUP * GROUPS

LOOKS: Final = 3
LOOK_EVERY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class PerConnection:
    """Bytes that a connection adds.

    Attributes:
        idle: After its handshake and BootNotification.
        used: After a whole charging session.
    """

    idle: float
    used: float


def per_connection(launch: Launch) -> PerConnection:
    """Connect 400 charge points after 50 others, then let each of them play a session."""
    groups: list[list[ThinClient]] = []
    with launch(FIRST + MORE) as server, contextlib.ExitStack() as stack:
        stack.enter_context(connected(server, range(1, FIRST + 1)))
        levels = [_settled_bytes(server)]
        for first in range(FIRST + 1, FIRST + MORE + 1, GROUP):
            groups.append(stack.enter_context(connected(server, range(first, first + GROUP))))
            levels.append(_settled_bytes(server))
        idle = per_member(levels, GROUP)
        levels = levels[-1:]
        began_at = datetime.now(UTC) - timedelta(hours=1)
        for points in groups:
            one_at_a_time(points, [Session(1, began_at) for _ in points])
            levels.append(_settled_bytes(server))
    return PerConnection(idle, idle + per_member(levels, GROUP))


def per_member(levels: Sequence[int], size: int) -> float:
    """What each member of the median group of ``size`` added; ``levels`` are before and after."""
    return statistics.median(after - before for before, after in pairwise(levels)) / size


def _settled_bytes(server: Server) -> int:
    """The lowest of some looks: handshakes and commits hold memory for a moment."""
    looks = []
    for _ in range(LOOKS):
        time.sleep(LOOK_EVERY_S)
        looks.append(server.private_bytes())
    return min(looks)
