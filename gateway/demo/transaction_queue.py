"""Transaction messages on their way: in order, kept while offline, repeated until answered.

OCPP 1.6 §3.7.1 and §4.8: a transaction message keeps its content and its place, however long the
link is away. A CALLERROR counts as an attempt, silence does not.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec

from gateway.demo.outlet import TrueTransaction
from gateway.ocpp.calls import Answered, CallOutcome, Offline, Refused
from gateway.runtime.line import Line

UNKNOWN_TRANSACTION: int = -1
"""What a charge point sends when it never learned the id (OCPP 1.6 errata 3.18)."""


@dataclass(slots=True)
class TransactionMessage:
    """One StartTransaction, MeterValues or StopTransaction.

    Args:
        payload: Without the transactionId, which is filled in when the message is sent.
    """

    action: str
    transaction: TrueTransaction
    payload: dict[str, Any]
    attempts: int = 0

    def encoded(self) -> bytes:
        """The payload as it is now."""
        if self.action == "StartTransaction":
            return msgspec.json.encode(self.payload)
        known = self.transaction.transaction_id
        transaction_id = UNKNOWN_TRANSACTION if known is None else known
        return msgspec.json.encode({**self.payload, "transactionId": transaction_id})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt and how it ended. ``answer`` is None without a CALLRESULT."""

    message: TransactionMessage
    outcome: CallOutcome
    answer: dict[str, Any] | None


@dataclass(slots=True)
class TransactionQueue:
    """Everything that waits; it survives a reboot.

    Args:
        dropped: Messages given up after too many CALLERRORs, for judges.
    """

    dropped: list[TransactionMessage] = field(default_factory=list)
    _waiting: deque[TransactionMessage] = field(default_factory=deque)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)

    def __len__(self) -> int:
        return len(self._waiting)

    def append(self, message: TransactionMessage) -> None:
        """Put ``message`` behind all others."""
        self._waiting.append(message)
        self._filled.set()

    async def deliver_next(
        self,
        line: Line,
        timeout_s: float,
        attempts: int,
        retry_s: float,
        *,
        repeat_start: bool = False,
    ) -> Delivery:
        """Wait for a message and send it once.

        Args:
            attempts: TransactionMessageAttempts.
            retry_s: TransactionMessageRetryInterval.
            repeat_start: Send an answered StartTransaction again, as if the answer had been lost.
        """
        await self._filled.wait()
        message = self._waiting[0]
        payload = message.encoded()
        outcome = await line.call(message.action, payload, timeout_s=timeout_s)
        if repeat_start and message.action == "StartTransaction":
            outcome = await line.call(message.action, payload, timeout_s=timeout_s)
        answer: dict[str, Any] | None = None
        if isinstance(outcome, Answered):
            self._remove_head()
            answer = msgspec.json.decode(outcome.payload)
        elif isinstance(outcome, Refused):
            await self._refused(message, attempts, retry_s)
        elif isinstance(outcome, Offline):
            await asyncio.sleep(retry_s)
        return Delivery(message, outcome, answer)

    async def _refused(self, message: TransactionMessage, attempts: int, retry_s: float) -> None:
        message.attempts += 1
        if message.attempts >= attempts:
            self.dropped.append(message)
            self._remove_head()
        else:
            await asyncio.sleep(retry_s * message.attempts)

    def _remove_head(self) -> None:
        self._waiting.popleft()
        if not self._waiting:
            self._filled.clear()
