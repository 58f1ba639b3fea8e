"""What a simulated charge point answers to the Central System (OCPP 1.6 §5)."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeAlias

import msgspec

from gateway.demo.behaviour import ProfileAnswer
from gateway.demo.cabinet import Cabinet
from gateway.errors import ProtocolViolation
from gateway.ocpp.v16.conversation import Request

NEVER_S: Final = 86_400.0

Fields: TypeAlias = dict[str, Any]
Answer: TypeAlias = bytes | Coroutine[Any, Any, bytes]


def answer(cabinet: Cabinet, request: Request) -> Answer:
    """The CALLRESULT payload, now or later. Raises ProtocolViolation for what it does not know."""
    fields: Fields = msgspec.json.decode(request.payload)
    if request.action == "SetChargingProfile":
        return _set_charging_profile(cabinet, fields)
    handler = _HANDLERS.get(request.action)
    if handler is None:
        raise ProtocolViolation("NotImplemented", request.action, request.unique_id)
    return msgspec.json.encode(handler(cabinet, fields))


def _status(text: str) -> Fields:
    return {"status": text}


def _set_charging_profile(cabinet: Cabinet, fields: Fields) -> Answer:
    habit = cabinet.behaviour.profile_answer
    cabinet.received_profiles.append(fields)
    if habit is ProfileAnswer.REJECTED:
        return msgspec.json.encode(_status("Rejected"))
    if habit is ProfileAnswer.FORGOTTEN:
        return msgspec.json.encode(_status("Accepted"))
    installed = cabinet.install_profile(fields["connectorId"], fields["csChargingProfiles"])
    result = msgspec.json.encode(_status("Accepted" if installed else "Rejected"))
    if habit is ProfileAnswer.LATE:
        return _later(result, cabinet.behaviour.profile_answer_after_s)
    if habit is ProfileAnswer.NEVER:
        return _never(result)
    return result


async def _later(result: bytes, after_s: float) -> bytes:
    await asyncio.sleep(after_s)
    return result


async def _never(result: bytes) -> bytes:
    """Far beyond any time-out, yet bound to a timer: a task that nothing wakes is collected."""
    await asyncio.sleep(NEVER_S)
    return result


def _clear_charging_profile(cabinet: Cabinet, fields: Fields) -> Fields:
    found = cabinet.profiles.clear(
        fields.get("id"),
        fields.get("connectorId"),
        fields.get("chargingProfilePurpose"),
        fields.get("stackLevel"),
    )
    cabinet.follow_profiles()
    return _status("Accepted" if found else "Unknown")


def _get_composite_schedule(cabinet: Cabinet, fields: Fields) -> Fields:
    periods = cabinet.composite_schedule(fields["connectorId"], fields["duration"])
    if periods is None:
        return _status("Rejected")
    schedule = {
        "duration": fields["duration"],
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [
            {"startPeriod": start_s, "limit": limit_a} for start_s, limit_a in periods
        ],
    }
    return {
        "status": "Accepted",
        "connectorId": fields["connectorId"],
        "scheduleStart": cabinet.timestamp(),
        "chargingSchedule": schedule,
    }


def _change_availability(cabinet: Cabinet, fields: Fields) -> Fields:
    connector_id, operative = fields["connectorId"], fields["type"] == "Operative"
    if connector_id != 0 and connector_id not in cabinet.outlets:
        return _status("Rejected")
    chosen = [o for o in cabinet.outlets.values() if connector_id in (0, o.connector_id)]
    for outlet in chosen:
        outlet.operative = operative
        if outlet.transaction is None:
            cabinet.rest(outlet)
    busy = any(outlet.transaction is not None for outlet in chosen)
    return _status("Scheduled" if busy and not operative else "Accepted")


def _change_configuration(cabinet: Cabinet, fields: Fields) -> Fields:
    return _status(cabinet.configuration.change(fields["key"], fields["value"]))


def _get_configuration(cabinet: Cabinet, fields: Fields) -> Fields:
    return cabinet.configuration.answer(fields.get("key") or ())


def _remote_start(cabinet: Cabinet, fields: Fields) -> Fields:
    accepted = cabinet.remote_start(
        fields.get("connectorId"), fields["idTag"], fields.get("chargingProfile")
    )
    return _status("Accepted" if accepted else "Rejected")


def _remote_stop(cabinet: Cabinet, fields: Fields) -> Fields:
    accepted = cabinet.remote_stop(fields["transactionId"])
    return _status("Accepted" if accepted else "Rejected")


def _reset(cabinet: Cabinet, fields: Fields) -> Fields:
    cabinet.reset("SoftReset" if fields["type"] == "Soft" else "HardReset")
    return _status("Accepted")


def _unlock_connector(cabinet: Cabinet, fields: Fields) -> Fields:
    outlet = cabinet.outlets.get(fields["connectorId"])
    if outlet is None:
        return _status("NotSupported")
    cabinet.end(outlet, "UnlockCommand")
    return _status("Unlocked")


def _trigger_message(cabinet: Cabinet, fields: Fields) -> Fields:
    connector_id: int | None = fields.get("connectorId")
    chosen = [o for o in cabinet.outlets.values() if connector_id in (None, o.connector_id)]
    match fields["requestedMessage"]:
        case "Heartbeat":
            cabinet.notices.put_nowait(("Heartbeat", {}))
        case "StatusNotification":
            cabinet.announce(chosen, whole=connector_id is None)
        case "MeterValues":
            for outlet in chosen:
                cabinet.sample(outlet, "Trigger")
        case "BootNotification":  # OCPP 1.6 errata 3.40: not once the boot was accepted
            return _status("Rejected")
        case _:
            return _status("NotImplemented")
    return _status("Accepted")


def _data_transfer(cabinet: Cabinet, fields: Fields) -> Fields:
    return _status("UnknownVendorId")


def _clear_cache(cabinet: Cabinet, fields: Fields) -> Fields:
    return _status("Accepted")


def _get_local_list_version(cabinet: Cabinet, fields: Fields) -> Fields:
    return {"listVersion": cabinet.local_list.version}


def _send_local_list(cabinet: Cabinet, fields: Fields) -> Fields:
    return _status(
        cabinet.local_list.send(
            fields["listVersion"],
            fields["updateType"],
            fields.get("localAuthorizationList", []),
        )
    )


_HANDLERS: Final[dict[str, Callable[[Cabinet, Fields], Fields]]] = {
    "ChangeAvailability": _change_availability,
    "ChangeConfiguration": _change_configuration,
    "ClearCache": _clear_cache,
    "ClearChargingProfile": _clear_charging_profile,
    "DataTransfer": _data_transfer,
    "GetCompositeSchedule": _get_composite_schedule,
    "GetConfiguration": _get_configuration,
    "GetLocalListVersion": _get_local_list_version,
    "RemoteStartTransaction": _remote_start,
    "RemoteStopTransaction": _remote_stop,
    "Reset": _reset,
    "SendLocalList": _send_local_list,
    "TriggerMessage": _trigger_message,
    "UnlockConnector": _unlock_connector,
}
