"""gateway.runtime.clock"""

from datetime import timedelta

from gateway.runtime.clock import SystemChance, SystemClock


def test_time_goes_forward_on_both_clocks_and_has_a_zone() -> None:
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert second.monotonic_s >= first.monotonic_s
    assert first.utc.utcoffset() == timedelta(0)


def test_chance_keeps_within_its_bounds_and_does_not_repeat() -> None:
    chance = SystemChance()
    ids = {chance.unique_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(unique_id) <= 36 for unique_id in ids)
    assert all(1 <= chance.transaction_id() < 2**31 for _ in range(1000))
    assert all(0.0 <= chance.fraction() < 1.0 for _ in range(1000))
