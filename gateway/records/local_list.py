"""The local authorization list that a charge point holds, by what it confirmed (OCPP 1.6 §3.5).

The one rule: after anything that leaves a doubt, the entries are unknown until the next full list.
"""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET

from gateway.ocpp.v16.messages import (
    GetLocalListVersionResponse,
    IdTagInfo,
    LocalListEntry,
    SendLocalListRequest,
    StatusResponse,
    read,
)
from gateway.records.document import Document, Exchange, stamp


class LocalList(Document, frozen=True, kw_only=True, omit_defaults=True):
    """What a charge point holds.

    Args:
        version: The version that it last confirmed or told; None when unknown.
        told_version: Its last answer to GetLocalListVersion: -1 no lists, 0 an empty one.
        entries: By idTag as it was sent; None when unknown.
        last_status: Its last answer to SendLocalList; empty before.
        at: When it last confirmed anything.
    """

    version: int | None = None
    told_version: int | None = None
    entries: Mapping[str, IdTagInfo] | None = None
    last_status: str = ""
    at: str = ""

    @property
    def unsupported(self) -> bool:
        """True when it said that it keeps no list."""
        return self.told_version == -1 or self.last_status == "NotSupported"


def after_version(record: LocalList, exchange: Exchange) -> LocalList:
    """GetLocalListVersion was answered (OCPP 1.6 §5.10). Another version is another list."""
    told = read(GetLocalListVersionResponse, exchange.answer).list_version
    entries = record.entries if told == record.version else None
    if told == 0:
        entries = {}
    return msgspec.structs.replace(
        record, version=told, told_version=told, entries=entries, at=stamp(exchange.at)
    )


def after_send(record: LocalList, exchange: Exchange) -> LocalList:
    """SendLocalList was answered (OCPP 1.6 §5.15)."""
    status = read(StatusResponse, exchange.answer).status
    if status != "Accepted":
        entries = record.entries if status == "NotSupported" else None
        return msgspec.structs.replace(
            record, entries=entries, last_status=status, at=stamp(exchange.at)
        )
    sent = read(SendLocalListRequest, exchange.request)
    held: Mapping[str, IdTagInfo] | None = {} if sent.update_type == "Full" else record.entries
    return msgspec.structs.replace(
        record,
        version=sent.list_version,
        entries=None if held is None else _merged(held, sent.local_authorization_list or ()),
        last_status=status,
        at=stamp(exchange.at),
    )


def after_silence(record: LocalList) -> LocalList:
    """SendLocalList got no answer: nobody knows which list the charge point holds."""
    return msgspec.structs.replace(record, entries=None, version=None, last_status="no answer")


def _merged(
    held: Mapping[str, IdTagInfo], sent: tuple[LocalListEntry, ...]
) -> Mapping[str, IdTagInfo]:
    """An entry replaces its namesake; one without idTagInfo removes it."""
    by_key = {id_tag.casefold(): (id_tag, info) for id_tag, info in held.items()}
    for entry in sent:
        by_key.pop(entry.id_tag.casefold(), None)
        if entry.id_tag_info is not UNSET:
            by_key[entry.id_tag.casefold()] = (entry.id_tag, entry.id_tag_info)
    return dict(by_key.values())
