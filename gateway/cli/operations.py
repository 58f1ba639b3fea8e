"""Every operation of a Central System of OCPP 1.6, as data: its profile, its help, its comforts.

The one rule: a field is filled in only where its schema requires it, and the help page says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from gateway.cli.fields import Place, kebab
from gateway.cli.payload import Given

CORE: Final = "OCPP: Core"
FIRMWARE: Final = "OCPP: Firmware Management"
LOCAL_LIST: Final = "OCPP: Local Auth List Management"
RESERVATION: Final = "OCPP: Reservation"
SMART_CHARGING: Final = "OCPP: Smart Charging"
REMOTE_TRIGGER: Final = "OCPP: Remote Trigger"
SECURITY: Final = "OCPP: Security"

BOX: Final = "box:"
"""A location on this box, with a file's name behind it."""


class Sources(Protocol):
    """Where values come from that nobody gave."""

    def now(self) -> datetime:
        """UTC."""
        ...

    def number(self) -> int:
        """A random id, 1 to 2**31 - 1."""
        ...


@dataclass(frozen=True, slots=True)
class Filling:
    """What stands in a required field that nobody gave; ``words`` tell it on the help page."""

    words: str
    make: Callable[[Given, Sources], Any]


@dataclass(frozen=True, slots=True)
class Extra:
    """An option that is no field.

    Args:
        place: The field that it sets.
        read: Its values to that field's value, after what stands there.
        uploads: Its value is a file, which is put on the box first.
    """

    option: str
    metavar: str
    help: str
    place: Place
    read: Callable[[Sequence[str]], Any]
    uploads: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Args:
        fillings: By name of a required field.
    """

    action: str
    profile: str
    help: str
    fillings: Mapping[str, Filling] = field(default_factory=dict)
    extras: tuple[Extra, ...] = ()

    @property
    def command(self) -> str:
        """Its command."""
        return kebab(self.action)


def _fixed(value: Any) -> Filling:
    return Filling(str(value), lambda given, sources: value)


def _has(given: Given, name: str) -> bool:
    return any(place[-1] == name for place in given)


def _purpose(given: Given, _: Sources) -> str:
    return "TxProfile" if _has(given, "transactionId") else "TxDefaultProfile"


def _kind(given: Given, _: Sources) -> str:
    if _has(given, "recurrencyKind"):
        return "Recurring"
    whole = any(value == "ChargePointMaxProfile" for value in given.values())
    return "Absolute" if whole or _has(given, "startSchedule") else "Relative"


NOW: Final = Filling("now", lambda given, sources: f"{sources.now():%Y-%m-%dT%H:%M:%SZ}")
RANDOM: Final = Filling("a random number", lambda given, sources: sources.number())
PROFILE: Final[Mapping[str, Filling]] = {
    "chargingProfileId": RANDOM,
    "stackLevel": _fixed(0),
    "chargingProfilePurpose": Filling(
        "TxProfile with --transaction-id, else TxDefaultProfile", _purpose
    ),
    "chargingProfileKind": Filling(
        "Recurring with --recurrency-kind; Absolute with --start-schedule or for a "
        "ChargePointMaxProfile; else Relative",
        _kind,
    ),
    "chargingRateUnit": _fixed("A"),
}
TAGS: Final = ("localAuthorizationList",)


def _accepted(id_tags: Sequence[str]) -> list[dict[str, Any]]:
    return [{"idTag": id_tag, "idTagInfo": {"status": "Accepted"}} for id_tag in id_tags]


def _removed(id_tags: Sequence[str]) -> list[dict[str, Any]]:
    return [{"idTag": id_tag} for id_tag in id_tags]


def _on_box(paths: Sequence[str]) -> str:
    return BOX + paths[-1].rsplit("/", 1)[-1]


OPERATIONS: Final = (
    Operation(
        "ChangeAvailability", CORE, "Make a connector operative or inoperative; 0 means all."
    ),
    Operation("ChangeConfiguration", CORE, "Set a configuration key."),
    Operation("ClearCache", CORE, "Empty the authorization cache."),
    Operation("DataTransfer", CORE, "Send a vendor's own message."),
    Operation("GetConfiguration", CORE, "Read configuration keys; all of them without --key."),
    Operation(
        "RemoteStartTransaction",
        CORE,
        "Ask for a transaction to be started.",
        {**PROFILE, "chargingProfilePurpose": _fixed("TxProfile")},
    ),
    Operation("RemoteStopTransaction", CORE, "Ask for a transaction to be stopped."),
    Operation("Reset", CORE, "Restart the charge point."),
    Operation("UnlockConnector", CORE, "Unlock a connector's cable."),
    Operation(
        "GetDiagnostics",
        FIRMWARE,
        "Have diagnostics uploaded: to this box, or to a URL.",
        {"location": _fixed(BOX)},
    ),
    Operation(
        "UpdateFirmware",
        FIRMWARE,
        "Have firmware fetched and installed: from this box, or from a URL.",
        {"retrieveDate": NOW},
        (
            Extra(
                "--file",
                "PATH",
                "A file of this machine: put on the box first, and fetched from there.",
                ("location",),
                _on_box,
                uploads=True,
            ),
        ),
    ),
    Operation("GetLocalListVersion", LOCAL_LIST, "Ask for the version of the local list."),
    Operation(
        "SendLocalList",
        LOCAL_LIST,
        "Send a local list as it is; see also local-list.",
        extras=(
            Extra("--tag", "ID", "An accepted tag; may be repeated.", TAGS, _accepted),
            Extra("--remove-tag", "ID", "A tag to be removed; may be repeated.", TAGS, _removed),
        ),
    ),
    Operation("CancelReservation", RESERVATION, "Cancel a reservation."),
    Operation(
        "ReserveNow",
        RESERVATION,
        "Reserve a connector for a tag; 0 means any.",
        {"reservationId": RANDOM},
    ),
    Operation(
        "ClearChargingProfile",
        SMART_CHARGING,
        "Remove the charging profiles that fit what is given; all of them without options.",
    ),
    Operation("GetCompositeSchedule", SMART_CHARGING, "Ask what a connector may draw, and when."),
    Operation("SetChargingProfile", SMART_CHARGING, "Install a charging profile.", PROFILE),
    Operation("TriggerMessage", REMOTE_TRIGGER, "Have a message sent."),
    Operation("CertificateSigned", SECURITY, "Deliver a signed certificate."),
    Operation("DeleteCertificate", SECURITY, "Remove a certificate."),
    Operation("ExtendedTriggerMessage", SECURITY, "Have a message of the security profile sent."),
    Operation("GetInstalledCertificateIds", SECURITY, "Ask which root certificates it holds."),
    Operation("GetLog", SECURITY, "Have a log uploaded.", {"requestId": RANDOM}),
    Operation("InstallCertificate", SECURITY, "Install a root certificate."),
    Operation(
        "SignedUpdateFirmware",
        SECURITY,
        "Have signed firmware fetched and installed.",
        {"requestId": RANDOM, "retrieveDateTime": NOW},
    ),
)
"""In the order of the help page."""

BY_COMMAND: Final[Mapping[str, Operation]] = {one.command: one for one in OPERATIONS}
