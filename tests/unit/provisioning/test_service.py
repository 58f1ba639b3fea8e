"""gateway.provisioning.service"""

import asyncio
import json
from collections.abc import Awaitable, Callable

from gateway.events import (
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    StandingLimitConfirmed,
)
from gateway.ocpp.calls import Answered, Refused, TimedOut
from gateway.provisioning.service import AGAIN_S, BOOT_GRACE_S, SETTLE_S, ProvisioningService
from tests.unit.config.files import SMALL
from tests.unit.service_bench import BOOT, IDENTITY, Bench, FakeChargePoint, accepted, play

CONFIRMED = StandingLimitConfirmed(IDENTITY)


class Visit:
    """One charge point that answers, and what it was told."""

    def __init__(self, site_text: str = SMALL) -> None:
        self.bench = Bench(site_text)
        self.bench.listen(StandingLimitConfirmed)
        self.charge_point = FakeChargePoint()
        self.charge_point.outcome = accepted()
        self.configured({"MeterValueSampleInterval": "60", "MeterValuesSampledData": "Voltage"})
        self.service = ProvisioningService(self.bench.site, self.bench.bus, self.charge_point)

    def configured(self, keys: dict[str, str]) -> None:
        entries = [{"key": key, "readonly": False, "value": keys[key]} for key in keys]
        answer = json.dumps({"configurationKey": entries}).encode()
        self.charge_point.answers["GetConfiguration"] = Answered(answer)

    def connects(self, *, boots: bool = True) -> None:
        self.bench.bus.publish(ChargePointConnected(IDENTITY))
        if boots:
            self.bench.bus.publish(ChargePointBooted(IDENTITY, BOOT))

    def told(self) -> list[str]:
        return [action for action, _ in self.charge_point.called]


def scene(played: Callable[[Visit], Awaitable[None]], site_text: str = SMALL) -> None:
    async def main() -> None:
        visit = Visit(site_text)
        try:
            await played(visit)
        finally:
            await visit.service.close()

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
        profile = visit.charge_point.called[0][1]["csChargingProfiles"]
        assert profile["chargingProfilePurpose"] == "TxDefaultProfile"
        assert profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 6.0
        assert visit.bench.heard == [CONFIRMED]

    scene(played)


def test_what_is_right_already_is_not_written_to_flash() -> None:
    async def played(visit: Visit) -> None:
        sampled = "Voltage, Energy.Active.Import.Register,Power.Active.Import,Current.Import"
        visit.configured({"MeterValueSampleInterval": "10", "MeterValuesSampledData": sampled})
        visit.connects()
        await asyncio.sleep(2)
        assert visit.told() == ["SetChargingProfile", "GetConfiguration"]

    scene(played)


def test_one_that_never_said_what_it_is_is_asked_after_a_while() -> None:
    async def played(visit: Visit) -> None:
        visit.connects(boots=False)
        await asyncio.sleep(BOOT_GRACE_S + 1)
        assert visit.told()[:2] == ["TriggerMessage", "SetChargingProfile"]

    scene(played)


def test_one_that_is_known_need_not_boot() -> None:
    async def played(visit: Visit) -> None:
        visit.service.know({IDENTITY})
        visit.connects(boots=False)
        await asyncio.sleep(BOOT_GRACE_S + 1)
        assert visit.told()[0] == "SetChargingProfile"

    scene(played)


def test_a_refused_profile_is_tried_again_and_not_taken_for_granted() -> None:
    async def played(visit: Visit) -> None:
        refused = Answered(b'{"status":"Rejected"}')
        for outcome in (refused, Refused("NotSupported", ""), TimedOut(30.0)):
            visit.charge_point.answers["SetChargingProfile"] = outcome
            visit.connects()
            await asyncio.sleep(AGAIN_S - 1)
            assert visit.bench.heard == []
        visit.charge_point.answers["SetChargingProfile"] = accepted()
        await asyncio.sleep(2)
        assert visit.bench.heard == [CONFIRMED]

    scene(played)


def test_a_second_boot_is_provisioned_anew() -> None:
    async def played(visit: Visit) -> None:
        visit.connects()
        await asyncio.sleep(2)
        visit.bench.bus.publish(ChargePointBooted(IDENTITY, BOOT))
        await asyncio.sleep(2)
        assert visit.told().count("SetChargingProfile") == 2

    scene(played)


def test_one_that_left_is_left_alone() -> None:
    async def played(visit: Visit) -> None:
        visit.connects()
        visit.bench.bus.publish(ChargePointDisconnected(IDENTITY))
        await asyncio.sleep(60)
        assert visit.told() == []

    scene(played)


def test_in_quiet_mode_nothing_is_sent_that_nobody_asked_for() -> None:
    async def played(visit: Visit) -> None:
        visit.connects()
        await asyncio.sleep(60)
        assert visit.told() == []

    scene(played, SMALL + "\n[ocpp]\nquiet = true\n")


def test_an_interval_of_0_leaves_the_configuration_alone() -> None:
    async def played(visit: Visit) -> None:
        visit.connects()
        await asyncio.sleep(5)
        assert visit.told() == ["SetChargingProfile"]

    scene(played, SMALL + "\n[ocpp]\nmeter_values_interval_s = 0\n")
