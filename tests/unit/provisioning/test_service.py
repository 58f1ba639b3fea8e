"""gateway.provisioning.service"""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from gateway.events import (
    CallEnded,
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    LimitsDisturbed,
    Provisioned,
    StandingLimitConfirmed,
)
from gateway.ocpp.calls import Answered, Caller, CallOutcome, Refused, TimedOut, Withheld
from gateway.provisioning.compare import KeyState
from gateway.provisioning.service import AGAIN_S, BOOT_GRACE_S, SETTLE_S, ProvisioningService
from gateway.records.service import RecordService
from gateway.site.depot import BootPolicy
from gateway.storage.documents import SqliteDocuments
from tests.unit.config.files import SMALL
from tests.unit.provisioning.station import Station
from tests.unit.service_bench import BOOT, IDENTITY, Bench, accepted, play

CONFIRMED = StandingLimitConfirmed(IDENTITY)
DONE = Provisioned(IDENTITY)
ABB = b'{"chargePointModel":"CDT_TACW11::NET_WIFI","chargePointVendor":"ABB"}'
WISHES = SMALL + '[configuration]\nConnectionTimeOut = 45\n"Vendor.Key" = "on"\n'
UNMETERED = "\n[ocpp]\nmeter_values_interval_s = 0\n"


class Visit:
    """One charge point that answers, and what it was told."""

    def __init__(self, site_text: str = SMALL) -> None:
        self.bench = Bench(site_text)
        self.bench.listen(StandingLimitConfirmed, Provisioned)
        self.station = Station(self.bench)
        self.station.keys = {"MeterValueSampleInterval": "60", "MeterValuesSampledData": "Voltage"}
        self.records = RecordService(
            self.bench.site,
            self.bench.bus,
            self.bench.clock,
            SqliteDocuments(self.bench.database),
        )
        self.service = ProvisioningService(
            self.bench.site, self.bench.bus, self.station, self.records
        )

    def connects(self, boot: bytes | None = BOOT) -> None:
        self.bench.bus.publish(ChargePointConnected(IDENTITY))
        if boot is not None:
            self.boots(boot)

    def boots(self, boot: bytes = BOOT) -> None:
        self.bench.bus.publish(ChargePointBooted(IDENTITY, boot))

    def ended(self, action: str, outcome: CallOutcome, caller: Caller) -> None:
        now = self.bench.clock.now().utc
        self.bench.bus.publish(CallEnded(IDENTITY, action, b"{}", outcome, caller, now, now))

    def told(self) -> list[str]:
        return [action for action, _ in self.station.called]


def scene(played: Callable[[Visit], Awaitable[None]], site_text: str = SMALL) -> None:
    async def main() -> None:
        visit = Visit(site_text)
        try:
            await played(visit)
        finally:
            await visit.service.close()
            await visit.records.close()

    play(main)


def test_the_fail_safe_profile_comes_first_and_then_what_differs() -> None:
    async def played(visit: Visit) -> None:
        visit.connects()
        await asyncio.sleep(SETTLE_S - 0.1)
        assert visit.told() == []
        await asyncio.sleep(1)
        assert visit.told() == [
            "SetChargingProfile",
            "GetConfiguration",
            "ChangeConfiguration",
            "ChangeConfiguration",
        ]
        profile = visit.station.called[0][1]["csChargingProfiles"]
        assert profile["chargingProfilePurpose"] == "TxDefaultProfile"
        assert profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 6.0
        assert visit.station.asked() == [None]
        assert visit.bench.heard == [CONFIRMED, DONE]

    scene(played)


def test_what_is_right_already_is_not_written_to_flash() -> None:
    async def played(visit: Visit) -> None:
        visit.station.keys = {
            "MeterValueSampleInterval": "10",
            "MeterValuesSampledData": (
                "Voltage, Energy.Active.Import.Register,Power.Active.Import,Current.Import"
            ),
        }
        visit.connects()
        await asyncio.sleep(2)
        assert visit.told() == ["SetChargingProfile", "GetConfiguration"]

    scene(played)


def test_what_the_site_wants_is_written_where_it_differs() -> None:
    async def played(visit: Visit) -> None:
        visit.station.keys = {"connectiontimeout": "60", "Vendor.Key": "on", "Other": "1"}
        visit.connects()
        await asyncio.sleep(2)
        assert visit.station.written() == {"connectiontimeout": "45"}

    scene(played, WISHES)


def test_what_the_charge_point_does_not_have_or_let_change_is_left_alone() -> None:
    async def played(visit: Visit) -> None:
        visit.station.keys = {"ConnectionTimeOut": "60"}
        visit.station.readonly = {"ConnectionTimeOut"}
        visit.connects()
        await asyncio.sleep(2)
        assert visit.station.written() == {}
        states = {one.key: one.state for one in visit.service.comparison(IDENTITY)}
        assert states["ConnectionTimeOut"] is KeyState.READONLY
        assert states["Vendor.Key"] is KeyState.UNKNOWN
        assert visit.bench.heard[-1] == DONE

    scene(played, WISHES)


@pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
def test_a_refused_key_is_not_tried_again_before_the_next_boot(status: str) -> None:
    async def played(visit: Visit) -> None:
        visit.station.keys = {"ConnectionTimeOut": "60"}
        visit.station.statuses = {"ConnectionTimeOut": status}
        visit.station.status = "Pending"
        visit.connects()
        await asyncio.sleep(2)
        visit.boots()
        await asyncio.sleep(2)
        assert visit.told().count("ChangeConfiguration") == 1
        assert visit.service.comparison(IDENTITY)[-2].state is KeyState.REFUSED
        visit.connects()
        await asyncio.sleep(2)
        assert visit.told().count("ChangeConfiguration") == 2

    scene(played, WISHES)


def test_a_key_that_waits_for_a_reboot_is_noted_and_nothing_is_reset() -> None:
    async def played(visit: Visit) -> None:
        visit.station.keys = {"ConnectionTimeOut": "60"}
        visit.station.statuses = {"ConnectionTimeOut": "RebootRequired"}
        visit.connects()
        await asyncio.sleep(2)
        compared = visit.service.comparison(IDENTITY)[-2]
        assert (compared.key, compared.state) == ("ConnectionTimeOut", KeyState.SAME)
        assert compared.reboot_required
        assert "Reset" not in visit.told()

    scene(played, WISHES)


def test_a_model_that_restarts_over_a_key_is_not_asked_for_it_but_is_told() -> None:
    async def played(visit: Visit) -> None:
        visit.connects(ABB)
        await asyncio.sleep(2)
        asked = visit.station.asked()
        assert None not in asked
        assert "MeterValuesSampledData" not in {key for keys in asked for key in keys}
        assert set(visit.station.written()) == {
            "MeterValueSampleInterval",
            "MeterValuesSampledData",
        }
        visit.connects(ABB)
        await asyncio.sleep(2)
        assert visit.told().count("ChangeConfiguration") == 2

    scene(played)


@pytest.mark.parametrize("outcome", [TimedOut(30.0), Refused("NotSupported", "")])
def test_one_that_cannot_tell_everything_is_asked_by_name_and_then_key_by_key(
    outcome: CallOutcome,
) -> None:
    async def played(visit: Visit) -> None:
        visit.station.answers["GetConfiguration"] = outcome
        visit.connects()
        await asyncio.sleep(2)
        asked = visit.station.asked()
        assert asked[0] is None
        assert ["MeterValueSampleInterval"] in asked
        assert max(len(keys) for keys in asked[1:]) == 4
        assert visit.station.written() == {}
        assert visit.bench.heard == [CONFIRMED, DONE]

    scene(played)


def test_one_that_never_said_what_it_is_is_asked_after_a_while() -> None:
    async def played(visit: Visit) -> None:
        visit.station.status = None
        visit.connects(boot=None)
        await asyncio.sleep(BOOT_GRACE_S + 1)
        assert visit.told()[:2] == ["TriggerMessage", "SetChargingProfile"]

    scene(played)


@pytest.mark.parametrize(
    ("status", "policy", "triggered"),
    [
        ("Accepted", BootPolicy.ACCEPT, False),
        ("Pending", BootPolicy.ACCEPT, True),
        ("Pending", BootPolicy.PENDING, False),
        ("Pending", BootPolicy.PREPARE, False),
        (None, BootPolicy.ACCEPT, False),
    ],
)
def test_one_that_is_known_boots_only_when_that_gets_it_accepted(
    status: str | None, policy: BootPolicy, *, triggered: bool
) -> None:
    async def played(visit: Visit) -> None:
        visit.service.know({IDENTITY: BOOT})
        visit.station.status, visit.station.policy = status, policy
        visit.connects(boot=None)
        await asyncio.sleep(BOOT_GRACE_S + 1)
        assert (visit.told()[0] == "TriggerMessage") is triggered

    scene(played)


def test_a_refused_profile_is_tried_again_and_not_taken_for_granted() -> None:
    async def played(visit: Visit) -> None:
        refused = Answered(b'{"status":"Rejected"}')
        for outcome in (refused, Refused("NotSupported", ""), TimedOut(30.0)):
            visit.station.answers["SetChargingProfile"] = outcome
            visit.connects()
            await asyncio.sleep(AGAIN_S - 1)
            assert CONFIRMED not in visit.bench.heard
        visit.station.answers["SetChargingProfile"] = accepted()
        await asyncio.sleep(2)
        assert visit.bench.heard == [DONE, DONE, DONE, CONFIRMED]

    scene(played)


def test_a_second_boot_is_provisioned_anew() -> None:
    async def played(visit: Visit) -> None:
        visit.connects()
        await asyncio.sleep(2)
        visit.boots()
        await asyncio.sleep(2)
        assert visit.told().count("SetChargingProfile") == 2

    scene(played)


def test_one_that_waits_to_be_accepted_is_provisioned_once() -> None:
    async def played(visit: Visit) -> None:
        visit.station.status = "Pending"
        visit.connects()
        await asyncio.sleep(2)
        visit.boots()
        await asyncio.sleep(2)
        visit.station.status = "Accepted"
        visit.boots()
        await asyncio.sleep(2)
        assert visit.told().count("SetChargingProfile") == 1
        visit.boots()
        await asyncio.sleep(2)
        assert visit.told().count("SetChargingProfile") == 2

    scene(played)


def test_a_boot_that_is_repeated_half_way_does_not_begin_everything_again() -> None:
    async def played(visit: Visit) -> None:
        visit.station.status = "Pending"
        visit.station.answers["SetChargingProfile"] = Answered(b'{"status":"Rejected"}')
        visit.connects()
        for _ in range(4):
            await asyncio.sleep(AGAIN_S / 2)
            visit.boots()
        await asyncio.sleep(2)
        assert visit.told().count("SetChargingProfile") == 3

    scene(played)


def test_one_that_is_rejected_is_sent_nothing_more_until_it_is_accepted() -> None:
    async def played(visit: Visit) -> None:
        visit.station.status = "Rejected"
        visit.station.answers["SetChargingProfile"] = Withheld("rejected")
        visit.connects()
        await asyncio.sleep(3 * AGAIN_S)
        assert visit.told() == ["SetChargingProfile"]
        assert visit.bench.heard == []
        del visit.station.answers["SetChargingProfile"]
        visit.station.status = "Accepted"
        visit.boots()
        await asyncio.sleep(2)
        assert visit.bench.heard == [CONFIRMED, DONE]

    scene(played)


def test_one_that_left_is_left_alone() -> None:
    async def played(visit: Visit) -> None:
        visit.connects()
        visit.bench.bus.publish(ChargePointDisconnected(IDENTITY))
        await asyncio.sleep(60)
        assert visit.told() == []

    scene(played)


@pytest.mark.parametrize(
    "site_text",
    [SMALL + "\n[ocpp]\nquiet = true\n", SMALL + "quiet = true\n"],
)
def test_in_quiet_mode_nothing_is_sent_that_nobody_asked_for(site_text: str) -> None:
    async def played(visit: Visit) -> None:
        visit.connects()
        await asyncio.sleep(60)
        assert visit.told() == []
        assert visit.bench.heard == []

    scene(played, site_text)


def test_one_charge_point_may_be_provisioned_in_a_quiet_site() -> None:
    async def played(visit: Visit) -> None:
        visit.connects()
        await asyncio.sleep(2)
        assert visit.bench.heard == [CONFIRMED, DONE]

    scene(played, SMALL + "quiet = false\n[ocpp]\nquiet = true\n")


def test_an_interval_of_0_leaves_the_configuration_alone() -> None:
    async def played(visit: Visit) -> None:
        visit.connects()
        await asyncio.sleep(5)
        assert visit.told() == ["SetChargingProfile", "GetConfiguration"]
        assert json.loads(visit.records.document(IDENTITY, "configuration") or b"")["keys"]

    scene(played, SMALL + UNMETERED)


@pytest.mark.parametrize("action", ["SetChargingProfile", "ClearChargingProfile"])
@pytest.mark.parametrize("outcome", [accepted(), TimedOut(30.0)])
def test_what_a_person_may_have_replaced_goes_in_again(action: str, outcome: CallOutcome) -> None:
    async def played(visit: Visit) -> None:
        visit.bench.listen(LimitsDisturbed)
        visit.connects()
        await asyncio.sleep(5)
        before = len(visit.told())
        visit.bench.heard.clear()
        visit.ended(action, outcome, Caller.OPERATOR)
        await asyncio.sleep(1)
        assert visit.told()[before:] == ["SetChargingProfile"]
        assert visit.bench.heard == [LimitsDisturbed(IDENTITY), CONFIRMED]

    scene(played)


def test_our_own_profiles_and_those_that_were_refused_disturb_nothing() -> None:
    async def played(visit: Visit) -> None:
        visit.bench.listen(LimitsDisturbed)
        visit.connects()
        await asyncio.sleep(5)
        visit.bench.heard.clear()
        visit.ended("SetChargingProfile", accepted(), Caller.GATEWAY)
        visit.ended("SetChargingProfile", Refused("NotSupported", ""), Caller.OPERATOR)
        visit.ended("Reset", accepted(), Caller.OPERATOR)
        assert visit.bench.heard == []

    scene(played)


def test_in_quiet_mode_a_person_s_profiles_are_known_of_and_left_alone() -> None:
    async def played(visit: Visit) -> None:
        visit.bench.listen(LimitsDisturbed)
        visit.connects()
        visit.ended("ClearChargingProfile", accepted(), Caller.OPERATOR)
        await asyncio.sleep(5)
        assert visit.bench.heard == [LimitsDisturbed(IDENTITY)]
        assert visit.told() == []

    scene(played, SMALL + "\n[ocpp]\nquiet = true\n")
