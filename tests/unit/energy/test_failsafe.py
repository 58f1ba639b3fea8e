"""When a meter is believed."""

from gateway.energy.failsafe import MeterWatch


def test_a_meter_is_believed_after_three_fresh_samples() -> None:
    watch = MeterWatch(stale_s=5.0)
    states = []
    for at_s in (10.0, 11.0, 12.0):
        states.append(watch.check(at_s))
        watch.sampled(at_s)
    assert states == [False, False, False]
    assert watch.check(12.0)


def test_a_sample_older_than_allowed_ends_the_trust() -> None:
    watch = MeterWatch(stale_s=5.0)
    for at_s in (10.0, 11.0, 12.0):
        watch.sampled(at_s)
    assert watch.check(17.0)
    assert not watch.check(17.1)
    watch.sampled(18.0)
    watch.sampled(19.0)
    assert not watch.check(19.0)
    watch.sampled(20.0)
    assert watch.check(20.0)


def test_a_gap_that_nobody_looked_at_counts_too() -> None:
    watch = MeterWatch(stale_s=5.0)
    for at_s in (10.0, 11.0, 12.0, 30.0):
        watch.sampled(at_s)
    assert not watch.check(30.0)


def test_the_same_sample_twice_is_one() -> None:
    watch = MeterWatch(stale_s=5.0)
    for _ in range(5):
        watch.sampled(10.0)
    assert not watch.check(10.0)


def test_age_is_unknown_before_the_first_sample() -> None:
    watch = MeterWatch(stale_s=5.0)
    assert watch.age_s(3.0) is None
    watch.sampled(4.0)
    assert watch.age_s(6.5) == 2.5
