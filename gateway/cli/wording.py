"""What each field means, in one line for the help pages."""

from collections.abc import Mapping
from typing import Final

from gateway.cli.fields import Field

OF_ACTION: Final[Mapping[tuple[str, str], str]] = {
    ("ChangeAvailability", "connectorId"): "Connector; 0 is the whole charge point.",
    ("ChangeAvailability", "type"): "What it is to be.",
    ("ClearChargingProfile", "connectorId"): "Connector; 0 is the whole charge point.",
    ("GetCompositeSchedule", "connectorId"): "Connector; 0 is the whole charge point.",
    ("GetCompositeSchedule", "duration"): "Length of the schedule, in seconds.",
    ("GetConfiguration", "key"): "Name of a key; may be repeated.",
    ("GetDiagnostics", "location"): "Folder URL, or box: for this box.",
    ("ReserveNow", "connectorId"): "Connector; 0 is any of them.",
    ("ReserveNow", "idTag"): "Tag for which it is reserved.",
    ("RemoteStartTransaction", "idTag"): "Tag for which it is started.",
    ("Reset", "type"): "Hard restarts at once, Soft ends transactions first.",
    ("SendLocalList", "listVersion"): "Version of the list after this update.",
    ("SetChargingProfile", "connectorId"): "Connector; 0 is the whole charge point.",
    ("SignedUpdateFirmware", "location"): "URL of the firmware.",
    ("UpdateFirmware", "location"): "URL of the firmware, or box:NAME for a file on this box.",
}
"""Where a field means something else, or more, in one action."""

OF_FIELD: Final[Mapping[str, str]] = {
    "certificate": "PEM, or @FILE.",
    "certificateChain": "PEM, leaf first, or @FILE.",
    "certificateHashData": "The hash data as a whole.",
    "certificateType": "Which root certificates.",
    "chargingProfile": "The charging profile as a whole; options below change parts of it.",
    "chargingProfileId": "Id of the charging profile.",
    "chargingProfileKind": "From when the schedule counts.",
    "chargingProfilePurpose": "What the profile is for.",
    "chargingRateUnit": "Unit of limits.",
    "chargingSchedule": "The schedule as a whole; options below change parts of it.",
    "chargingSchedulePeriod": "Limit from a second of the schedule on, such as 0:16 or 3600:32:3; "
    "may be repeated.",
    "connectorId": "Connector, from 1.",
    "csChargingProfiles": "The charging profile as a whole; options below change parts of it.",
    "data": "Text for the vendor's message.",
    "duration": "Length of the schedule, in seconds.",
    "expiryDate": "When the reservation ends.",
    "firmware": "The firmware as a whole; options below change parts of it.",
    "hashAlgorithm": "How the hashes were made.",
    "id": "Id of the charging profile.",
    "idTag": "Tag.",
    "installDateTime": "When to install it.",
    "issuerKeyHash": "Hash of the issuer's public key.",
    "issuerNameHash": "Hash of the issuer's name.",
    "key": "Name of the key.",
    "latestTimestamp": "Entries up to then.",
    "listVersion": "Version of the list.",
    "localAuthorizationList": "Entries as OCPP writes them.",
    "location": "URL.",
    "log": "Where the log goes, and from when, as a whole.",
    "logType": "Which log.",
    "messageId": "Name of the vendor's message.",
    "minChargingRate": "Below this, charging is not efficient.",
    "oldestTimestamp": "Entries from then on.",
    "parentIdTag": "Parent tag, whose members may use it too.",
    "recurrencyKind": "How often the schedule repeats.",
    "remoteLocation": "Folder URL.",
    "requestId": "Id by which progress is told.",
    "requestedMessage": "Which message.",
    "reservationId": "Id of the reservation.",
    "retries": "How often to try.",
    "retrieveDate": "When to fetch it.",
    "retrieveDateTime": "When to fetch it.",
    "retryInterval": "Seconds between tries.",
    "serialNumber": "Serial number of the certificate.",
    "signature": "Base64, or @FILE.",
    "signingCertificate": "PEM, or @FILE.",
    "stackLevel": "The highest level that applies decides.",
    "startSchedule": "When the schedule starts.",
    "startTime": "Entries from then on.",
    "stopTime": "Entries up to then.",
    "transactionId": "Id of the transaction.",
    "type": "Which kind.",
    "updateType": "Replace the list, or change entries.",
    "validFrom": "The profile applies from then on.",
    "validTo": "The profile applies until then.",
    "value": "Its new value, as text.",
    "vendorId": "Name of the vendor.",
}

FROM_FILES: Final = frozenset(
    {"certificate", "certificateChain", "signature", "signingCertificate"}
)
"""Texts that may be named as ``@FILE``."""


def help_of(action: str, field: Field) -> str:
    """What ``field`` of ``action`` means."""
    known = OF_ACTION.get((action, field.name)) or OF_FIELD.get(field.name, "")
    if field.choices and len("|".join(field.choices)) > 24:
        known += f" One of {', '.join(field.choices)}."
    return known
