"""A charge point that keeps a local list by the rules of OCPP 1.6, and counts who breaks them."""

import enum
from collections import deque
from collections.abc import Mapping

import msgspec
from msgspec import UNSET

from gateway.ocpp.v16.messages import (
    GetLocalListVersionResponse,
    IdTagInfo,
    SendLocalListRequest,
    StatusResponse,
    encode,
    read,
)
from gateway.records.configuration import Configuration, Entry


class Fate(enum.Enum):
    """What becomes of a SendLocalList."""

    FINE = "by the rules"
    LOST_BEFORE = "never arrives"
    LOST_AFTER = "its answer never arrives"
    FAILED = "Failed"
    MISMATCH = "VersionMismatch"


class Keeper:
    """Answers GetLocalListVersion and SendLocalList; silence is None.

    Args:
        per_message: SendLocalListMaxLength.
        total: LocalAuthListMaxLength; None without a limit.
        version: What it tells; -1 when it keeps no list.
    """

    def __init__(self, per_message: int = 3, total: int | None = None, version: int = 0) -> None:
        self.per_message = per_message
        self.total = total
        self.version = version
        self.entries: dict[str, IdTagInfo] = {}
        self.fates: deque[Fate] = deque()
        self.silent_versions = 0
        """So many GetLocalListVersion get no answer."""
        self.met: list[Fate] = []
        """What became of each SendLocalList."""
        self.sent: list[SendLocalListRequest] = []
        self.taken_versions: list[int] = []
        self.broken: list[str] = []
        """Rules of OCPP 1.6 that a message broke."""

    @property
    def configuration(self) -> Configuration:
        """What it told of itself."""
        keys = {"SendLocalListMaxLength": Entry(value=str(self.per_message))}
        if self.total is not None:
            keys["LocalAuthListMaxLength"] = Entry(value=str(self.total))
        return Configuration(keys=keys)

    def hold(self, entries: Mapping[str, IdTagInfo], version: int) -> None:
        """Begin with this list."""
        self.entries = {id_tag.casefold(): info for id_tag, info in entries.items()}
        self.version = version

    def answer(self, action: str, payload: bytes) -> bytes | None:
        """The CALLRESULT."""
        if action == "GetLocalListVersion":
            if self.silent_versions:
                self.silent_versions -= 1
                return None
            return encode(GetLocalListVersionResponse(list_version=self.version))
        assert action == "SendLocalList", action
        return self._list(read(SendLocalListRequest, payload), payload)

    def _list(self, request: SendLocalListRequest, payload: bytes) -> bytes | None:
        self.sent.append(request)
        self._judge(request, payload)
        fate = self.fates.popleft() if self.fates else Fate.FINE
        status = fate.value
        if fate in (Fate.FINE, Fate.LOST_AFTER):
            status = self._taken(request)
        self.met.append(fate)
        if fate in (Fate.LOST_BEFORE, Fate.LOST_AFTER):
            return None
        return encode(StatusResponse(status=status))

    def _judge(self, request: SendLocalListRequest, payload: bytes) -> None:
        entries = request.local_authorization_list or ()
        if request.list_version < 1:
            self.broken.append("a listVersion below 1")
        if len(entries) > self.per_message:
            self.broken.append("more entries than SendLocalListMaxLength")
        if request.update_type == "Full" and any(e.id_tag_info is UNSET for e in entries):
            self.broken.append("a Full entry without idTagInfo")
        if any(len(entry.id_tag) > 20 for entry in entries):
            self.broken.append("an idTag above 20 characters")
        if b"null" in payload or "localAuthorizationList" not in msgspec.json.decode(payload):
            self.broken.append("null, or no list at all")

    def _taken(self, request: SendLocalListRequest) -> str:
        if self.version < 0:
            return "NotSupported"
        differential = request.update_type == "Differential"
        if differential and request.list_version <= self.version:
            return "VersionMismatch"
        held = dict(self.entries) if differential else {}
        for entry in request.local_authorization_list or ():
            held.pop(entry.id_tag.casefold(), None)
            if entry.id_tag_info is not UNSET:
                held[entry.id_tag.casefold()] = entry.id_tag_info
            if self.total is not None and len(held) > self.total:
                self.broken.append("more entries than LocalAuthListMaxLength")
                return "Failed"
        self.entries, self.version = held, request.list_version
        self.taken_versions.append(request.list_version)
        return "Accepted"
