"""Facts on the bus: past tense, frozen, published by the one service that knows them first."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from gateway.energy.offers import Balance
from gateway.metering.sample import Sample
from gateway.ocpp.calls import Caller, CallOutcome
from gateway.site.depot import ConnectorKey
from gateway.site.electrical import PhaseCurrents


@dataclass(frozen=True, slots=True)
class ChargePointConnected:
    """A charge point's connection is ours; the standing profile may not be in it yet."""

    identity: str


@dataclass(frozen=True, slots=True)
class ChargePointDisconnected:
    """The charge point's last connection ended."""

    identity: str


@dataclass(frozen=True, slots=True)
class ChargePointBooted:
    """A BootNotification was answered. ``payload`` is the request as it came."""

    identity: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A CALL to a charge point ended, whoever wanted it. Payloads are OCPP 1.6 JSON objects."""

    identity: str
    action: str
    payload: bytes
    outcome: CallOutcome
    caller: Caller
    called_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class NotificationReceived:
    """A charge point told of its progress: FirmwareStatusNotification,
    DiagnosticsStatusNotification, and their like in the security extension."""

    identity: str
    action: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class DeviationSeen:
    """A message of a charge point departed from OCPP 1.6.

    Args:
        action: The CALL, or the CALL of ours that it answered; empty for what is no message at all.
        place: Where in the payload, array indices as ``*``; empty for the whole.
        rule: What was broken: a keyword of JSON schema; ``null`` or ``json`` (see
            `gateway.ocpp.schema`); ``registration`` for a CALL before the boot was accepted.
        detail: A sentence; may quote the peer.
        refused: It was answered with a CALLERROR.
    """

    identity: str
    action: str
    place: str
    rule: str
    detail: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Provisioned:
    """The charge point was brought to what it must hold, as far as it let us; never in quiet
    mode."""

    identity: str


@dataclass(frozen=True, slots=True)
class TagsChanged:
    """The tags that are kept on site changed."""


@dataclass(frozen=True, slots=True)
class StandingLimitConfirmed:
    """The charge point holds its fail-safe TxDefaultProfile."""

    identity: str


@dataclass(frozen=True, slots=True)
class LimitsDisturbed:
    """A person changed the charging profiles in a charge point: what it holds of ours, standing
    profile and leases, may be gone."""

    identity: str


@dataclass(frozen=True, slots=True)
class ConnectorStatusChanged:
    """A StatusNotification. connector_id 0 is the whole charge point. ``status`` is OCPP's word."""

    key: ConnectorKey
    status: str
    error_code: str


@dataclass(frozen=True, slots=True)
class TransactionBegan:
    """A transaction is durable in the ledger, or was found open in it at start (``resumed``).

    Args:
        meter_start_wh: The connector's energy register at the start, where it is known.
        began_at: When the gateway recorded the start, by its own clock.
        reservation_id: The reservation that it used up, if any.
    """

    key: ConnectorKey
    local_transaction_id: int
    id_tag: str
    resumed: bool = False
    meter_start_wh: int | None = None
    began_at: datetime | None = None
    reservation_id: int | None = None


@dataclass(frozen=True, slots=True)
class TransactionEnded:
    """A transaction's stop is durable."""

    key: ConnectorKey
    local_transaction_id: int


@dataclass(frozen=True, slots=True)
class DrawMeasured:
    """MeterValues told what a connector draws, on the supply conductors (rotation applied)."""

    key: ConnectorKey
    currents: PhaseCurrents
    energy_wh: float | None = None


@dataclass(frozen=True, slots=True)
class MeterSampled:
    """A believed sample."""

    sample: Sample


@dataclass(frozen=True, slots=True)
class MeterDoubted:
    """A reading that was not believed, or no reading at all; ``reason`` is a sentence."""

    meter: str
    reason: str


@dataclass(frozen=True, slots=True)
class CloudDecidedTag:
    """The cloud said what it thinks of an idTag.

    Args:
        id_tag_info: The idTagInfo object as JSON.
        local_transaction_id: The transaction in whose StartTransaction.conf it said so.
    """

    identity: str
    id_tag: str
    id_tag_info: bytes
    local_transaction_id: int | None


@dataclass(frozen=True, slots=True)
class CloudClearedCache:
    """The cloud sent ClearCache to a charge point; our cache of its answers is void too."""

    identity: str


@dataclass(frozen=True, slots=True)
class UpstreamConnected:
    """The cloud accepted this charge point."""

    identity: str


@dataclass(frozen=True, slots=True)
class UpstreamDisconnected:
    """The link to the cloud is gone; ``reason`` is a sentence."""

    identity: str
    reason: str


@dataclass(frozen=True, slots=True)
class MessageStored:
    """A message for the cloud is durable in the outbox."""

    identity: str


@dataclass(frozen=True, slots=True)
class BacklogChanged:
    """This many messages of ``identity`` wait for the cloud."""

    identity: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Balanced:
    """A balancing cycle was completed."""

    balance: Balance


Event: TypeAlias = (
    ChargePointConnected
    | ChargePointDisconnected
    | ChargePointBooted
    | CallEnded
    | NotificationReceived
    | DeviationSeen
    | Provisioned
    | TagsChanged
    | StandingLimitConfirmed
    | LimitsDisturbed
    | ConnectorStatusChanged
    | TransactionBegan
    | TransactionEnded
    | DrawMeasured
    | MeterSampled
    | MeterDoubted
    | CloudDecidedTag
    | CloudClearedCache
    | UpstreamConnected
    | UpstreamDisconnected
    | MessageStored
    | BacklogChanged
    | Balanced
)
