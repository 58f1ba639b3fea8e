"""gateway.charge_points.acceptance"""

from dataclasses import replace

import pytest

from gateway.charge_points.acceptance import TRIGGERED_FOR_S, Acceptance
from gateway.site.depot import BootPolicy, Site
from tests.unit.config.files import SMALL, site_of

CP = "CP-01"
TRIGGER = b'{"requestedMessage":"StatusNotification","connectorId":1}'


def site(policy: BootPolicy = BootPolicy.ACCEPT, *, strict: bool = False) -> Site:
    found = site_of(SMALL)
    return replace(found, ocpp=replace(found.ocpp, boot=policy, strict=strict))


def test_each_policy_has_its_status() -> None:
    told = {policy: Acceptance(site(policy)).boot(CP) for policy in BootPolicy}
    assert told == {
        BootPolicy.ACCEPT: "Accepted",
        BootPolicy.PREPARE: "Pending",
        BootPolicy.PENDING: "Pending",
        BootPolicy.REJECT: "Rejected",
    }


def test_a_charge_point_s_own_policy_goes_before_the_site_s_and_a_person_s_before_both() -> None:
    found = site(BootPolicy.PENDING)
    own = replace(found.charge_points[CP], boot=BootPolicy.REJECT)
    acceptance = Acceptance(replace(found, charge_points={CP: own}))
    assert acceptance.boot(CP) == "Rejected"
    acceptance.decide(CP, BootPolicy.ACCEPT)
    assert acceptance.policy(CP) is BootPolicy.ACCEPT
    assert acceptance.boot(CP) == "Accepted"
    acceptance.decide(CP, None)
    assert acceptance.boot(CP) == "Rejected"


def test_what_was_kept_is_taken_up_again() -> None:
    before = Acceptance(site(BootPolicy.PENDING))
    before.boot(CP)
    before.decide(CP, BootPolicy.REJECT)
    after = Acceptance(site(BootPolicy.PENDING))
    assert after.take_up({CP: before.document(CP)}, [CP]) == []
    assert (after.registration(CP), after.policy(CP)) == ("Pending", BootPolicy.REJECT)
    assert after.decided(CP) is BootPolicy.REJECT


def test_whoever_booted_before_there_were_documents_was_accepted() -> None:
    acceptance = Acceptance(site(BootPolicy.REJECT))
    assert acceptance.take_up({}, [CP]) == []
    assert acceptance.registration(CP) == "Accepted"
    assert acceptance.refusal(CP, "Heartbeat", 0.0) is None


@pytest.mark.parametrize("document", [b"", b"\xff", b'{"decided":"maybe"}', b"[]"])
def test_a_document_that_cannot_be_read_is_named(document: bytes) -> None:
    assert Acceptance(site()).take_up({CP: document}, []) == [CP]


def test_one_that_waits_is_answered_nothing_but_its_boot() -> None:
    acceptance = Acceptance(site(BootPolicy.PENDING))
    acceptance.boot(CP)
    assert "Pending" in (acceptance.refusal(CP, "StartTransaction", 0.0) or "")
    assert acceptance.refusal(CP, "BootNotification", 0.0) is None


def test_accepted_stays_so_until_the_next_boot() -> None:
    acceptance = Acceptance(site())
    acceptance.boot(CP)
    acceptance.decide(CP, BootPolicy.REJECT)
    acceptance.connected(CP)
    assert acceptance.refusal(CP, "Heartbeat", 0.0) is None
    assert acceptance.withheld(CP, "Reset") is None
    assert acceptance.boot(CP) == "Rejected"
    assert acceptance.refusal(CP, "Heartbeat", 0.0) is not None


def test_a_message_that_was_triggered_is_answered_for_a_while() -> None:
    acceptance = Acceptance(site(BootPolicy.PENDING))
    acceptance.boot(CP)
    acceptance.triggering(CP, "TriggerMessage", TRIGGER, 10.0)
    assert acceptance.refusal(CP, "StatusNotification", 10.0 + TRIGGERED_FOR_S) is None
    assert acceptance.refusal(CP, "Heartbeat", 10.0) is not None
    assert acceptance.refusal(CP, "StatusNotification", 10.1 + TRIGGERED_FOR_S) is not None
    acceptance.triggering(CP, "TriggerMessage", TRIGGER, 100.0)
    acceptance.not_triggered(CP, "TriggerMessage", TRIGGER)
    assert acceptance.refusal(CP, "StatusNotification", 100.0) is not None


@pytest.mark.parametrize(
    ("requested", "action"),
    [
        ("SignChargePointCertificate", "SignCertificate"),
        ("FirmwareStatusNotification", "SignedFirmwareStatusNotification"),
        ("LogStatusNotification", "LogStatusNotification"),
    ],
)
def test_the_extended_trigger_brings_messages_of_the_security_extension(
    requested: str, action: str
) -> None:
    acceptance = Acceptance(site(BootPolicy.PENDING))
    acceptance.boot(CP)
    payload = f'{{"requestedMessage":"{requested}"}}'.encode()
    acceptance.triggering(CP, "ExtendedTriggerMessage", payload, 1.0)
    assert acceptance.refusal(CP, action, 1.0) is None


def test_other_calls_trigger_nothing() -> None:
    acceptance = Acceptance(site(BootPolicy.PENDING))
    acceptance.boot(CP)
    acceptance.triggering(CP, "Reset", TRIGGER, 1.0)
    acceptance.triggering(CP, "TriggerMessage", b"nothing", 1.0)
    assert acceptance.refusal(CP, "StatusNotification", 1.0) is not None


@pytest.mark.parametrize(
    ("policy", "strict", "served", "stoppable"),
    [
        (BootPolicy.ACCEPT, False, True, True),
        (BootPolicy.ACCEPT, True, False, False),
        (BootPolicy.PREPARE, False, False, False),
        (BootPolicy.PENDING, False, False, False),
        (BootPolicy.REJECT, False, False, False),
    ],
)
def test_before_its_first_boot_only_the_tolerant_and_accepting_serve_it(
    policy: BootPolicy, *, strict: bool, served: bool, stoppable: bool
) -> None:
    acceptance = Acceptance(site(policy, strict=strict))
    assert (acceptance.refusal(CP, "Heartbeat", 0.0) is None) is served
    assert (acceptance.withheld(CP, "RemoteStopTransaction") is None) is stoppable
    assert (acceptance.withheld(CP, "GetConfiguration") is None) is (
        policy is not BootPolicy.REJECT
    )


def test_a_rejected_one_is_sent_nothing_and_a_pending_one_no_remote_start() -> None:
    acceptance = Acceptance(site(BootPolicy.PENDING))
    acceptance.boot(CP)
    assert "RemoteStartTransaction" in (acceptance.withheld(CP, "RemoteStartTransaction") or "")
    assert acceptance.withheld(CP, "TriggerMessage") is None
    acceptance.decide(CP, BootPolicy.REJECT)
    acceptance.boot(CP)
    assert "rejected" in (acceptance.withheld(CP, "TriggerMessage") or "")


def test_a_boot_is_wanted_only_where_it_helps_and_is_allowed() -> None:
    acceptance = Acceptance(site(BootPolicy.PENDING))
    assert not acceptance.wants_boot(CP)
    acceptance.boot(CP)
    acceptance.decide(CP, BootPolicy.ACCEPT)
    assert acceptance.wants_boot(CP)
    acceptance.boot(CP)
    assert not acceptance.wants_boot(CP)
    acceptance.decide(CP, BootPolicy.REJECT)
    acceptance.boot(CP)
    acceptance.decide(CP, BootPolicy.ACCEPT)
    assert not acceptance.wants_boot(CP)


def test_preparing_takes_the_limit_and_the_configuration_in_this_connection() -> None:
    acceptance = Acceptance(site(BootPolicy.PREPARE))
    acceptance.boot(CP)
    acceptance.confirmed_limit(CP)
    assert acceptance.boot(CP) == "Pending"
    acceptance.connected(CP)
    acceptance.was_configured(CP)
    assert not acceptance.wants_boot(CP)
    acceptance.confirmed_limit(CP)
    assert acceptance.wants_boot(CP)
    assert acceptance.boot(CP) == "Accepted"


def test_the_boot_after_the_accepted_one_is_a_new_life_to_prepare() -> None:
    acceptance = Acceptance(site(BootPolicy.PREPARE))
    for prepared in (acceptance.confirmed_limit, acceptance.was_configured):
        prepared(CP)
    assert acceptance.boot(CP) == "Accepted"
    assert acceptance.boot(CP) == "Pending"


def test_in_quiet_mode_there_is_nothing_to_prepare() -> None:
    found = site(BootPolicy.PREPARE)
    quiet = replace(found.charge_points[CP], quiet=True)
    assert Acceptance(replace(found, charge_points={CP: quiet})).boot(CP) == "Accepted"
