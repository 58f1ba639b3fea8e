"""What a group of connections added, shared among its members."""

from tests.bench.memory import per_member


def test_every_member_bears_the_same_share() -> None:
    assert per_member([1_000, 1_800, 2_600, 3_400], 80) == 10.0


def test_what_happened_once_is_not_charged_to_a_connection() -> None:
    assert per_member([1_000, 1_800, 900_000, 900_800, 901_600], 80) == 10.0


def test_what_was_given_back_is_not_credited_to_a_connection() -> None:
    assert per_member([1_000, 1_800, 2_600, 600, 1_400], 80) == 10.0
