"""The local authorization list of a simulated charge point (OCPP 1.6 §3.5, §5.15)."""

from typing import Any, Final

MAX_LENGTH: Final = 500
MAX_SENT: Final = 50


class LocalList:
    """Entries by idTag in lower case; they survive a reboot."""

    def __init__(self) -> None:
        self.version = 0
        self.entries: dict[str, dict[str, Any]] = {}

    def send(self, version: int, update_type: str, sent: list[dict[str, Any]]) -> str:
        """Carry out a SendLocalList.req; returns the status of its conf."""
        if len(sent) > MAX_SENT:
            return "Failed"
        if update_type == "Differential" and version <= self.version:
            return "VersionMismatch"
        entries = {} if update_type == "Full" else dict(self.entries)
        for entry in sent:
            key = entry["idTag"].casefold()
            if "idTagInfo" in entry:
                entries[key] = entry["idTagInfo"]
            elif update_type == "Full":
                return "Failed"
            else:
                entries.pop(key, None)
        if len(entries) > MAX_LENGTH:
            return "Failed"
        self.version, self.entries = version, entries
        return "Accepted"
