"""Answers transaction messages: the ledger first, then the answer; nothing waits for the cloud.

A charge point hears a StartTransaction.conf only after the transaction and the message that
reports it to the cloud are durable together.
"""

import logging
from collections.abc import Coroutine
from typing import Any, Final

from msgspec import UNSET

from gateway.authorization.answer import id_tag_info
from gateway.events import (
    ConnectorStatusChanged,
    DrawMeasured,
    MessageStored,
    TransactionBegan,
    TransactionEnded,
)
from gateway.ocpp.v16 import measurands
from gateway.ocpp.v16.messages import (
    MeterValuesRequest,
    StartTransactionRequest,
    StartTransactionResponse,
    StopTransactionRequest,
    StopTransactionResponse,
    encode,
    read,
    wire_time,
)
from gateway.ports import Chance, Clock, CloudDesk, TagDesk, TransactionStore
from gateway.runtime.bus import Bus
from gateway.runtime.log import facts, mask
from gateway.site.depot import Connector, ConnectorKey, Site
from gateway.site.electrical import NO_CURRENT, PhaseCurrents
from gateway.transactions.ledger import (
    UNKNOWN_TRANSACTION_ID,
    StartRequest,
    StopRequest,
    Transaction,
)

log = logging.getLogger(__name__)

EMPTY: Final = b"{}"


class TransactionService:
    """Fulfils `gateway.ports.TransactionDesk`.

    A transaction is *running* from its accepted start until its stop, or until its connector says
    Available: then the stop will come late, and meanwhile nothing charges there.
    """

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        chance: Chance,
        store: TransactionStore,
        tags: TagDesk,
        cloud: CloudDesk,
    ) -> None:
        self._site = site
        self._bus = bus
        self._clock = clock
        self._chance = chance
        self._store = store
        self._tags = tags
        self._cloud = cloud
        self._running: dict[ConnectorKey, Transaction] = {}
        bus.subscribe(ConnectorStatusChanged, self._status_changed)

    async def load(self) -> None:
        """Take up the transactions that the ledger shows as open."""
        for transaction in await self._store.open_transactions():
            if self._site.connector(transaction.key) is not None:
                self._run(transaction, resumed=True)

    def running(self, key: ConnectorKey) -> Transaction | None:
        """The transaction that charges at ``key`` now."""
        return self._running.get(key)

    async def begin(self, identity: str, payload: bytes) -> bytes:
        """StartTransaction.req to StartTransaction.conf (OCPP 1.6 §4.8).

        Always gives an id, also to a refused idTag; a retry of a start gets the id of the first.
        """
        request = read(StartTransactionRequest, payload)
        start = StartRequest(
            ConnectorKey(identity, request.connector_id),
            request.id_tag,
            request.timestamp or self._undated(identity, request),
            request.meter_start_wh,
            None if request.reservation_id is UNSET else request.reservation_id,
        )
        begun = await self._store.begin(
            start,
            self._chance.transaction_id(),
            self._cloud.report(identity, "StartTransaction", payload),
            self._clock.now().utc,
        )
        transaction = begun.transaction
        self._stored(identity)
        decision = await self._tags.decide(identity, request.id_tag)
        log.info(
            "transaction.started" if begun.fresh else "transaction.start_repeated",
            extra=facts(
                connector=start.key,
                transaction=transaction.local_transaction_id,
                id_tag=mask(request.id_tag),
                status=decision.status,
            ),
        )
        if decision.status == "Accepted" and transaction.stopped_at is None:
            self._run(transaction, reservation_id=start.reservation_id)
        return encode(
            StartTransactionResponse(
                id_tag_info=id_tag_info(decision), transaction_id=transaction.local_transaction_id
            )
        )

    async def end(self, identity: str, payload: bytes) -> bytes:
        """StopTransaction.req to StopTransaction.conf (OCPP 1.6 §4.10).

        An id that we never gave, -1 among them, is answered like any other.
        """
        request = read(StopTransactionRequest, payload)
        id_tag = None if request.id_tag is UNSET else request.id_tag
        stop = StopRequest(
            identity,
            request.transaction_id,
            id_tag,
            request.timestamp,
            request.meter_stop_wh,
            "Local" if request.reason is UNSET else request.reason,
        )
        ended = await self._store.end(
            stop, self._cloud.report(identity, "StopTransaction", payload)
        )
        self._stored(identity)
        log.info(
            "transaction.stopped" if ended.fresh else "transaction.stop_repeated",
            extra=facts(charge_point=identity, transaction=stop.transaction_id, reason=stop.reason),
        )
        if ended.transaction is None:
            log.warning(
                "transaction.unknown_stopped",
                extra=facts(charge_point=identity, transaction=stop.transaction_id),
            )
        else:
            self._halt(ended.transaction)
        if id_tag is None:
            return encode(StopTransactionResponse())
        decision = await self._tags.decide(identity, id_tag)
        return encode(StopTransactionResponse(id_tag_info=id_tag_info(decision)))

    def meter(self, identity: str, payload: bytes) -> bytes | Coroutine[Any, Any, bytes]:
        """MeterValues.req to MeterValues.conf (OCPP 1.6 §4.7).

        The answer is there at once when nothing must be looked up and no cloud hears of it.
        """
        request = read(MeterValuesRequest, payload)
        key = ConnectorKey(identity, request.connector_id)
        connector = self._site.connector(key)
        if connector is not None:
            self._publish_draw(connector, request)
        running = self._running.get(key)
        known = running is not None and running.local_transaction_id == request.transaction_id
        if (known or request.transaction_id is UNSET) and not self._cloud.mirrors(identity):
            return EMPTY
        return self._meter_slowly(identity, payload, request)

    def _undated(self, identity: str, request: StartTransactionRequest) -> str:
        """In place of a missing timestamp: that of the running transaction that the start may be a
        retry of, else now. Without it the same tag would begin the same transaction for ever."""
        running = self._running.get(ConnectorKey(identity, request.connector_id))
        if (
            running is not None
            and running.id_tag.casefold() == request.id_tag.casefold()
            and running.meter_start_wh == request.meter_start_wh
        ):
            return running.started_at
        return wire_time(self._clock.now().utc)

    async def _meter_slowly(
        self, identity: str, payload: bytes, request: MeterValuesRequest
    ) -> bytes:
        local_id = await self._local_id(identity, request)
        await self._cloud.store(identity, "MeterValues", payload, local_id)
        return EMPTY

    async def _local_id(self, identity: str, request: MeterValuesRequest) -> int | None:
        """The transaction that the values belong to; -1 means the one that runs at the connector.
        Open but not running, it runs again: some charge points say Available while a vehicle
        charges."""
        if request.transaction_id is UNSET:
            return None
        running = self._running.get(ConnectorKey(identity, request.connector_id))
        meant = (UNKNOWN_TRANSACTION_ID, running.local_transaction_id) if running else ()
        if running is not None and request.transaction_id in meant:
            return running.local_transaction_id
        known = await self._store.find(request.transaction_id)
        if known is None or known.key.identity != identity:
            return None
        if known.stopped_at is None and known.key not in self._running:
            self._run(known, resumed=True)
        return known.local_transaction_id

    def _publish_draw(self, connector: Connector, request: MeterValuesRequest) -> None:
        draw = measurands.draw(request, len(connector.conductors), self._site.voltage_v)
        if draw is None:
            return
        supply_a = list(NO_CURRENT)
        for conductor, current_a in zip(connector.conductors, draw.currents_a, strict=True):
            supply_a[conductor] = current_a
        self._bus.publish(DrawMeasured(connector.key, PhaseCurrents(*supply_a), draw.energy_wh))

    def _stored(self, identity: str) -> None:
        if self._cloud.mirrors(identity):
            self._bus.publish(MessageStored(identity))

    def _run(
        self, transaction: Transaction, *, resumed: bool = False, reservation_id: int | None = None
    ) -> None:
        key = transaction.key
        current = self._running.get(key)
        if current is not None:
            if current.local_transaction_id == transaction.local_transaction_id:
                return
            self._halt(current)
        self._running[key] = transaction
        self._bus.publish(
            TransactionBegan(
                key,
                transaction.local_transaction_id,
                transaction.id_tag,
                resumed,
                transaction.meter_start_wh,
                transaction.recorded_at,
                reservation_id,
            )
        )

    def _halt(self, transaction: Transaction) -> None:
        running = self._running.get(transaction.key)
        if running is None or running.local_transaction_id != transaction.local_transaction_id:
            return
        del self._running[transaction.key]
        self._bus.publish(TransactionEnded(transaction.key, transaction.local_transaction_id))

    def _status_changed(self, event: ConnectorStatusChanged) -> None:
        running = self._running.get(event.key)
        if running is not None and event.status == "Available":
            self._halt(running)
