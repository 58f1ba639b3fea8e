"""A charge point's configuration as it was last read or written (OCPP 1.6 §9).

The one rule: only what the charge point itself confirmed is written here.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import UNSET

from gateway.ocpp.v16.messages import (
    ChangeConfigurationRequest,
    GetConfigurationRequest,
    GetConfigurationResponse,
    StatusResponse,
    read,
)
from gateway.records.document import Document, Exchange, stamp

SECRET_KEYS: Final = frozenset({"authorizationkey"})
"""Keys, in lower case, whose values are never kept, whatever a charge point answers."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One key.

    Args:
        value: None when the charge point gave none, or when it is a secret.
        known_at: When it was last confirmed.
        reboot_required: Written, and in force after the next boot (OCPP 1.6 §7.22).
    """

    value: str | None = None
    readonly: bool = False
    known_at: str = ""
    reboot_required: bool = False


class Configuration(Document, frozen=True, kw_only=True, omit_defaults=True):
    """All keys that were ever told of.

    Args:
        keys: By name, as the charge point writes it.
        unknown: Keys that it says it does not have.
        read_at: When all keys were last read at once; empty before.
    """

    keys: Mapping[str, Entry] = {}
    unknown: tuple[str, ...] = ()
    read_at: str = ""

    def value(self, key: str) -> str | None:
        """The value of ``key``, whose case does not matter; None when it is not known."""
        entry = self.keys.get(key) or next(
            (entry for name, entry in self.keys.items() if name.casefold() == key.casefold()), None
        )
        return None if entry is None else entry.value

    def number(self, key: str) -> int | None:
        """The value of ``key`` as an integer; None when it is not known or is none."""
        text = (self.value(key) or "").strip()
        return int(text) if text.isdecimal() and text.isascii() and len(text) <= 9 else None

    def words(self, key: str) -> frozenset[str] | None:
        """The value of ``key`` as a comma separated list, in lower case; None when not known."""
        text = self.value(key)
        if text is None:
            return None
        return frozenset(word.strip().casefold() for word in text.split(",") if word.strip())


def after_read(record: Configuration, exchange: Exchange) -> Configuration:
    """GetConfiguration was answered (OCPP 1.6 §5.8). An answer to all keys replaces everything."""
    asked = read(GetConfigurationRequest, exchange.request).key
    told = read(GetConfigurationResponse, exchange.answer)
    known_at = stamp(exchange.at)
    found = {
        entry.key: Entry(
            value=_public(entry.key, None if entry.value is UNSET else entry.value),
            readonly=entry.readonly,
            known_at=known_at,
        )
        for entry in told.configuration_key or ()
    }
    unknown = tuple(told.unknown_key or ())
    if not asked:
        return Configuration(keys=found, unknown=unknown, read_at=known_at)
    keys = {k: v for k, v in record.keys.items() if k not in unknown} | found
    still = [k for k in record.unknown if k not in found and k not in unknown]
    return msgspec.structs.replace(record, keys=keys, unknown=(*still, *unknown))


def after_change(record: Configuration, exchange: Exchange) -> Configuration:
    """ChangeConfiguration was answered (OCPP 1.6 §5.3)."""
    change = read(ChangeConfigurationRequest, exchange.request)
    status = read(StatusResponse, exchange.answer).status
    if status not in ("Accepted", "RebootRequired"):
        return record
    entry = Entry(
        value=_public(change.key, change.value),
        known_at=stamp(exchange.at),
        reboot_required=status == "RebootRequired",
    )
    return msgspec.structs.replace(record, keys={**record.keys, change.key: entry})


def after_boot(record: Configuration) -> Configuration:
    """The charge point booted: what waited for it is in force."""
    if not any(entry.reboot_required for entry in record.keys.values()):
        return record
    keys = {
        key: msgspec.structs.replace(entry, reboot_required=False)
        for key, entry in record.keys.items()
    }
    return msgspec.structs.replace(record, keys=keys)


def _public(key: str, value: str | None) -> str | None:
    return None if key.casefold() in SECRET_KEYS else value
