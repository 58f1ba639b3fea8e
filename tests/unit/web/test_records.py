"""Records over HTTP, and who may take part."""

import asyncio
import json
from collections.abc import Iterator, Sequence

import pytest

from gateway.provisioning.compare import Comparison, KeyState
from gateway.provisioning.desired import Source
from gateway.records.configuration import Configuration
from gateway.records.kinds import KINDS
from gateway.records.local_list import LocalList
from gateway.site.depot import BootPolicy
from gateway.web.records import RecordPages
from tests.unit.web.yard import Yard, make_site, yard

CP = "/api/v1/charge-points/CP-01"


class FakeRecords:
    """Every kind has a record that names itself."""

    def configuration(self, identity: str) -> Configuration:
        return Configuration()

    def local_list(self, identity: str) -> LocalList:
        return LocalList()

    def document(self, identity: str, kind: str) -> bytes | None:
        return json.dumps({"of": identity, "kind": kind}).encode() if kind in KINDS else None


class FakeDesired:
    """One key that differs."""

    def comparison(self, identity: str) -> Sequence[Comparison]:
        return [Comparison("K", "1", "2", Source.SITE, KeyState.DIFFERS)]


class FakeAcceptance:
    """Keeps the decisions."""

    def __init__(self) -> None:
        self.decided: list[tuple[str, BootPolicy | None]] = []

    def registration(self, identity: str) -> str | None:
        return "Pending"

    def boot_policy(self, identity: str) -> BootPolicy:
        return (self.decided[-1][1] if self.decided else None) or BootPolicy.ACCEPT

    async def decide_boot(self, identity: str, policy: BootPolicy | None) -> None:
        await asyncio.sleep(0)
        self.decided.append((identity, policy))


@pytest.fixture
def acceptance() -> FakeAcceptance:
    return FakeAcceptance()


@pytest.fixture
def gate(acceptance: FakeAcceptance) -> Iterator[Yard]:
    pages = RecordPages(make_site().charge_points, FakeRecords(), acceptance, FakeDesired())
    with yard(resources=[pages]) as opened:
        yield opened


def test_all_records_of_a_charge_point_come_at_once(gate: Yard) -> None:
    records = gate.request("GET", f"{CP}/records").document
    assert sorted(records) == sorted([*KINDS, "boot"])
    assert records["reservations"] == {"of": "CP-01", "kind": "reservations"}


def test_one_record_comes_alone(gate: Yard) -> None:
    assert gate.request("GET", f"{CP}/records/calls").document["kind"] == "calls"
    boot = gate.request("GET", f"{CP}/records/boot").document
    assert boot == {"policy": "accept", "registration": "Pending"}


def test_desired_configuration_stands_beside_the_actual_one(gate: Yard) -> None:
    (key,) = gate.request("GET", f"{CP}/desired-configuration").document
    assert (key["key"], key["wanted"], key["actual"], key["state"]) == ("K", "1", "2", "differs")


@pytest.mark.parametrize(
    "path", ["/desired-configuration", "/records", "/records/calls", "/records/boot"]
)
def test_a_charge_point_that_the_site_does_not_know_has_none(gate: Yard, path: str) -> None:
    reply = gate.request("GET", f"/api/v1/charge-points/CP-99{path}")
    assert (reply.status, reply.document["type"]) == (
        404,
        "urn:depot-gateway:problem:unknown-charge-point",
    )


def test_an_unknown_record_names_those_that_there_are(gate: Yard) -> None:
    reply = gate.request("GET", f"{CP}/records/nonsense")
    assert reply.status == 404
    assert "reservations" in reply.document["detail"]


@pytest.mark.parametrize("policy", [*(policy.value for policy in BootPolicy), None])
def test_a_person_decides_who_takes_part(
    gate: Yard, acceptance: FakeAcceptance, policy: str | None
) -> None:
    reply = gate.request("PUT", f"{CP}/boot-policy", json.dumps({"policy": policy}).encode())
    assert (reply.status, reply.document["policy"]) == (200, policy or "accept")
    assert acceptance.decided == [("CP-01", BootPolicy(policy) if policy else None)]


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"policy":"maybe"}', b'{"policy":["accept"]}', b"x"]
)
def test_a_decision_that_is_none_is_refused(
    gate: Yard, acceptance: FakeAcceptance, body: bytes
) -> None:
    reply = gate.request("PUT", f"{CP}/boot-policy", body)
    assert (reply.status, acceptance.decided) == (400, [])


def test_a_decision_about_an_unknown_charge_point_is_refused(gate: Yard) -> None:
    path = "/api/v1/charge-points/CP-99/boot-policy"
    assert gate.request("PUT", path, b'{"policy":"accept"}').status == 404
