"""Charge points: what they are asked and answered, and what is known of them."""

from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from gateway.ocpp.calls import Caller, CallOutcome
from gateway.ocpp.v16.conversation import Request
from gateway.provisioning.compare import Comparison
from gateway.records.configuration import Configuration
from gateway.records.local_list import LocalList
from gateway.site.depot import BootPolicy, ConnectorKey
from gateway.transactions.ledger import Transaction


class ChargePointDesk(Protocol):
    """Calls charge points, for operators, the cloud and the balancing."""

    def is_online(self, identity: str) -> bool:
        """True while the charge point is connected."""
        ...

    async def call(
        self,
        identity: str,
        action: str,
        payload: bytes,
        timeout_s: float | None = None,
        *,
        caller: Caller = Caller.GATEWAY,
    ) -> CallOutcome:
        """Send one CALL and wait for its end; CallEnded is published before this returns.

        Raises:
            ProtocolViolation: OCPP 1.6 does not allow this payload.
        """
        ...


class AnswerDesk(Protocol):
    """Finds answers for charge points."""

    def answer(self, identity: str, request: Request) -> bytes | Coroutine[Any, Any, bytes]:
        """The payload of the CALLRESULT to a CALL other than BootNotification, now or later.

        Raises:
            ProtocolViolation: The CALLERROR to answer with.
        """
        ...


class TransactionDesk(Protocol):
    """Answers the transaction messages of charge points; payloads are OCPP 1.6 JSON objects."""

    def running(self, key: ConnectorKey) -> Transaction | None:
        """The transaction that charges at ``key`` now, by our own id."""
        ...

    async def begin(self, identity: str, payload: bytes) -> bytes:
        """StartTransaction.req to StartTransaction.conf; durable before it returns."""
        ...

    async def end(self, identity: str, payload: bytes) -> bytes:
        """StopTransaction.req to StopTransaction.conf; durable before it returns."""
        ...

    def meter(self, identity: str, payload: bytes) -> bytes | Coroutine[Any, Any, bytes]:
        """MeterValues.req to MeterValues.conf: at once, or as soon as it is durable for the
        cloud."""
        ...


class AcceptanceDesk(Protocol):
    """Who may take part (OCPP 1.6 §4.2)."""

    def registration(self, identity: str) -> str | None:
        """The status that its last BootNotification got; None before the first."""
        ...

    def boot_policy(self, identity: str) -> BootPolicy:
        """What it hears on its next BootNotification: what a person decided, else the site file."""
        ...

    async def decide_boot(self, identity: str, policy: BootPolicy | None) -> None:
        """A person decides; None goes back to the site file. A charge point that is connected is
        asked to boot anew, where OCPP allows it."""
        ...


class RecordDesk(Protocol):
    """What is known of each charge point from what was said on the line."""

    def configuration(self, identity: str) -> Configuration:
        """As last read or written; empty before."""
        ...

    def local_list(self, identity: str) -> LocalList:
        """The list that it holds."""
        ...

    def document(self, identity: str, kind: str) -> bytes | None:
        """The record called ``kind`` as a JSON object; None when there is no such kind."""
        ...


class DesiredDesk(Protocol):
    """What the site wants of charge points."""

    def comparison(self, identity: str) -> Sequence[Comparison]:
        """Desired configuration beside what is known of it, key by key."""
        ...
