"""Ways to play the script: one CALL at a time, so many a second, or as fast as answers come.

Charge points keep to OCPP-J 1.6 §4.1.1 under each of them, with one CALL outstanding. Times are the
client's.
"""

import selectors
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.bench.script import Session
from tests.bench.thin_client import ThinClient

PATIENCE_S: Final = 10.0

Taken = list[tuple[str, float]]
"""The action of each CALL, and what its answer took in seconds."""


def one_at_a_time(points: Sequence[ThinClient], sessions: Sequence[Session]) -> Taken:
    """Every charge point's first message, then every one's second: one CALL on its way."""
    taken: Taken = []
    pairs = list(zip(points, sessions, strict=True))
    while pairs[0][1].left:
        for point, session in pairs:
            action, payload = session.next()
            took_s, answer = point.call(action, payload)
            session.heard(action, answer)
            taken.append((action, took_s))
    return taken


@dataclass(slots=True)
class _Paced:
    """One charge point under a rate: what is due waits while its last CALL is unanswered."""

    point: ThinClient
    session: Session
    due_s: deque[float] = field(default_factory=deque)
    action: str = ""
    expected: bytes = b""
    busy: bool = False

    def send(self) -> None:
        if self.busy or not self.due_s:
            return
        self.action, payload = self.session.next()
        unique_id, ready = self.point.prepare(self.action, payload)
        self.expected, self.busy = b'[3,"' + unique_id + b'"', True
        self.point.socket.sendall(ready)

    def receive(self, taken: Taken) -> None:
        for message in self.point.receive():
            if self.busy and message.startswith(self.expected):
                taken.append((self.action, time.perf_counter() - self.due_s.popleft()))
                self.session.heard(self.action, message)
                self.busy = False
        self.send()


def at_rate(points: Sequence[ThinClient], sessions: Sequence[Session], rate_hz: float) -> Taken:
    """CALLs at a fixed rate over all charge points, whatever the answers take.

    Times count from the instant that a CALL was due, so that a server that falls behind cannot hide
    it by slowing its clients down.
    """
    taken: Taken = []
    paced = [_Paced(*pair) for pair in zip(points, sessions, strict=True)]
    count = sum(session.left for session in sessions)
    # Not epoll: its timeouts are whole milliseconds.
    with selectors.SelectSelector() as selector:
        for one in paced:
            selector.register(one.point.socket, selectors.EVENT_READ, one)
        began_s = time.perf_counter()
        sent = 0
        while len(taken) < count:
            now_s, due_s = time.perf_counter(), began_s + sent / rate_hz
            if sent < count and now_s >= due_s:
                one = paced[sent % len(paced)]
                one.due_s.append(due_s)
                one.send()
                sent += 1
                continue
            ready = selector.select(due_s - now_s if sent < count else PATIENCE_S)
            if not ready and sent == count:
                raise ConnectionError(f"{count - len(taken)} CALLs were never answered")
            for key, _ in ready:
                key.data.receive(taken)
    return taken


def all_busy(points: Sequence[ThinClient], sessions: Sequence[Session]) -> Taken:
    """Every charge point sends its next CALL as soon as its last is answered.

    The server never waits for work, so its CPU time is all work; the times say how long the queue
    is.
    """
    taken: Taken = []
    paced = [_Paced(*pair) for pair in zip(points, sessions, strict=True)]
    count = sum(session.left for session in sessions)
    with selectors.DefaultSelector() as selector:
        for one in paced:
            selector.register(one.point.socket, selectors.EVENT_READ, one)
            _send_now(one)
        while len(taken) < count:
            ready = selector.select(PATIENCE_S)
            if not ready:
                raise ConnectionError(f"{count - len(taken)} CALLs were never answered")
            for key, _ in ready:
                key.data.receive(taken)
                _send_now(key.data)
    return taken


def _send_now(one: _Paced) -> None:
    if not one.busy and one.session.left:
        one.due_s.append(time.perf_counter())
        one.send()
