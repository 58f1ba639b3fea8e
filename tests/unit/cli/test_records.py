import json

from tests.unit.cli.fake_gateway import FakeGateway, invoke

PLACE = "/api/v1/charge-points/CP-1/"


def test_a_record_is_shown(gateway: FakeGateway) -> None:
    record = {"keys": {"HeartbeatInterval": {"value": "60"}}, "read_at": "then"}
    gateway.will(f"GET {PLACE}records/configuration", record)
    code, output = invoke("records", "CP-1", "configuration", url=gateway.url)
    assert code == 0
    assert ["HeartbeatInterval", "60"] in [line.split() for line in output.splitlines()]
    assert "read_at: then" in output
    code, output = invoke("records", "CP-1", "configuration", "--json", url=gateway.url)
    assert json.loads(output) == record


def test_all_records_are_shown(gateway: FakeGateway) -> None:
    gateway.will(f"GET {PLACE}records", {"boot": {"policy": "accept"}, "firmware": {}})
    code, output = invoke("records", "CP-1", url=gateway.url)
    assert (code, output) == (
        0,
        "== boot\npolicy: accept\n== firmware\nNothing is known of firmware yet.\n",
    )


def test_an_unknown_record_is_a_usage_error(gateway: FakeGateway) -> None:
    gateway.fails(f"GET {PLACE}records/x", 404, "unknown-record", detail="Known: boot.")
    code, output = invoke("records", "CP-1", "x", url=gateway.url)
    assert (code, output) == (2, "depot-gateway: It failed: Known: boot\n")


def test_a_boot_policy_is_decided(gateway: FakeGateway) -> None:
    gateway.will(f"PUT {PLACE}boot-policy", {"policy": "pending", "registration": "Accepted"})
    code, output = invoke("boot-policy", "CP-1", "pending", url=gateway.url)
    assert (code, output) == (0, "CP-1: policy pending; it last heard Accepted.\n")
    assert gateway.said() == {"policy": "pending"}
    assert invoke("boot-policy", "CP-1", "site", url=gateway.url)[0] == 0
    assert gateway.said() == {"policy": None}
