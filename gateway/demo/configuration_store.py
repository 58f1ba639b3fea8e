"""The configuration keys of a simulated charge point (OCPP 1.6 §9)."""

from collections.abc import Sequence
from typing import Any

from gateway.demo.local_list import MAX_LENGTH, MAX_SENT
from gateway.demo.profile_stack import MAX_INSTALLED, MAX_PERIODS, MAX_STACK_LEVEL


class ConfigurationStore:
    """Keys and values; it survives a reboot."""

    def __init__(self, connectors: int, meter_values_interval_s: int) -> None:
        self._values = {
            "AuthorizeRemoteTxRequests": "false",
            "ChargeProfileMaxStackLevel": str(MAX_STACK_LEVEL),
            "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
            "ChargingScheduleMaxPeriods": str(MAX_PERIODS),
            "ConnectionTimeOut": "60",
            "ConnectorPhaseRotation": "Unknown",
            "HeartbeatInterval": "300",
            "LocalAuthListEnabled": "true",
            "LocalAuthListMaxLength": str(MAX_LENGTH),
            "LocalAuthorizeOffline": "true",
            "LocalPreAuthorize": "false",
            "MaxChargingProfilesInstalled": str(MAX_INSTALLED),
            "MeterValueSampleInterval": str(meter_values_interval_s),
            "MeterValuesSampledData": (
                "Energy.Active.Import.Register,Power.Active.Import,Current.Import"
            ),
            "NumberOfConnectors": str(connectors),
            "SendLocalListMaxLength": str(MAX_SENT),
            "StopTransactionOnInvalidId": "true",
            "SupportedFeatureProfiles": (
                "Core,LocalAuthListManagement,SmartCharging,RemoteTrigger"
            ),
            "TransactionMessageAttempts": "3",
            "TransactionMessageRetryInterval": "10",
            "WebSocketPingInterval": "20",
        }
        self._readonly = frozenset(
            {
                "ChargeProfileMaxStackLevel",
                "ChargingScheduleAllowedChargingRateUnit",
                "ChargingScheduleMaxPeriods",
                "LocalAuthListMaxLength",
                "MaxChargingProfilesInstalled",
                "NumberOfConnectors",
                "SendLocalListMaxLength",
                "SupportedFeatureProfiles",
            }
        )

    def text(self, key: str) -> str:
        """The value of a key that every charge point has."""
        return self._values[key]

    def number(self, key: str) -> int:
        """The value of a numeric key."""
        return int(self._values[key])

    def change(self, key: str, value: str) -> str:
        """ChangeConfiguration: the status to answer with (OCPP 1.6 §7.22)."""
        if key not in self._values:
            return "NotSupported"
        if key in self._readonly:
            return "Rejected"
        if self._values[key].isdecimal() and not value.isdecimal():
            return "Rejected"
        self._values[key] = value
        return "Accepted"

    def answer(self, keys: Sequence[str]) -> dict[str, Any]:
        """GetConfiguration.conf for ``keys``; all of them when it is empty."""
        known = [key for key in keys or self._values if key in self._values]
        return {
            "configurationKey": [
                {"key": key, "readonly": key in self._readonly, "value": self._values[key]}
                for key in known
            ],
            "unknownKey": [key for key in keys if key not in self._values],
        }
