"""gateway.provisioning.compare"""

import pytest

from gateway.provisioning.compare import Comparison, KeyState, compare
from gateway.provisioning.desired import Source, Wish
from gateway.records.configuration import Configuration, Entry

RECORD = Configuration(
    keys={
        "Same": Entry(value="60.0"),
        "differs": Entry(value="B"),
        "Readonly": Entry(value="B", readonly=True),
        "Fixed": Entry(value="A", readonly=True),
        "Silent": Entry(),
        "Waits": Entry(value="A", reboot_required=True),
    },
    unknown=("Unknown",),
)


@pytest.mark.parametrize(
    ("key", "wanted", "state", "actual"),
    [
        ("SAME", "60", KeyState.SAME, "60.0"),
        ("Differs", "A", KeyState.DIFFERS, "B"),
        ("Readonly", "A", KeyState.READONLY, "B"),
        ("Fixed", "A", KeyState.SAME, "A"),
        ("Silent", "A", KeyState.DIFFERS, ""),
        ("Unknown", "A", KeyState.UNKNOWN, None),
        ("NeverRead", "A", KeyState.UNKNOWN, None),
        ("Waits", "A", KeyState.SAME, "A"),
    ],
)
def test_each_key_stands_somewhere(
    key: str, wanted: str, state: KeyState, actual: str | None
) -> None:
    (found,) = compare([Wish(key, wanted, Source.SITE)], RECORD)
    assert (found.state, found.actual) == (state, actual)
    assert found.reboot_required is (key == "Waits")


def test_the_key_is_written_as_the_charge_point_writes_it() -> None:
    (found,) = compare([Wish("DIFFERS", "A", Source.MODEL)], RECORD)
    assert found == Comparison("differs", "A", "B", Source.MODEL, KeyState.DIFFERS)


def test_what_was_refused_is_refused_and_what_must_not_be_written_is_readonly() -> None:
    wish = [Wish("Differs", "A", Source.SITE)]
    assert compare(wish, RECORD, refused={"differs"})[0].state is KeyState.REFUSED
    assert compare(wish, RECORD, never_write={"differs"})[0].state is KeyState.READONLY


def test_more_measurands_than_the_balancing_needs_are_fine_and_others_are_wanted_exactly() -> None:
    record = Configuration(keys={"MeterValuesSampledData": Entry(value="A,B,C")})
    for source, state in ((Source.BALANCING, KeyState.SAME), (Source.SITE, KeyState.DIFFERS)):
        (found,) = compare([Wish("MeterValuesSampledData", "B,A", source)], record)
        assert found.state is state
