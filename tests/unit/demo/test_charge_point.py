"""The simulated charge point keeps to OCPP 1.6, so that what is proved with it means something."""

import asyncio

import pytest

from gateway.demo.behaviour import Behaviour, ProfileAnswer
from gateway.site.electrical import PhaseCurrents
from tests.unit.demo.central_system import CentralSystem, car


def test_it_boots_reports_every_connector_and_beats() -> None:
    central = CentralSystem()

    async def story() -> None:
        await asyncio.sleep(125)
        assert [action for action, _ in central.heard] == [
            "BootNotification",
            *3 * ["StatusNotification"],
            *2 * ["Heartbeat"],
        ]
        reports = central.said("StatusNotification")
        assert [report["connectorId"] for report in reports] == [0, 1, 2]

    central.play(story())


def test_it_asks_again_while_its_boot_is_pending() -> None:
    central = CentralSystem()
    central.boot_status = "Pending"

    async def story() -> None:
        await asyncio.sleep(50)
        assert central.statuses(1) == []
        central.boot_status = "Accepted"
        await asyncio.sleep(60)
        assert central.charge_point.online
        assert len(central.said("BootNotification")) == 2

    central.play(story())


def test_a_transaction_from_plug_to_unplug() -> None:
    central = CentralSystem()

    async def story() -> None:
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(35)
        assert central.draw_a() == pytest.approx(16.0)
        central.charge_point.unplug(1)
        await asyncio.sleep(5)
        assert central.statuses(1)[1:] == ["Preparing", "Charging", "Finishing", "Available"]
        (start,) = central.said("StartTransaction")
        (stop,) = central.said("StopTransaction")
        (truth,) = central.charge_point.started
        assert truth.transaction_id == stop["transactionId"] == 101
        assert (truth.meter_start_wh, truth.meter_stop_wh) == (
            start["meterStart"],
            stop["meterStop"],
        )
        assert stop["meterStop"] > 80
        assert stop["reason"] == "EVDisconnected"
        assert [value["meterValue"][0]["timestamp"] for value in central.said("MeterValues")] == (
            truth.metered
        )
        assert len(truth.metered) == 3

    central.play(story())


def test_meter_values_say_what_flows() -> None:
    central = CentralSystem()

    async def story() -> None:
        central.charge_point.plug_in(1, car(phases=2), "TAG")
        await asyncio.sleep(30)
        values = central.said("MeterValues")[-1]["meterValue"][0]["sampledValue"]
        currents = {v["phase"]: v["value"] for v in values if v["measurand"] == "Current.Import"}
        assert currents == {"L1": "16.0", "L2": "16.0", "L3": "0.0"}
        (power,) = [v["value"] for v in values if v["measurand"] == "Power.Active.Import"]
        assert float(power) == pytest.approx(2 * 230 * 16)

    central.play(story())


def test_phase_rotation_shows_on_the_supply_conductors() -> None:
    central = CentralSystem()

    async def story() -> None:
        central.charge_point.plug_in(1, car(phases=1), "TAG")
        central.charge_point.plug_in(2, car(phases=3), "TAG")
        await asyncio.sleep(30)
        now_s = central.clock.now().monotonic_s
        assert central.charge_point.supply_currents(now_s) == PhaseCurrents(0.0, 16.0, 16.0)

    central.play(story())


def test_a_refused_tag_starts_nothing() -> None:
    central = CentralSystem()
    central.tag_status = "Blocked"

    async def story() -> None:
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(30)
        assert central.charge_point.started == []
        assert central.draw_a() == 0.0

    central.play(story())


def test_a_tag_refused_by_the_start_ends_the_transaction() -> None:
    central = CentralSystem()
    central.start_status = "Invalid"

    async def story() -> None:
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(30)
        assert central.said("StopTransaction")[0]["reason"] == "DeAuthorized"
        assert central.draw_a() == 0.0

    central.play(story())


def test_offline_it_starts_and_reports_everything_later_in_order() -> None:
    central = CentralSystem()

    async def story() -> None:
        central.reachable = False
        central.links[-1].cut()
        await asyncio.sleep(5)
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(45)
        assert central.draw_a() == pytest.approx(16.0)
        central.charge_point.unplug(1)
        assert central.said("StartTransaction") == []
        central.reachable = True
        await asyncio.sleep(60)
        actions = [action for action, _ in central.heard]
        transactions = [a for a in actions if a.endswith("Transaction") or a == "MeterValues"]
        assert transactions == ["StartTransaction", *4 * ["MeterValues"], "StopTransaction"]
        assert central.said("StartTransaction")[0]["timestamp"] < "2026-03-02T06:00:20"
        assert all(value["transactionId"] == 101 for value in central.said("MeterValues"))

    central.play(story())


def test_one_that_may_not_start_offline_waits() -> None:
    central = CentralSystem(Behaviour(accepts_offline=False))

    async def story() -> None:
        central.reachable = False
        central.links[-1].cut()
        await asyncio.sleep(5)
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(45)
        assert central.draw_a() == 0.0

    central.play(story())


def test_a_message_without_an_answer_is_sent_again_with_the_same_content() -> None:
    central = CentralSystem()

    async def story() -> None:
        central.hangs_up_on = "StartTransaction"
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(60)
        first, second = central.said("StartTransaction")
        assert first == second
        assert central.charge_point.started[0].transaction_id == 102

    central.play(story())


def test_a_half_open_link_is_given_up_after_two_silences() -> None:
    central = CentralSystem()

    async def story() -> None:
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(20)
        central.links[-1].half_open()
        await asyncio.sleep(100)
        assert len(central.links) == 2
        assert central.charge_point.online

    central.play(story())


def test_without_a_profile_it_lets_the_vehicle_draw_its_maximum() -> None:
    central = CentralSystem()

    async def story() -> None:
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(30)
        assert central.draw_a() == pytest.approx(16.0)

    central.play(story())


def test_a_lease_expires_by_itself_with_the_gateway_dead() -> None:
    central = CentralSystem()

    async def story() -> None:
        assert await central.set_profile(0, "TxDefaultProfile", 0, 6) == "Accepted"
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(20)
        assert central.draw_a() == pytest.approx(6.0)
        answer = await central.set_profile(
            1, "TxProfile", 0, 14, 120, 8, stackLevel=1, transactionId=101
        )
        assert answer == "Accepted"
        central.reachable = False
        central.links[-1].cut()
        await asyncio.sleep(100)
        assert central.draw_a() == pytest.approx(14.0)
        await asyncio.sleep(30)
        assert central.draw_a() == pytest.approx(8.0)

    central.play(story())


def test_a_tx_profile_needs_its_transaction_and_dies_with_it() -> None:
    central = CentralSystem()

    async def story() -> None:
        assert await central.set_profile(1, "TxProfile", 0, 10) == "Rejected"
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(10)
        assert await central.set_profile(1, "TxProfile", 0, 10, transactionId=7) == "Rejected"
        assert await central.set_profile(1, "TxProfile", 0, 10, transactionId=101) == "Accepted"
        await asyncio.sleep(20)
        assert central.draw_a() == pytest.approx(10.0)
        central.charge_point.unplug(1)
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(30)
        assert central.draw_a() == pytest.approx(16.0)

    central.play(story())


def test_the_charge_point_maximum_is_shared_by_its_connectors() -> None:
    central = CentralSystem()

    async def story() -> None:
        assert await central.set_profile(0, "ChargePointMaxProfile", 0, 20) == "Accepted"
        for connector_id in (1, 2):
            central.charge_point.plug_in(connector_id, car(), "TAG")
        await asyncio.sleep(30)
        assert central.draw_a(1) == pytest.approx(10.0)
        assert central.draw_a(2) == pytest.approx(10.0)
        central.charge_point.unplug(2)
        await asyncio.sleep(30)
        assert central.draw_a(1) == pytest.approx(16.0)

    central.play(story())


def test_profiles_outlive_a_power_cut_and_the_transaction_does_not() -> None:
    central = CentralSystem()

    async def story() -> None:
        await central.set_profile(0, "TxDefaultProfile", 0, 7)
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(20)
        central.charge_point.reboot(off_s=30)
        assert central.draw_a() == 0.0
        await asyncio.sleep(60)
        assert len(central.said("BootNotification")) == 2
        (stop,) = central.said("StopTransaction")
        assert stop["reason"] == "PowerLoss"
        assert stop["timestamp"] < "2026-03-02T06:00:26"
        central.charge_point.present_tag(1, "TAG")
        await asyncio.sleep(20)
        assert central.draw_a() == pytest.approx(7.0)

    central.play(story())


def test_one_that_keeps_its_transaction_goes_on_after_the_power_cut() -> None:
    central = CentralSystem(Behaviour(keeps_transactions=True))

    async def story() -> None:
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(20)
        central.charge_point.reboot(off_s=30)
        await asyncio.sleep(60)
        assert central.draw_a() == pytest.approx(16.0)
        assert central.said("StopTransaction") == []

    central.play(story())


@pytest.mark.parametrize(("kind", "reason"), [("Soft", "SoftReset"), ("Hard", "HardReset")])
def test_a_reset_ends_the_transaction_and_boots_again(kind: str, reason: str) -> None:
    central = CentralSystem()

    async def story() -> None:
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(20)
        assert await central.call("Reset", {"type": kind}) == {"status": "Accepted"}
        await asyncio.sleep(30)
        assert [stop["reason"] for stop in central.said("StopTransaction")] == [reason]
        assert len(central.said("BootNotification")) == 2

    central.play(story())


def test_remote_stop_and_remote_start() -> None:
    central = CentralSystem()

    async def story() -> None:
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(10)
        refused = await central.call("RemoteStopTransaction", {"transactionId": 5})
        assert refused == {"status": "Rejected"}
        await central.call("RemoteStopTransaction", {"transactionId": 101})
        await asyncio.sleep(5)
        assert central.said("StopTransaction")[0]["reason"] == "Remote"
        request = {"connectorId": 1, "idTag": "REMOTE"}
        assert await central.call("RemoteStartTransaction", request) == {"status": "Accepted"}
        await asyncio.sleep(5)
        assert central.said("StartTransaction")[-1]["idTag"] == "REMOTE"
        assert await central.call("RemoteStartTransaction", request) == {"status": "Rejected"}

    central.play(story())


def test_a_remote_start_waits_for_the_vehicle() -> None:
    central = CentralSystem()

    async def story() -> None:
        request = {"connectorId": 2, "idTag": "REMOTE"}
        assert await central.call("RemoteStartTransaction", request) == {"status": "Accepted"}
        central.charge_point.plug_in(2, car())
        await asyncio.sleep(5)
        assert central.said("StartTransaction")[0]["idTag"] == "REMOTE"

    central.play(story())


def test_it_obeys_a_new_meter_interval_and_protects_what_is_read_only() -> None:
    central = CentralSystem()

    async def story() -> None:
        change = {"key": "MeterValueSampleInterval", "value": "30"}
        assert await central.call("ChangeConfiguration", change) == {"status": "Accepted"}
        fixed = {"key": "NumberOfConnectors", "value": "3"}
        assert await central.call("ChangeConfiguration", fixed) == {"status": "Rejected"}
        await asyncio.sleep(10)
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(95)
        assert len(central.said("MeterValues")) == 3
        found = await central.call("GetConfiguration", {"key": ["NumberOfConnectors", "Odd"]})
        assert found["configurationKey"] == [
            {"key": "NumberOfConnectors", "readonly": True, "value": "2"}
        ]
        assert found["unknownKey"] == ["Odd"]

    central.play(story())


def test_an_inoperative_connector_starts_nothing() -> None:
    central = CentralSystem()

    async def story() -> None:
        request = {"connectorId": 1, "type": "Inoperative"}
        assert await central.call("ChangeAvailability", request) == {"status": "Accepted"}
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(20)
        assert central.charge_point.started == []
        assert "Unavailable" in central.statuses(1)

    central.play(story())


def test_triggers_and_the_other_commands_have_their_answers() -> None:
    central = CentralSystem()

    async def story() -> None:
        answers = [
            await central.call("TriggerMessage", {"requestedMessage": message})
            for message in ("Heartbeat", "StatusNotification", "BootNotification")
        ]
        assert [answer["status"] for answer in answers] == ["Accepted", "Accepted", "Rejected"]
        assert await central.call("ClearCache", {}) == {"status": "Accepted"}
        assert await central.call("UnlockConnector", {"connectorId": 1}) == {"status": "Unlocked"}
        assert await central.call("DataTransfer", {"vendorId": "x"}) == {
            "status": "UnknownVendorId"
        }
        await asyncio.sleep(5)
        assert len(central.said("Heartbeat")) == 1
        assert len(central.said("StatusNotification")) == 6

    central.play(story())


def test_the_composite_schedule_shows_the_lease() -> None:
    central = CentralSystem()

    async def story() -> None:
        await central.set_profile(0, "TxDefaultProfile", 0, 6)
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(5)
        await central.set_profile(1, "TxProfile", 0, 14, 120, 8, stackLevel=1)
        answer = await central.call("GetCompositeSchedule", {"connectorId": 1, "duration": 300})
        assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [
            {"startPeriod": 0, "limit": 14},
            {"startPeriod": 120, "limit": 8},
        ]
        unknown = await central.call("GetCompositeSchedule", {"connectorId": 9, "duration": 300})
        assert unknown == {"status": "Rejected"}
        cleared = await central.call("ClearChargingProfile", {"stackLevel": 1})
        assert cleared == {"status": "Accepted"}
        await asyncio.sleep(10)
        assert central.draw_a() == pytest.approx(6.0)

    central.play(story())


@pytest.mark.parametrize(
    ("habit", "limit_a"),
    [(ProfileAnswer.REJECTED, 16.0), (ProfileAnswer.FORGOTTEN, 16.0), (ProfileAnswer.LATE, 8.0)],
)
def test_seeded_faults_with_profiles(habit: ProfileAnswer, limit_a: float) -> None:
    central = CentralSystem()

    async def story() -> None:
        central.charge_point.behaviour.profile_answer = habit
        answer = await central.set_profile(0, "TxDefaultProfile", 0, 8)
        assert answer == ("Rejected" if habit is ProfileAnswer.REJECTED else "Accepted")
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(20)
        assert central.draw_a() == pytest.approx(limit_a)
        assert len(central.charge_point.received_profiles) == 1

    central.play(story())


def test_one_that_ignores_limits_comes_back_to_them() -> None:
    central = CentralSystem()

    async def story() -> None:
        await central.set_profile(0, "TxDefaultProfile", 0, 8)
        central.charge_point.plug_in(1, car(), "TAG")
        central.charge_point.ignore_limits(ignores=True)
        await asyncio.sleep(20)
        assert central.draw_a() == pytest.approx(16.0)
        central.charge_point.ignore_limits(ignores=False)
        await asyncio.sleep(20)
        assert central.draw_a() == pytest.approx(8.0)

    central.play(story())


def test_one_that_repeats_its_start_sends_the_same_twice() -> None:
    central = CentralSystem(Behaviour(repeats_start=True))

    async def story() -> None:
        central.charge_point.plug_in(1, car(), "TAG")
        await asyncio.sleep(20)
        first, second = central.said("StartTransaction")
        assert first == second
        assert len(central.charge_point.started) == 1

    central.play(story())
