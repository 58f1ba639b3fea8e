"""The configuration of the foreign charge point: every key that its profiles require (OCPP 1.6 §9),
and one of its maker.
"""

from typing import Any, Final

_READ_WRITE: Final = {
    "AuthorizeRemoteTxRequests": "true",
    "ClockAlignedDataInterval": "0",
    "ConnectionTimeOut": "60",
    "ConnectorPhaseRotation": "0.RST,1.RST,2.RST",
    "HeartbeatInterval": "300",
    "LocalAuthListEnabled": "true",
    "LocalAuthorizeOffline": "true",
    "LocalPreAuthorize": "false",
    "MeterValueSampleInterval": "10",
    "MeterValuesAlignedData": "Energy.Active.Import.Register",
    "MeterValuesSampledData": "Energy.Active.Import.Register,Current.Import",
    "ResetRetries": "1",
    "StopTransactionOnEVSideDisconnect": "true",
    "StopTransactionOnInvalidId": "true",
    "StopTxnAlignedData": "",
    "StopTxnSampledData": "",
    "TransactionMessageAttempts": "3",
    "TransactionMessageRetryInterval": "10",
    "UnlockConnectorOnEVSideDisconnect": "true",
}

_READ_ONLY: Final = {
    "ChargeProfileMaxStackLevel": "10",
    "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
    "ChargingScheduleMaxPeriods": "24",
    "GetConfigurationMaxKeys": "50",
    "LocalAuthListMaxLength": "100",
    "MaxChargingProfilesInstalled": "10",
    "NumberOfConnectors": "2",
    "SendLocalListMaxLength": "100",
    "SupportedFeatureProfiles": "Core,FirmwareManagement,LocalAuthListManagement,Reservation,"
    "SmartCharging,RemoteTrigger",
    "x-Foreign.LampColour": "green",
}


def _entry(key: str, value: str, *, readonly: bool) -> dict[str, Any]:
    return {"key": key, "readonly": readonly, "value": value}


ALL_KEYS: Final = [
    *(_entry(key, value, readonly=False) for key, value in _READ_WRITE.items()),
    *(_entry(key, value, readonly=True) for key, value in _READ_ONLY.items()),
]

PROFILES: Final = next(entry for entry in ALL_KEYS if entry["key"] == "SupportedFeatureProfiles")
