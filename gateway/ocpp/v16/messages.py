"""The OCPP 1.6 messages that the gateway interprets, as structs in the schemas' property order.

The one rule: what is not interpreted has no field here; it travels as raw bytes. Everything that
deals in these structs imports it from this module.
"""

import math
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from gateway.ocpp.v16.datatypes import MAX_INT, Int, Text
from gateway.ocpp.v16.datatypes import ChargingProfile as ChargingProfile
from gateway.ocpp.v16.datatypes import ChargingSchedule as ChargingSchedule
from gateway.ocpp.v16.datatypes import ChargingSchedulePeriod as ChargingSchedulePeriod
from gateway.ocpp.v16.datatypes import IdTagInfo as IdTagInfo
from gateway.ocpp.v16.datatypes import KeyValue as KeyValue
from gateway.ocpp.v16.datatypes import LocalListEntry as LocalListEntry
from gateway.ocpp.v16.datatypes import Message as Message
from gateway.ocpp.v16.datatypes import MeterValue as MeterValue
from gateway.ocpp.v16.datatypes import SampledValue as SampledValue
from gateway.ocpp.v16.wire import encode as encode
from gateway.ocpp.v16.wire import read as read
from gateway.ocpp.v16.wire import read_time as read_time
from gateway.ocpp.v16.wire import wire_time as wire_time


class AuthorizeRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.1."""

    id_tag: str


class AuthorizeResponse(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.2."""

    id_tag_info: IdTagInfo


class BootNotificationRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.3."""

    charge_point_vendor: str
    charge_point_model: str
    charge_point_serial_number: Text = UNSET
    charge_box_serial_number: Text = UNSET
    firmware_version: Text = UNSET
    iccid: Text = UNSET
    imsi: Text = UNSET
    meter_type: Text = UNSET
    meter_serial_number: Text = UNSET


class BootNotificationResponse(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.4. ``interval`` in seconds."""

    status: str
    current_time: str
    interval: Int


class HeartbeatResponse(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.30."""

    current_time: str


class StatusNotificationRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.51. ``error_code`` and ``status`` may be words that OCPP does not know."""

    connector_id: Int
    error_code: str = "NoError"
    info: Text = UNSET
    status: str
    timestamp: Text = UNSET
    vendor_id: Text = UNSET
    vendor_error_code: Text = UNSET


class MeterValuesRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.31. A transactionId beyond 64 bits becomes the outermost one within."""

    connector_id: Int = 0
    transaction_id: int | UnsetType = UNSET
    meter_value: tuple[MeterValue, ...] = ()

    def __post_init__(self) -> None:
        if self.transaction_id is not UNSET:
            _narrow(self, self.transaction_id)


class StartTransactionRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.45. ``timestamp`` is empty when there is none."""

    connector_id: Int
    id_tag: str
    meter_start: Int | float
    reservation_id: Int | UnsetType = UNSET
    timestamp: str = ""

    @property
    def meter_start_wh(self) -> int:
        """The whole watt-hours of ``meter_start``."""
        return math.floor(self.meter_start)


class StartTransactionResponse(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.46."""

    id_tag_info: IdTagInfo
    transaction_id: Int


class StopTransactionRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.49. ``reason`` may be a word that OCPP does not know; a ``transaction_id`` that
    is missing is -1, as errata 3.18 has it, and a ``timestamp`` empty."""

    id_tag: Text = UNSET
    meter_stop: Int | float
    timestamp: str = ""
    transaction_id: int = -1
    reason: Text = UNSET

    @property
    def meter_stop_wh(self) -> int:
        """The whole watt-hours of ``meter_stop``."""
        return math.floor(self.meter_stop)

    def __post_init__(self) -> None:
        _narrow(self, self.transaction_id)


class StopTransactionResponse(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.50."""

    id_tag_info: IdTagInfo | UnsetType = UNSET


class DataTransferRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.15. ``data`` is left to whoever knows the vendor."""

    vendor_id: str
    message_id: Text = UNSET


class DataTransferResponse(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.16."""

    status: str
    data: Text = UNSET


class StatusResponse(Message, frozen=True, kw_only=True):
    """The answer of every action that gives a status and nothing else that is interpreted."""

    status: str


class SetChargingProfileResponse(StatusResponse, frozen=True, kw_only=True):
    """OCPP 1.6 §6.44: Accepted, Rejected or NotSupported."""


class ClearChargingProfileResponse(StatusResponse, frozen=True, kw_only=True):
    """OCPP 1.6 §6.12: Accepted or Unknown."""


class SignCertificateResponse(StatusResponse, frozen=True, kw_only=True):
    """Security whitepaper §5: Accepted or Rejected."""


class GetConfigurationRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.23. No key asks for all."""

    key: tuple[str, ...] | UnsetType = UNSET


class GetConfigurationResponse(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.24."""

    configuration_key: tuple[KeyValue, ...] | UnsetType = UNSET
    unknown_key: tuple[str, ...] | UnsetType = UNSET


class ChangeConfigurationRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.9."""

    key: str
    value: str


class TriggerMessageRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.53."""

    requested_message: str
    connector_id: Int | UnsetType = UNSET


class SetChargingProfileRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.43."""

    connector_id: Int
    cs_charging_profiles: ChargingProfile


class ClearChargingProfileRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.11."""

    id: Int | UnsetType = UNSET
    connector_id: Int | UnsetType = UNSET
    charging_profile_purpose: Text = UNSET
    stack_level: Int | UnsetType = UNSET


class GetCompositeScheduleRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.21. ``duration`` in seconds."""

    connector_id: Int
    duration: Int
    charging_rate_unit: Text = UNSET


class GetCompositeScheduleResponse(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.22."""

    status: str
    connector_id: Int | UnsetType = UNSET
    schedule_start: Text = UNSET
    charging_schedule: ChargingSchedule | UnsetType = UNSET


class RemoteStartTransactionRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.33."""

    connector_id: Int | UnsetType = UNSET
    id_tag: str
    charging_profile: ChargingProfile | UnsetType = UNSET


class RemoteStopTransactionRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.35."""

    transaction_id: Int


class GetLocalListVersionResponse(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.28. -1: no lists; 0: an empty one."""

    list_version: Int


class SendLocalListRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.41. ``update_type`` is Full or Differential."""

    list_version: Int
    local_authorization_list: tuple[LocalListEntry, ...] | UnsetType = UNSET
    update_type: str


class ReserveNowRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.37."""

    connector_id: Int
    expiry_date: str
    id_tag: str
    parent_id_tag: Text = UNSET
    reservation_id: Int


class CancelReservationRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.5."""

    reservation_id: Int


class ChangeAvailabilityRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.7. ``type`` is Operative or Inoperative."""

    connector_id: Int
    type: str


class UpdateFirmwareRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.55."""

    location: str
    retrieve_date: str


class GetDiagnosticsRequest(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.25."""

    location: str


class GetDiagnosticsResponse(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §6.26."""

    file_name: Text = UNSET


class ProgressNotification(Message, frozen=True, kw_only=True):
    """DiagnosticsStatusNotification, FirmwareStatusNotification and the like (OCPP 1.6 §6.17)."""

    status: str


INTERPRETED_RESPONSES: Final[Mapping[str, type[Message]]] = {
    "Authorize": AuthorizeResponse,
    "BootNotification": BootNotificationResponse,
    "GetConfiguration": GetConfigurationResponse,
    "SetChargingProfile": SetChargingProfileResponse,
    "StartTransaction": StartTransactionResponse,
}
"""Answers that the gateway acts on: one that cannot be read as this is no answer."""


def _narrow(message: Message, transaction_id: int) -> None:
    """Keep a transactionId that nobody gave answerable: bring it within what a database holds."""
    if abs(transaction_id) > MAX_INT:
        nearest = MAX_INT if transaction_id > 0 else -MAX_INT
        msgspec.structs.force_setattr(message, "transaction_id", nearest)
