"""gateway.commands.service"""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.commands.service import CommandService
from gateway.errors import ProtocolViolation
from gateway.events import CloudClearedCache
from gateway.ocpp.calls import Offline, Refused, TimedOut
from gateway.ocpp.v16.conversation import Request
from gateway.site.depot import ConnectorKey
from gateway.storage.outbox import SqliteOutbox
from gateway.storage.transactions import SqliteTransactions
from gateway.transactions.ledger import StartRequest
from gateway.upstream.backlog import Outgoing
from gateway.upstream.routing import FROM_CLOUD, Treatment
from tests.unit.service_bench import IDENTITY, Bench, FakeChargePoint, accepted, play

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CLOUD_ID = 99


class Limits:
    """What would have become a cap."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, Any]] = []

    async def set_profile(self, identity: str, payload: bytes) -> bytes:
        self.kept.append(("set", json.loads(payload)))
        return b'{"status":"Accepted"}'

    def expect_profile(self, identity: str, connector_id: int | None, profile: bytes) -> None:
        self.kept.append(("expect", (connector_id, json.loads(profile))))

    async def clear_profile(self, identity: str, payload: bytes) -> bytes:
        self.kept.append(("clear", json.loads(payload)))
        return b'{"status":"Unknown"}'

    def composite_schedule(self, identity: str, payload: bytes) -> bytes:
        self.kept.append(("composite", json.loads(payload)))
        return b'{"status":"Rejected"}'


class Lists:
    """What the cloud's lists would have become."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    async def send_local_list(self, identity: str, payload: bytes) -> bytes:
        self.kept.append(json.loads(payload))
        return b'{"status":"Accepted"}'

    def local_list_version(self, identity: str) -> bytes:
        return b'{"listVersion":7}'


class Office:
    """The command service with one transaction that the cloud calls 99."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.bench.listen(CloudClearedCache)
        self.charge_point = FakeChargePoint()
        self.charge_point.outcome = accepted()
        self.limits = Limits()
        self.ledger = SqliteTransactions(self.bench.database)
        self.lists = Lists()
        self.service = CommandService(
            self.bench.bus, self.charge_point, self.ledger, self.limits, self.lists
        )

    async def open(self) -> int:
        start = StartRequest(ConnectorKey(IDENTITY, 1), "TAG", "t", 0)
        report = Outgoing(IDENTITY, "StartTransaction", "id", b"{}", NOON)
        begun = await self.ledger.begin(start, 4711, report, NOON)
        outbox = SqliteOutbox(self.bench.database)
        (stored,) = await outbox.head(IDENTITY, 1)
        await outbox.delivered(stored.seq, CLOUD_ID)
        return begun.transaction.local_transaction_id

    async def command(self, action: str, **payload: Any) -> Any:
        request = Request("c1", action, json.dumps(payload).encode())
        return json.loads(await self.service.carry_out(IDENTITY, request))


def scene(played: Callable[[Office], Awaitable[None]]) -> None:
    async def main() -> None:
        await played(Office())

    play(main)


HANDED_ON = sorted(action for action, how in FROM_CLOUD.items() if how is Treatment.HAND_ON)


@pytest.mark.parametrize("action", HANDED_ON)
def test_what_is_handed_on_travels_as_it_came(action: str) -> None:
    async def played(office: Office) -> None:
        assert await office.command(action, vendor=[1.50]) == {"status": "Accepted"}
        assert office.charge_point.called == [(action, {"vendor": [1.50]})]

    scene(played)


def test_a_remote_stop_names_our_transaction() -> None:
    async def played(office: Office) -> None:
        local_id = await office.open()
        await office.command("RemoteStopTransaction", transactionId=CLOUD_ID)
        assert office.charge_point.called == [
            ("RemoteStopTransaction", {"transactionId": local_id})
        ]

    scene(played)


def test_a_remote_stop_of_a_transaction_that_the_cloud_never_got_is_rejected() -> None:
    async def played(office: Office) -> None:
        local_id = await office.open()
        answer = await office.command("RemoteStopTransaction", transactionId=local_id)
        assert answer == {"status": "Rejected"}
        assert office.charge_point.called == []

    scene(played)


def test_a_profile_of_a_remote_start_is_kept_and_not_handed_on() -> None:
    async def played(office: Office) -> None:
        profile = {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}],
            },
        }
        await office.command(
            "RemoteStartTransaction", idTag="T", connectorId=1, chargingProfile=profile
        )
        assert office.charge_point.called == [
            ("RemoteStartTransaction", {"idTag": "T", "connectorId": 1})
        ]
        assert office.limits.kept == [("expect", (1, profile))]

    scene(played)


def test_profiles_are_absorbed_and_their_transaction_translated() -> None:
    async def played(office: Office) -> None:
        local_id = await office.open()
        profile = {
            "chargingProfileId": 1,
            "transactionId": CLOUD_ID,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": []},
        }
        await office.command("SetChargingProfile", connectorId=1, csChargingProfiles=profile)
        await office.command("ClearChargingProfile")
        await office.command("GetCompositeSchedule", connectorId=1, duration=60)
        assert office.charge_point.called == []
        (_, kept), *others = office.limits.kept
        assert kept["csChargingProfiles"] == profile | {"transactionId": local_id}
        assert [how for how, _ in others] == ["clear", "composite"]
        wrong = profile | {"transactionId": 1}
        answer = await office.command("SetChargingProfile", connectorId=1, csChargingProfiles=wrong)
        assert answer == {"status": "Rejected"}

    scene(played)


def test_the_cloud_s_local_list_stays_here() -> None:
    async def played(office: Office) -> None:
        sent = {"listVersion": 7, "updateType": "Full", "localAuthorizationList": []}
        assert await office.command("SendLocalList", **sent) == {"status": "Accepted"}
        assert await office.command("GetLocalListVersion") == {"listVersion": 7}
        assert office.lists.kept == [sent]
        assert office.charge_point.called == []

    scene(played)


def test_clearing_the_cache_is_told_to_our_own() -> None:
    async def played(office: Office) -> None:
        await office.command("ClearCache")
        assert office.bench.heard == [CloudClearedCache(IDENTITY)]

    scene(played)


@pytest.mark.parametrize("outcome", [Offline(), TimedOut(30.0)])
def test_a_charge_point_that_is_away_is_answered_for(outcome: Offline | TimedOut) -> None:
    async def played(office: Office) -> None:
        office.charge_point.outcome = outcome
        assert await office.command("Reset", type="Soft") == {"status": "Rejected"}
        with pytest.raises(ProtocolViolation) as failed:
            await office.command("GetConfiguration")
        assert failed.value.code == "GenericError"

    scene(played)


def test_a_callerror_of_the_charge_point_reaches_the_cloud_in_its_words() -> None:
    async def played(office: Office) -> None:
        office.charge_point.outcome = Refused("NotSupported", "no firmware here")
        with pytest.raises(ProtocolViolation) as failed:
            await office.command("UpdateFirmware")
        assert (failed.value.code, failed.value.detail) == ("NotSupported", "no firmware here")

    scene(played)
