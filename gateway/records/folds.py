"""What an answer to a CALL of ours changes: one table, from action to record."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from gateway.records import (
    availability,
    configuration,
    local_list,
    profiles,
    progress,
    reservations,
)
from gateway.records.document import Exchange
from gateway.records.kinds import (
    AVAILABILITY,
    CHARGING_PROFILES,
    CONFIGURATION,
    DIAGNOSTICS,
    FIRMWARE,
    LOCAL_LIST,
    RESERVATIONS,
    Kind,
)

Change: TypeAlias = Callable[[Any, Exchange], Any]


class Fold(NamedTuple):
    """``change`` gives the record of ``kind`` after an answered CALL."""

    kind: Kind[Any]
    change: Change


AFTER_ANSWER: Final[Mapping[str, Fold]] = {
    "CancelReservation": Fold(RESERVATIONS, reservations.after_cancel),
    "ChangeAvailability": Fold(AVAILABILITY, availability.after_change),
    "ChangeConfiguration": Fold(CONFIGURATION, configuration.after_change),
    "ClearChargingProfile": Fold(CHARGING_PROFILES, profiles.after_clear),
    "GetConfiguration": Fold(CONFIGURATION, configuration.after_read),
    "GetDiagnostics": Fold(DIAGNOSTICS, progress.after_diagnostics),
    "GetLocalListVersion": Fold(LOCAL_LIST, local_list.after_version),
    "ReserveNow": Fold(RESERVATIONS, reservations.after_reserve),
    "SendLocalList": Fold(LOCAL_LIST, local_list.after_send),
    "SetChargingProfile": Fold(CHARGING_PROFILES, profiles.after_set),
    "UpdateFirmware": Fold(FIRMWARE, progress.after_update),
}

NOTIFIED: Final[Mapping[str, Kind[progress.Progress]]] = {
    "DiagnosticsStatusNotification": DIAGNOSTICS,
    "FirmwareStatusNotification": FIRMWARE,
}
"""Notifications that tell of progress."""
