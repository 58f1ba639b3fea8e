"""gateway.provisioning.reading"""

from gateway.ocpp.v16.quirks import Quirks
from gateway.provisioning.compare import Comparison, KeyState
from gateway.provisioning.desired import Source
from gateway.provisioning.reading import RELIED_ON, to_ask, to_write


def one(key: str, state: KeyState, actual: str | None = None) -> Comparison:
    return Comparison(key, "wanted", actual, Source.SITE, state)


def test_keys_are_asked_for_in_groups_without_those_that_must_not_be_read() -> None:
    quirks = Quirks(never_read=frozenset({"b"}), keys_at_once=2)
    groups = [list(group) for group in to_ask(["A", "B", "C", RELIED_ON[0]], quirks)]
    assert groups[0] == ["A", "C"]
    assert sorted(key for group in groups for key in group) == sorted(["A", "C", *RELIED_ON])
    assert max(len(group) for group in groups) == 2


def test_only_differences_are_written() -> None:
    compared = [one(state.name, state, "actual") for state in KeyState]
    assert [found.key for found in to_write(compared, Quirks())] == ["DIFFERS"]


def test_a_key_that_must_not_be_read_is_written_once() -> None:
    quirks = Quirks(never_read=frozenset({"key"}))
    unread = one("Key", KeyState.UNKNOWN)
    assert list(to_write([unread], quirks)) == [unread]
    assert list(to_write([one("Key", KeyState.SAME, "wanted")], quirks)) == []
    assert list(to_write([one("Other", KeyState.UNKNOWN)], quirks)) == []
