"""The structured types of OCPP 1.6 §7 that the gateway interprets, in the schemas' property order.

The one rule: an optional field that is absent, null or unusable is ``UNSET``.
"""

from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

MAX_INT: Final = 2**63 - 1
Int: TypeAlias = Annotated[int, Meta(ge=-MAX_INT - 1, le=MAX_INT)]
"""An integer of at most 64 bits: what a database can hold."""

Text: TypeAlias = str | UnsetType
Number: TypeAlias = Annotated[float, Meta(ge=0.0, le=1e9)]


class Message(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A payload, or an object inside one."""


class IdTagInfo(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §7.27. A peer that gives no status has not accepted the tag."""

    expiry_date: Text = UNSET
    parent_id_tag: Text = UNSET
    status: str = "Invalid"


class LocalListEntry(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §7.4 AuthorizationData. Without ``id_tag_info`` a differential list removes it."""

    id_tag: str
    id_tag_info: IdTagInfo | UnsetType = UNSET


class SampledValue(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §7.43, as it came: nothing in it is checked."""

    value: str = ""
    context: Text = UNSET
    format: Text = UNSET
    measurand: Text = UNSET
    phase: Text = UNSET
    location: Text = UNSET
    unit: Text = UNSET


class MeterValue(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §7.33."""

    timestamp: Text = UNSET
    sampled_value: tuple[SampledValue, ...] = ()


class KeyValue(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §7.29. A charge point that does not say is taken to allow writing."""

    key: str
    readonly: bool = False
    value: Text = UNSET


class ChargingSchedulePeriod(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §7.14. ``start_period`` in seconds; ``limit`` in the schedule's unit."""

    start_period: Int
    limit: Number
    number_phases: Int | UnsetType = UNSET


class ChargingSchedule(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §7.13. ``duration`` in seconds; ``charging_rate_unit`` is A or W."""

    duration: Int | UnsetType = UNSET
    start_schedule: Text = UNSET
    charging_rate_unit: str
    charging_schedule_period: tuple[ChargingSchedulePeriod, ...]
    min_charging_rate: Number | UnsetType = UNSET


class ChargingProfile(Message, frozen=True, kw_only=True):
    """OCPP 1.6 §7.8."""

    charging_profile_id: Int
    transaction_id: Int | UnsetType = UNSET
    stack_level: Int
    charging_profile_purpose: str
    charging_profile_kind: str
    recurrency_kind: Text = UNSET
    valid_from: Text = UNSET
    valid_to: Text = UNSET
    charging_schedule: ChargingSchedule
