"""The cloud, as the rest of the gateway sees it."""

from typing import Protocol

from gateway.ocpp.calls import CallOutcome
from gateway.ocpp.v16.conversation import Request
from gateway.upstream.backlog import Outgoing


class CommandDesk(Protocol):
    """Carries out what the cloud commands."""

    async def carry_out(self, identity: str, request: Request) -> bytes:
        """The answer to the cloud's CALL. Raises ProtocolViolation for an answer by CALLERROR."""
        ...


class CloudDesk(Protocol):
    """The cloud, as the rest of the gateway sees it."""

    def mirrors(self, identity: str) -> bool:
        """True when this charge point has an upstream."""
        ...

    def report(
        self, identity: str, action: str, payload: bytes, local_transaction_id: int | None = None
    ) -> Outgoing | None:
        """The message that tells the cloud of a charge point's CALL; None without an upstream.

        Whoever commits it publishes MessageStored afterwards.
        """
        ...

    async def store(
        self, identity: str, action: str, payload: bytes, local_transaction_id: int | None = None
    ) -> None:
        """Put a charge point's CALL into the outbox, if it has an upstream."""
        ...

    async def ask(
        self, identity: str, action: str, payload: bytes, timeout_s: float
    ) -> CallOutcome:
        """Send one CALL as ``identity`` and wait for its end; Offline without a connection."""
        ...
