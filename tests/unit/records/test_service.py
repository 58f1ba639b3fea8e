"""The records follow the bus, and outlive a restart."""

import asyncio
import json
from typing import Any

from gateway.errors import StorageFailed
from gateway.events import (
    CallEnded,
    ChargePointBooted,
    ConnectorStatusChanged,
    DeviationSeen,
    NotificationReceived,
    TransactionBegan,
    TransactionEnded,
)
from gateway.ocpp.calls import Answered, Caller, CallOutcome, TimedOut
from gateway.records.kinds import KINDS
from gateway.records.service import WRITTEN_AFTER_S, RecordService
from gateway.site.depot import ConnectorKey
from gateway.storage.documents import SqliteDocuments
from tests.unit.service_bench import BOOT, IDENTITY, Bench, play

KEY = ConnectorKey(IDENTITY, 1)


class Shelf:
    """The service and its bench."""

    def __init__(self, bench: Bench | None = None) -> None:
        self.bench = bench or Bench()
        self.documents = SqliteDocuments(self.bench.database)
        self.service = RecordService(
            self.bench.site, self.bench.bus, self.bench.clock, self.documents
        )

    def ended(
        self,
        action: str,
        request: dict[str, Any],
        outcome: CallOutcome | dict[str, Any],
        caller: Caller = Caller.OPERATOR,
    ) -> None:
        now = self.bench.clock.now().utc
        if isinstance(outcome, dict):
            outcome = Answered(json.dumps(outcome).encode())
        payload = json.dumps(request).encode()
        self.bench.bus.publish(CallEnded(IDENTITY, action, payload, outcome, caller, now, now))

    def record(self, kind: str) -> dict[str, Any]:
        document = self.service.document(IDENTITY, kind)
        assert document is not None
        found: dict[str, Any] = json.loads(document)
        return found


def test_every_kind_has_an_empty_record_and_no_other_has_any() -> None:
    async def scene() -> None:
        shelf = Shelf()
        assert all(shelf.record(kind) == {} for kind in KINDS)
        assert shelf.service.document(IDENTITY, "nonsense") is None

    play(scene)


def test_answers_are_folded_at_once() -> None:
    async def scene() -> None:
        shelf = Shelf()
        shelf.ended("ChangeConfiguration", {"key": "K", "value": "1"}, {"status": "Accepted"})
        assert shelf.service.configuration(IDENTITY).value("K") == "1"
        shelf.ended("GetLocalListVersion", {}, {"listVersion": 4})
        assert shelf.service.local_list(IDENTITY).version == 4
        shelf.ended("SendLocalList", {"listVersion": 5, "updateType": "Full"}, TimedOut(30.0))
        assert shelf.service.local_list(IDENTITY).version is None
        endings = [call["ending"] for call in shelf.record("calls")["calls"]]
        assert endings == ["answered", "answered", "time-out"]

    play(scene)


def test_a_reservation_is_used_up_by_its_transaction() -> None:
    async def scene() -> None:
        shelf = Shelf()
        request = {
            "connectorId": 1,
            "expiryDate": "2099-01-01T00:00:00Z",
            "idTag": "T",
            "reservationId": 3,
        }
        shelf.ended("ReserveNow", request, {"status": "Accepted"})
        shelf.bench.bus.publish(TransactionBegan(KEY, 42, "T", reservation_id=3))
        (reservation,) = shelf.record("reservations")["reservations"]
        assert (reservation["status"], reservation["local_transaction_id"]) == ("used", 42)

    play(scene)


def test_notifications_statuses_boots_and_deviations_leave_their_marks() -> None:
    async def scene() -> None:
        shelf = Shelf()
        publish = shelf.bench.bus.publish
        told = b'{"status":"Downloading"}'
        publish(NotificationReceived(IDENTITY, "FirmwareStatusNotification", told))
        publish(NotificationReceived(IDENTITY, "SecurityEventNotification", b"{}"))
        publish(ConnectorStatusChanged(KEY, "Faulted", "GroundFailure"))
        publish(DeviationSeen(IDENTITY, "Heartbeat", "", "additionalProperties", "x", False))
        shelf.ended("ChangeConfiguration", {"key": "K", "value": "1"}, {"status": "RebootRequired"})
        publish(ChargePointBooted(IDENTITY, BOOT))
        assert shelf.record("firmware")["orders"][0]["steps"][0]["status"] == "Downloading"
        assert shelf.record("availability")["connectors"]["1"]["status"] == "Faulted"
        assert shelf.record("deviations")["kinds"][0]["count"] == 1
        assert "reboot_required" not in shelf.record("configuration")["keys"]["K"]

    play(scene)


def test_limits_of_the_balancing_are_known_but_no_news() -> None:
    async def scene() -> None:
        shelf = Shelf()
        profile = {
            "chargingProfileId": 101,
            "stackLevel": 1,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
            },
        }
        request = {"connectorId": 1, "csChargingProfiles": profile}
        shelf.ended("SetChargingProfile", request, {"status": "Accepted"}, Caller.GATEWAY)
        assert len(shelf.record("charging-profiles")["profiles"]) == 1
        assert shelf.record("calls") == {}
        shelf.bench.bus.publish(TransactionEnded(KEY, 42))
        assert shelf.record("charging-profiles") == {}
        await shelf.service.close()
        assert await shelf.documents.load("charging-profiles") == {}

    play(scene)


def test_a_schedule_that_says_otherwise_is_told() -> None:
    async def scene() -> None:
        shelf = Shelf()
        profile = {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "startSchedule": "2020-01-01T00:00:00Z",
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
            },
        }
        held = {"connectorId": 1, "csChargingProfiles": profile}
        shelf.ended("SetChargingProfile", held, {"status": "Accepted"})
        for limit_a, disagreements in ((6.0, 0), (16.0, 1)):
            schedule = {
                "duration": 60,
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit_a}],
            }
            answer = {"status": "Accepted", "connectorId": 1, "chargingSchedule": schedule}
            shelf.ended("GetCompositeSchedule", {"connectorId": 1, "duration": 60}, answer)
            record = shelf.record("charging-profiles")
            assert len(record.get("disagreements", ())) == disagreements
            assert record["reported_at"]

    play(scene)


def test_an_answer_that_cannot_be_read_changes_no_record() -> None:
    async def scene() -> None:
        shelf = Shelf()
        shelf.ended("ReserveNow", {"connectorId": 1}, {"status": "Accepted"})
        assert shelf.record("reservations") == {}
        assert len(shelf.record("calls")["calls"]) == 1

    play(scene)


def test_records_outlive_a_restart() -> None:
    async def scene() -> None:
        first = Shelf()
        first.ended("ChangeConfiguration", {"key": "K", "value": "1"}, {"status": "Accepted"})
        first.bench.bus.publish(ConnectorStatusChanged(KEY, "Charging", "NoError"))
        await first.service.close()
        second = Shelf(first.bench)
        await second.service.load()
        assert second.service.configuration(IDENTITY).value("K") == "1"
        assert second.record("availability") == first.record("availability")
        assert second.record("calls") == first.record("calls")

    play(scene)


def test_a_record_that_cannot_be_read_begins_anew() -> None:
    async def scene() -> None:
        shelf = Shelf()
        await shelf.documents.keep(IDENTITY, "configuration", b"not JSON")
        await shelf.service.load()
        assert shelf.record("configuration") == {}

    play(scene)


def test_many_changes_are_one_write_and_a_failing_disk_is_tried_again() -> None:
    class Disk:
        def __init__(self) -> None:
            self.ill = True
            self.writes: list[tuple[str, str]] = []

        async def load(self, kind: str) -> dict[str, bytes]:
            return {}

        async def keep(self, identity: str, kind: str, document: bytes) -> None:
            if self.ill:
                raise StorageFailed("full")
            self.writes.append((identity, kind))

    async def scene() -> None:
        bench, disk = Bench(), Disk()
        service = RecordService(bench.site, bench.bus, bench.clock, disk)
        for status in ("Preparing", "Charging", "Finishing"):
            bench.bus.publish(ConnectorStatusChanged(KEY, status, "NoError"))
        await asyncio.sleep(WRITTEN_AFTER_S + 1)
        assert disk.writes == []
        disk.ill = False
        bench.bus.publish(ConnectorStatusChanged(KEY, "Available", "NoError"))
        await asyncio.sleep(WRITTEN_AFTER_S + 1)
        assert disk.writes == [(IDENTITY, "availability")]
        await service.close()

    play(scene)
