"""Every way in which one field of a message can be wrong, made from the `ocpp` package's schemas.

The one rule: each negative has exactly one fault, and says which CALLERROR a strict reader owes for
it (OCPP-J 1.6 §4.2.3). Nothing here looks into the gateway.
"""

import copy
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

AT: Final = "2026-01-01T00:00:00Z"
INFO: Final = {"expiryDate": AT, "parentIdTag": "FLEET", "status": "Accepted"}
SAMPLED: Final = {
    "value": "1.5",
    "context": "Sample.Periodic",
    "format": "Raw",
    "measurand": "Current.Import",
    "phase": "L1",
    "location": "Outlet",
    "unit": "A",
}
METER_VALUE: Final = {"timestamp": AT, "sampledValue": [SAMPLED]}
SCHEDULE: Final = {
    "duration": 60,
    "startSchedule": AT,
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.5, "numberPhases": 3}],
    "minChargingRate": 6.5,
}
HASH: Final = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "AA",
    "issuerKeyHash": "BB",
    "serialNumber": "1",
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "Authorize": {"idTag": "VALID"},
    "BootNotification": {
        "chargePointVendor": "V",
        "chargePointModel": "M",
        "chargePointSerialNumber": "S",
        "chargeBoxSerialNumber": "B",
        "firmwareVersion": "F",
        "iccid": "1",
        "imsi": "2",
        "meterType": "T",
        "meterSerialNumber": "N",
    },
    "DataTransfer": {"vendorId": "V", "messageId": "M", "data": "D"},
    "DiagnosticsStatusNotification": {"status": "Uploading"},
    "FirmwareStatusNotification": {"status": "Downloading"},
    "Heartbeat": {},
    "LogStatusNotification": {"status": "Uploading", "requestId": 1},
    "MeterValues": {"connectorId": 1, "transactionId": 7, "meterValue": [METER_VALUE]},
    "SecurityEventNotification": {"type": "X", "timestamp": AT, "techInfo": "T"},
    "SignCertificate": {"csr": "C"},
    "SignedFirmwareStatusNotification": {"status": "Downloading", "requestId": 1},
    "StartTransaction": {
        "connectorId": 1,
        "idTag": "VALID",
        "meterStart": 0,
        "reservationId": 1,
        "timestamp": AT,
    },
    "StatusNotification": {
        "connectorId": 1,
        "errorCode": "NoError",
        "info": "I",
        "status": "Available",
        "timestamp": AT,
        "vendorId": "V",
        "vendorErrorCode": "E",
    },
    "StopTransaction": {
        "idTag": "VALID",
        "meterStop": 1,
        "timestamp": AT,
        "transactionId": 7,
        "reason": "Local",
        "transactionData": [METER_VALUE],
    },
}
"""A request of each action that a charge point may send, with every field."""

ORDERS: Final[dict[str, dict[str, Any]]] = {
    "CancelReservation": {"reservationId": 1},
    "CertificateSigned": {"certificateChain": "C"},
    "ChangeAvailability": {"connectorId": 1, "type": "Operative"},
    "ChangeConfiguration": {"key": "K", "value": "1"},
    "ClearCache": {},
    "ClearChargingProfile": {},
    "DataTransfer": {"vendorId": "V"},
    "DeleteCertificate": {"certificateHashData": HASH},
    "ExtendedTriggerMessage": {"requestedMessage": "Heartbeat"},
    "GetCompositeSchedule": {"connectorId": 1, "duration": 60},
    "GetConfiguration": {},
    "GetDiagnostics": {"location": "http://127.0.0.1/d"},
    "GetInstalledCertificateIds": {"certificateType": "CentralSystemRootCertificate"},
    "GetLocalListVersion": {},
    "GetLog": {
        "logType": "SecurityLog",
        "requestId": 1,
        "log": {"remoteLocation": "http://127.0.0.1/l"},
    },
    "InstallCertificate": {
        "certificateType": "CentralSystemRootCertificate",
        "certificate": "C",
    },
    "RemoteStartTransaction": {"idTag": "VALID", "connectorId": 1},
    "RemoteStopTransaction": {"transactionId": 7},
    "ReserveNow": {
        "connectorId": 1,
        "expiryDate": "2099-01-01T00:00:00Z",
        "idTag": "VALID",
        "reservationId": 1,
    },
    "Reset": {"type": "Soft"},
    "SendLocalList": {"listVersion": 1, "updateType": "Full", "localAuthorizationList": []},
    "SetChargingProfile": {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": SCHEDULE,
        },
    },
    "SignedUpdateFirmware": {
        "requestId": 1,
        "firmware": {
            "location": "http://127.0.0.1/f",
            "retrieveDateTime": AT,
            "signingCertificate": "C",
            "signature": "S",
        },
    },
    "TriggerMessage": {"requestedMessage": "Heartbeat"},
    "UnlockConnector": {"connectorId": 1},
    "UpdateFirmware": {"location": "http://127.0.0.1/f", "retrieveDate": AT},
}
"""An operator's CALL of each action that a central system may send."""

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    **{action: {"status": "Accepted"} for action in ORDERS},
    "DataTransfer": {"status": "Accepted", "data": "D"},
    "GetCompositeSchedule": {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": AT,
        "chargingSchedule": SCHEDULE,
    },
    "GetConfiguration": {
        "configurationKey": [{"key": "K", "readonly": False, "value": "1"}],
        "unknownKey": ["U"],
    },
    "GetDiagnostics": {"fileName": "F"},
    "GetInstalledCertificateIds": {"status": "Accepted", "certificateHashData": [HASH]},
    "GetLocalListVersion": {"listVersion": 1},
    "GetLog": {"status": "Accepted", "filename": "F"},
    "UnlockConnector": {"status": "Unlocked"},
    "UpdateFirmware": {},
}
"""A charge point's answer to each of them, with every field."""

WRONG: Final[dict[str, Any]] = {
    "string": {"wrong": 1},
    "integer": "one",
    "number": "one",
    "boolean": "yes",
    "array": "none",
    "object": "none",
}
"""A value of another type."""


class Negative(NamedTuple):
    """One fault in one message.

    Args:
        place: Where, array indices as ``*``.
        fault: ``missing``, ``type``, ``null``, ``bound``, ``enum``, ``instant`` or ``extra``.
        code: The CALLERROR for it.
    """

    action: str
    place: str
    fault: str
    code: str
    payload: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.action} {self.place} {self.fault}".replace("  ", " ")


def of_requests() -> list[Negative]:
    """Every fault in every request of a charge point."""
    return [negative for action, whole in REQUESTS.items() for negative in _of(action, "", whole)]


def of_answers() -> list[Negative]:
    """Every fault in every answer of a charge point, but for instants: nobody refuses those."""
    found = [n for action, whole in ANSWERS.items() for n in _of(action, "Response", whole)]
    return [negative for negative in found if negative.fault != "instant"]


@cache
def schema(action: str, suffix: str = "") -> dict[str, Any]:
    """The schema of a payload; ``suffix`` is ``Response`` for an answer."""
    file = files("ocpp.v16") / "schemas" / f"{action}{suffix}.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8-sig"))
    return found


def _of(action: str, suffix: str, whole: dict[str, Any]) -> Iterator[Negative]:
    root = schema(action, suffix)
    for path, node, required in _places(root, root, whole, ()):
        for fault, code, changed in _faults(root, node, whole, path, required):
            place = ".".join("*" if isinstance(step, int) else step for step in path)
            yield Negative(action, place, fault, code, changed)


def _places(
    root: dict[str, Any], node: dict[str, Any], value: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any], bool]]:
    """Every place in ``value``: its path, its schema, and whether it must be there."""
    if not path:
        yield path, node, True
    for name, inner in node.get("properties", {}).items():
        if name in value:
            found = _resolved(root, inner)
            yield (*path, name), found, name in node.get("required", ())
            yield from _places(root, found, value[name], (*path, name))
    if node.get("type") == "array" and value:
        yield from _places(root, _resolved(root, node["items"]), value[0], (*path, 0))


def _faults(
    root: dict[str, Any],
    node: dict[str, Any],
    whole: dict[str, Any],
    path: tuple[str | int, ...],
    required: bool,
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if node.get("type") == "object" and node.get("additionalProperties") is False:
        inner = dict(_at(whole, path), vendorThing=1)
        yield "extra", "FormationViolation", _with(whole, path, inner)
    if not path:
        return
    yield "type", "TypeConstraintViolation", _with(whole, path, WRONG[node["type"]])
    yield "null", "TypeConstraintViolation", _with(whole, path, None)
    if required:
        yield "missing", "ProtocolError", _without(whole, path)
    if "maxLength" in node and "enum" not in node:
        long = "x" * (node["maxLength"] + 1)
        yield "bound", "PropertyConstraintViolation", _with(whole, path, long)
    if node.get("minItems"):
        yield "bound", "OccurenceConstraintViolation", _with(whole, path, [])
    if "multipleOf" in node:
        yield "bound", "PropertyConstraintViolation", _with(whole, path, 6.55)
    if node.get("format") == "date-time":
        yield "instant", "PropertyConstraintViolation", _with(whole, path, "2026-02-30T00:00:00Z")
    if "enum" in node:
        yield "enum", "PropertyConstraintViolation", _with(whole, path, "NoSuchWord")


def _resolved(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        found: dict[str, Any] = root["definitions"][node["$ref"].rsplit("/", 1)[-1]]
        return found
    return node


def _at(whole: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        whole = whole[step]
    return whole


def _with(whole: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    if not path:
        changed: dict[str, Any] = value
        return changed
    changed = copy.deepcopy(whole)
    _at(changed, path[:-1])[path[-1]] = value
    return changed


def _without(whole: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    changed = copy.deepcopy(whole)
    del _at(changed, path[:-1])[path[-1]]
    return changed
