"""A cloud CSMS on the `ocpp` package's own ChargePoint class: a foreign implementation judges.

It accepts every idTag but those that it was told to refuse, numbers transactions by itself, and
objects to every message that the package's schemas do not allow.
"""

import logging
from collections.abc import Callable, Collection
from typing import Any, Final, Protocol, TypeVar, cast

import ocpp.messages
import ocpp.routing
from ocpp.exceptions import OCPPError
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import (
    Action,
    AuthorizationStatus,
    DataTransferStatus,
    RegistrationStatus,
)

from gateway.demo.cloud_records import CloudRecords, Start
from gateway.errors import ChannelClosed
from gateway.ports import Chance, Channel, Clock

Handler = TypeVar("Handler", bound=Callable[..., Any])

ANSWER_TIMEOUT_S: Final = 10.0
HEARTBEAT_INTERVAL_S: Final = 60

ocpp.messages.ASYNC_VALIDATION = False  # its thread pool would break virtual time

log = logging.getLogger("ocpp.cloud")
log.setLevel(logging.ERROR)  # it reports every frame as a fact


class Connection(Protocol):
    """What the `ocpp` package talks over."""

    async def recv(self) -> str:
        """The next message."""
        ...

    async def send(self, message: str) -> None:
        """Send a message."""
        ...


def on(action: Action) -> Callable[[Handler], Handler]:
    """Register a handler; the package's own decorator, with its type."""
    return cast("Callable[[Handler], Handler]", ocpp.routing.on(action))  # type: ignore[no-untyped-call]


class Cloud:
    """The CSMS behind all connections.

    Args:
        refused: idTags that get Blocked.

    Attributes:
        records: Its ledger.
        objections: Every CALLERROR that it had to send.
        muted: Its answers to transaction messages are lost on the way; it records them though.
        statuses: The last status heard of each connector.
    """

    def __init__(self, clock: Clock, chance: Chance, refused: Collection[str] = ()) -> None:
        self.records = CloudRecords()
        self.objections: list[str] = []
        self.muted = False
        self.statuses: dict[tuple[str, int], str] = {}
        self.clock = clock
        self.chance = chance
        self._refused = frozenset(tag.casefold() for tag in refused)
        self._links: dict[str, CloudLink] = {}

    @property
    def connected(self) -> frozenset[str]:
        """The charge points that are connected now."""
        return frozenset(self._links)

    async def serve(self, identity: str, channel: Channel) -> None:
        """Converse with one charge point; returns when ``channel`` is closed."""
        link = CloudLink(self, identity, _ChannelConnection(channel))
        self._links[identity] = link
        try:
            await link.start()
        except ChannelClosed:
            pass
        finally:
            if self._links.get(identity) is link:
                del self._links[identity]

    def status_of(self, id_tag: str) -> AuthorizationStatus:
        """Accepted or Blocked."""
        if id_tag.casefold() in self._refused:
            return AuthorizationStatus.blocked
        return AuthorizationStatus.accepted

    async def set_charging_profile(
        self, identity: str, connector_id: int, profile: dict[str, Any]
    ) -> str:
        """Send SetChargingProfile.req; gives the status of its answer, or why there is none."""
        return await self._command(
            identity,
            call.SetChargingProfile(connector_id=connector_id, cs_charging_profiles=profile),
        )

    async def remote_stop(self, identity: str, cloud_transaction_id: int) -> str:
        """Send RemoteStopTransaction.req; gives the status of its answer, or why there is none."""
        return await self._command(
            identity, call.RemoteStopTransaction(transaction_id=cloud_transaction_id)
        )

    async def remote_start(self, identity: str, connector_id: int, id_tag: str) -> str:
        """Send RemoteStartTransaction.req; gives its status, or why there is none."""
        return await self._command(
            identity, call.RemoteStartTransaction(id_tag=id_tag, connector_id=connector_id)
        )

    async def _command(self, identity: str, request: object) -> str:
        link = self._links.get(identity)
        if link is None:
            return "not connected"
        try:
            answer = await link.call(request, suppress=False)
        except (ChannelClosed, TimeoutError, OCPPError) as exc:
            return f"no answer: {type(exc).__name__} {exc}"
        return str(answer.status)


class _ChannelConnection:
    """A `Channel` in the shape that the `ocpp` package wants."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def recv(self) -> str:
        return await self._channel.receive()

    async def send(self, message: str) -> None:
        await self._channel.send(message)


_ChargePoint: Any = ChargePoint  # the package is not typed


class CloudLink(_ChargePoint):  # type: ignore[misc]
    """The cloud's end of one connection."""

    def __init__(self, cloud: Cloud, identity: str, connection: Connection) -> None:
        super().__init__(identity, connection, ANSWER_TIMEOUT_S, log)
        self._unique_id_generator = cloud.chance.unique_id
        self._cloud = cloud
        self._identity = identity
        self._answer_is_lost = False

    async def _send(self, message: str) -> None:
        if message.startswith("[4,"):
            self._cloud.objections.append(f"{self._identity}: {message}")
        lost, self._answer_is_lost = self._answer_is_lost, False
        if not lost:
            await super()._send(message)

    @on(Action.boot_notification)
    def _boot(self, **_: object) -> call_result.BootNotification:
        return call_result.BootNotification(
            current_time=self._now(),
            interval=HEARTBEAT_INTERVAL_S,
            status=RegistrationStatus.accepted,
        )

    @on(Action.heartbeat)
    def _heartbeat(self) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=self._now())

    @on(Action.authorize)
    def _authorize(self, id_tag: str) -> call_result.Authorize:
        return call_result.Authorize(id_tag_info=self._info(id_tag))

    @on(Action.status_notification)
    def _status(
        self, connector_id: int, status: str, **_: object
    ) -> call_result.StatusNotification:
        self._cloud.statuses[self._identity, connector_id] = status
        return call_result.StatusNotification()

    @on(Action.start_transaction)
    def _begin(
        self,
        connector_id: int,
        id_tag: str,
        meter_start: int,
        timestamp: str,
        call_unique_id: str,
        **_: object,
    ) -> call_result.StartTransaction:
        self._answer_is_lost = self._cloud.muted
        start = Start(self._identity, connector_id, id_tag, timestamp, meter_start)
        return call_result.StartTransaction(
            transaction_id=self._cloud.records.begin(start, call_unique_id),
            id_tag_info=self._info(id_tag),
        )

    @on(Action.meter_values)
    def _meter(
        self,
        meter_value: list[dict[str, Any]],
        call_unique_id: str,
        transaction_id: int | None = None,
        **_: object,
    ) -> call_result.MeterValues:
        self._answer_is_lost = self._cloud.muted
        instants = [sample["timestamp"] for sample in meter_value]
        self._cloud.records.meter(self._identity, call_unique_id, transaction_id, instants)
        return call_result.MeterValues()

    @on(Action.stop_transaction)
    def _end(
        self,
        meter_stop: int,
        timestamp: str,
        transaction_id: int,
        call_unique_id: str,
        reason: str | None = None,
        id_tag: str | None = None,
        **_: object,
    ) -> call_result.StopTransaction:
        self._answer_is_lost = self._cloud.muted
        self._cloud.records.end(
            self._identity, call_unique_id, transaction_id, timestamp, meter_stop, reason
        )
        return call_result.StopTransaction(
            id_tag_info=None if id_tag is None else self._info(id_tag)
        )

    @on(Action.data_transfer)
    def _transfer(self, **_: object) -> call_result.DataTransfer:
        return call_result.DataTransfer(status=DataTransferStatus.unknown_vendor_id)

    @on(Action.diagnostics_status_notification)
    def _diagnostics(self, **_: object) -> call_result.DiagnosticsStatusNotification:
        return call_result.DiagnosticsStatusNotification()

    @on(Action.firmware_status_notification)
    def _firmware(self, **_: object) -> call_result.FirmwareStatusNotification:
        return call_result.FirmwareStatusNotification()

    def _info(self, id_tag: str) -> IdTagInfo:
        return IdTagInfo(status=self._cloud.status_of(id_tag))

    def _now(self) -> str:
        return self._cloud.clock.now().utc.strftime("%Y-%m-%dT%H:%M:%SZ")
