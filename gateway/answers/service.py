"""Finds the answer to every CALL of a charge point but BootNotification.

Whatever can be answered from memory is answered at once; all else is a coroutine, so that a slow
answer never delays a fast one.
"""

from collections.abc import Coroutine
from typing import Any, Final

from gateway.answers.plain import (
    EMPTY,
    TOLD,
    answer_without_cloud,
    authorize_answer,
    heartbeat_answer,
)
from gateway.events import ConnectorStatusChanged, NotificationReceived
from gateway.ocpp.calls import Answered
from gateway.ocpp.v16.conversation import Request
from gateway.ocpp.v16.messages import AuthorizeRequest, StatusNotificationRequest, read
from gateway.ports import Clock, CloudDesk, TagDesk, TransactionDesk
from gateway.runtime.bus import Bus
from gateway.site.depot import ConnectorKey
from gateway.upstream.routing import FROM_CHARGE_POINT, Route

RELAY_TIMEOUT_S: Final = 10.0
LONGEST_WORD: Final = 50
"""A status or an error code that is longer is cut: it is no word of OCPP."""


class AnswerService:
    """Fulfils `gateway.ports.AnswerDesk`."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        tags: TagDesk,
        transactions: TransactionDesk,
        cloud: CloudDesk,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._tags = tags
        self._transactions = transactions
        self._cloud = cloud

    def answer(self, identity: str, request: Request) -> bytes | Coroutine[Any, Any, bytes]:
        """The payload of the CALLRESULT, now or later. ProtocolViolation is a CALLERROR."""
        payload = request.payload
        match request.action:
            case "Heartbeat":
                return heartbeat_answer(self._clock.now().utc)
            case "Authorize":
                return self._authorize(identity, payload)
            case "StartTransaction":
                return self._transactions.begin(identity, payload)
            case "MeterValues":
                return self._transactions.meter(identity, payload)
            case "StopTransaction":
                return self._transactions.end(identity, payload)
            case "StatusNotification":
                self._status(identity, payload)
        if request.action in TOLD:
            self._bus.publish(NotificationReceived(identity, request.action, payload))
        return self._pass_on(identity, request)

    def _pass_on(self, identity: str, request: Request) -> bytes | Coroutine[Any, Any, bytes]:
        relayed = FROM_CHARGE_POINT[request.action] is Route.RELAY
        if not self._cloud.mirrors(identity):
            return answer_without_cloud(request.action) if relayed else EMPTY
        return self._relay(identity, request) if relayed else self._store(identity, request)

    def _status(self, identity: str, payload: bytes) -> None:
        status = read(StatusNotificationRequest, payload)
        key = ConnectorKey(identity, status.connector_id)
        word, error_code = status.status[:LONGEST_WORD], status.error_code[:LONGEST_WORD]
        self._bus.publish(ConnectorStatusChanged(key, word, error_code))

    def _authorize(self, identity: str, payload: bytes) -> bytes | Coroutine[Any, Any, bytes]:
        id_tag = read(AuthorizeRequest, payload).id_tag
        known = self._tags.decide_now(identity, id_tag)
        if known is not None:
            return authorize_answer(known)
        return self._authorize_slowly(identity, id_tag, payload)

    async def _authorize_slowly(self, identity: str, id_tag: str, payload: bytes) -> bytes:
        return authorize_answer(await self._tags.decide(identity, id_tag, payload))

    async def _store(self, identity: str, request: Request) -> bytes:
        await self._cloud.store(identity, request.action, request.payload)
        return EMPTY

    async def _relay(self, identity: str, request: Request) -> bytes:
        outcome = await self._cloud.ask(identity, request.action, request.payload, RELAY_TIMEOUT_S)
        if isinstance(outcome, Answered):
            return outcome.payload
        return answer_without_cloud(request.action)
