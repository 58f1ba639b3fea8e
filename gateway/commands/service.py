"""Carries out what the cloud commands, by the table in `gateway.upstream.routing`."""

from typing import Final

import msgspec

from gateway.errors import ProtocolViolation
from gateway.events import CloudClearedCache
from gateway.ocpp.calls import Answered, Caller, CallOutcome, Offline, Refused, TimedOut, Withheld
from gateway.ocpp.members import with_member, without_member
from gateway.ocpp.v16.conversation import Request
from gateway.ocpp.v16.messages import (
    RemoteStartTransactionRequest,
    RemoteStopTransactionRequest,
    SetChargingProfileRequest,
    read,
)
from gateway.ports import ChargePointDesk, CloudLimits, CloudLists, TransactionStore
from gateway.runtime.bus import Bus
from gateway.upstream.routing import FROM_CLOUD, OFFLINE_STATUS, Treatment

REJECTED: Final = b'{"status":"Rejected"}'


class CommandService:
    """Fulfils `gateway.ports.CommandDesk`."""

    def __init__(
        self,
        bus: Bus,
        charge_points: ChargePointDesk,
        transactions: TransactionStore,
        limits: CloudLimits,
        lists: CloudLists,
    ) -> None:
        self._bus = bus
        self._charge_points = charge_points
        self._transactions = transactions
        self._limits = limits
        self._lists = lists

    async def carry_out(self, identity: str, request: Request) -> bytes:
        """The answer to the cloud's CALL. Raises ProtocolViolation for an answer by CALLERROR."""
        match FROM_CLOUD[request.action]:
            case Treatment.ABSORB:
                return await self._absorb(identity, request)
            case Treatment.TRANSLATE:
                return await self._translate(identity, request)
            case Treatment.HAND_ON:
                if request.action == "ClearCache":
                    self._bus.publish(CloudClearedCache(identity))
                return await self._hand_on(identity, request.action, request.payload)

    async def _hand_on(self, identity: str, action: str, payload: bytes) -> bytes:
        return _answer(
            action, await self._charge_points.call(identity, action, payload, caller=Caller.CLOUD)
        )

    async def _translate(self, identity: str, request: Request) -> bytes:
        if request.action == "RemoteStopTransaction":
            return await self._remote_stop(identity, request.payload)
        return await self._remote_start(identity, request.payload)

    async def _remote_stop(self, identity: str, payload: bytes) -> bytes:
        cloud_id = read(RemoteStopTransactionRequest, payload).transaction_id
        transaction = await self._transactions.find_by_cloud_id(identity, cloud_id)
        if transaction is None:
            return REJECTED
        ours = with_member(payload, "transactionId", transaction.local_transaction_id)
        return await self._hand_on(identity, "RemoteStopTransaction", ours)

    async def _remote_start(self, identity: str, payload: bytes) -> bytes:
        """A profile that comes with the start becomes a cap; the charge point gets the start."""
        profile = msgspec.json.decode(payload, type=dict[str, msgspec.Raw]).get("chargingProfile")
        if profile is not None:
            connector_id = read(RemoteStartTransactionRequest, payload).connector_id
            self._limits.expect_profile(
                identity, None if connector_id is msgspec.UNSET else connector_id, bytes(profile)
            )
            payload = without_member(payload, "chargingProfile")
        return await self._hand_on(identity, "RemoteStartTransaction", payload)

    async def _absorb(self, identity: str, request: Request) -> bytes:
        match request.action:
            case "SetChargingProfile":
                return await self._set_profile(identity, request.payload)
            case "ClearChargingProfile":
                return await self._limits.clear_profile(identity, request.payload)
            case "SendLocalList":
                return await self._lists.send_local_list(identity, request.payload)
            case "GetLocalListVersion":
                return self._lists.local_list_version(identity)
            case _:
                return self._limits.composite_schedule(identity, request.payload)

    async def _set_profile(self, identity: str, payload: bytes) -> bytes:
        """A profile for one transaction names it by the cloud's id; we keep it by ours."""
        request = read(SetChargingProfileRequest, payload)
        profile = request.cs_charging_profiles
        cloud_id = profile.transaction_id
        if cloud_id is msgspec.UNSET:
            return await self._limits.set_profile(identity, payload)
        transaction = await self._transactions.find_by_cloud_id(identity, cloud_id)
        if transaction is None:
            return REJECTED
        members = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
        ours = with_member(
            bytes(members["csChargingProfiles"]), "transactionId", transaction.local_transaction_id
        )
        return await self._limits.set_profile(
            identity, with_member(payload, "csChargingProfiles", msgspec.Raw(ours))
        )


def _answer(action: str, outcome: CallOutcome) -> bytes:
    """What the cloud hears of a CALL that was handed on."""
    match outcome:
        case Answered(payload):
            return payload
        case Refused(code, description):
            raise ProtocolViolation(code, description)
        case Offline() | TimedOut() if action in OFFLINE_STATUS:
            return msgspec.json.encode({"status": OFFLINE_STATUS[action]})
        case Withheld(reason):
            raise ProtocolViolation("SecurityError", reason)
        case TimedOut():
            raise ProtocolViolation("GenericError", "the charge point did not answer in time")
        case _:
            raise ProtocolViolation("GenericError", "the charge point is offline")
