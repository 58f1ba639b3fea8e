"""What becomes of each action, in both directions: one table that a person can read."""

import enum
from collections.abc import Mapping
from typing import Final


class Route(enum.Enum):
    """What becomes of a charge point's CALL."""

    LOCAL = "we answer; the cloud never sees it"
    MIRROR = "we answer; the cloud gets it when the link opens"
    RELAY = "the cloud answers; we answer when it cannot"
    STORE = "we answer; the cloud gets it from the outbox, in order, at least once"


FROM_CHARGE_POINT: Final[Mapping[str, Route]] = {
    "Authorize": Route.RELAY,
    "BootNotification": Route.MIRROR,
    "DataTransfer": Route.RELAY,
    "DiagnosticsStatusNotification": Route.STORE,
    "FirmwareStatusNotification": Route.STORE,
    "Heartbeat": Route.LOCAL,
    "LogStatusNotification": Route.STORE,
    "MeterValues": Route.STORE,
    "SecurityEventNotification": Route.STORE,
    "SignCertificate": Route.RELAY,
    "SignedFirmwareStatusNotification": Route.STORE,
    "StartTransaction": Route.STORE,
    "StatusNotification": Route.STORE,
    "StopTransaction": Route.STORE,
}


class Treatment(enum.Enum):
    """What becomes of a CALL from the cloud."""

    HAND_ON = "handed to the charge point as it came"
    TRANSLATE = "handed on with ids exchanged, and without what the gateway owns"
    ABSORB = "answered here; the charge point never sees it"


FROM_CLOUD: Final[Mapping[str, Treatment]] = {
    "CancelReservation": Treatment.HAND_ON,
    "CertificateSigned": Treatment.HAND_ON,
    "ChangeAvailability": Treatment.HAND_ON,
    "ChangeConfiguration": Treatment.HAND_ON,
    "ClearCache": Treatment.HAND_ON,
    "ClearChargingProfile": Treatment.ABSORB,
    "DataTransfer": Treatment.HAND_ON,
    "DeleteCertificate": Treatment.HAND_ON,
    "ExtendedTriggerMessage": Treatment.HAND_ON,
    "GetCompositeSchedule": Treatment.ABSORB,
    "GetConfiguration": Treatment.HAND_ON,
    "GetDiagnostics": Treatment.HAND_ON,
    "GetInstalledCertificateIds": Treatment.HAND_ON,
    "GetLocalListVersion": Treatment.ABSORB,
    "GetLog": Treatment.HAND_ON,
    "InstallCertificate": Treatment.HAND_ON,
    "RemoteStartTransaction": Treatment.TRANSLATE,
    "RemoteStopTransaction": Treatment.TRANSLATE,
    "ReserveNow": Treatment.HAND_ON,
    "Reset": Treatment.HAND_ON,
    "SendLocalList": Treatment.ABSORB,
    "SetChargingProfile": Treatment.ABSORB,
    "SignedUpdateFirmware": Treatment.HAND_ON,
    "TriggerMessage": Treatment.HAND_ON,
    "UnlockConnector": Treatment.HAND_ON,
    "UpdateFirmware": Treatment.HAND_ON,
}

OFFLINE_STATUS: Final[Mapping[str, str]] = {
    "CancelReservation": "Rejected",
    "ChangeAvailability": "Rejected",
    "ChangeConfiguration": "Rejected",
    "ClearCache": "Rejected",
    "DataTransfer": "Rejected",
    "RemoteStartTransaction": "Rejected",
    "RemoteStopTransaction": "Rejected",
    "ReserveNow": "Rejected",
    "Reset": "Rejected",
    "TriggerMessage": "Rejected",
    "UnlockConnector": "UnlockFailed",
}
"""The status that the cloud gets while the charge point cannot be reached. Where OCPP has no status
for it, the cloud gets a CALLERROR."""
