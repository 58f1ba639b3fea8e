"""What a connector is counted at, moment by moment."""

import pytest

from gateway.energy.limits import Limits


def limits(*, standing: bool = True, online: bool = True) -> Limits:
    state = Limits(max_da=320, failsafe_da=60, lease_s=120.0)
    state.online, state.standing = online, standing
    return state


def running(limit_da: int) -> Limits:
    """A transaction at a confirmed limit since 0 s, settled."""
    state = limits()
    state.begin(-10.0, None)
    state.send(limit_da, 0.0)
    state.confirm(0.0)
    return state


@pytest.mark.parametrize(("online", "counted_da"), [(True, 0), (False, 60)])
def test_without_a_transaction_only_the_offline_count(online: bool, counted_da: int) -> None:
    assert limits(online=online).counted_da(0.0) == counted_da


@pytest.mark.parametrize(("standing", "counted_da"), [(True, 60), (False, 320)])
def test_a_new_transaction_counts_at_what_holds_without_us(standing: bool, counted_da: int) -> None:
    state = limits(standing=standing)
    state.begin(0.0, None)
    assert state.counted_da(0.0) == state.offer_da(0.0) == counted_da


def test_a_raise_counts_from_the_moment_it_is_sent() -> None:
    state = running(100)
    state.send(200, 5.0)
    assert state.counted_da(5.0) == 200
    state.confirm(6.0)
    assert (state.counted_da(6.0), state.least_da(6.0)) == (200, 200)


def test_a_cut_counts_once_it_is_confirmed_and_the_vehicle_followed() -> None:
    state = running(200)
    state.send(100, 5.0)
    assert (state.counted_da(5.0), state.least_da(5.0), state.offer_da(5.0)) == (200, 100, 100)
    state.confirm(6.0)
    assert state.counted_da(8.9) == 200
    assert state.counted_da(9.0) == 100
    assert state.echo_da(13.9) == 200
    assert state.echo_da(14.0) == 100


def test_each_of_two_quick_cuts_has_its_own_time_to_settle() -> None:
    state = running(320)
    state.send(200, 10.0)
    state.confirm(10.0)
    state.send(100, 12.0)
    state.confirm(12.0)
    assert [state.counted_da(at_s) for at_s in (12.9, 13.0, 14.9, 15.0)] == [320, 200, 200, 100]


def test_a_failed_cut_leaves_the_highest_until_something_is_confirmed() -> None:
    state = running(200)
    state.send(100, 5.0)
    state.fail(6.0)
    assert (state.counted_da(60.0), state.offer_da(60.0), state.in_doubt()) == (200, 200, True)
    state.send(100, 61.0)
    state.confirm(62.0)
    assert (state.counted_da(65.0), state.in_doubt()) == (100, False)


def test_a_failed_raise_may_be_in_force_all_the_same() -> None:
    state = running(100)
    state.send(200, 5.0)
    state.fail(6.0)
    assert (state.counted_da(20.0), state.least_da(20.0)) == (200, 60)


def test_a_limit_that_was_never_sent_is_forgotten() -> None:
    state = running(100)
    state.send(200, 5.0)
    state.withdraw()
    assert (state.counted_da(5.0), state.in_doubt()) == (100, False)


def test_a_lapsed_lease_leaves_the_failsafe_current() -> None:
    state = running(200)
    assert [state.counted_da(at_s) for at_s in (114.0, 124.9, 125.0)] == [200, 200, 60]
    assert state.offer_da(125.0) == 60


def test_a_paused_connector_counts_at_failsafe_when_its_lease_may_lapse() -> None:
    state = running(0)
    assert [state.counted_da(at_s) for at_s in (114.0, 115.0, 130.0)] == [0, 60, 60]


@pytest.mark.parametrize(("limit_da", "due"), [(200, True), (60, False), (0, True)])
def test_a_lease_is_renewed_at_half_its_life_where_its_end_matters(
    limit_da: int, due: bool
) -> None:
    state = running(limit_da)
    assert not state.refresh_due(59.0)
    assert state.refresh_due(60.0) is due


def test_offline_counts_the_higher_of_limit_and_failsafe_until_the_lease_is_over() -> None:
    state = running(200)
    state.online = False
    assert [state.counted_da(at_s) for at_s in (1.0, 124.9, 125.0)] == [200, 200, 60]
    paused = running(0)
    paused.online = False
    assert paused.counted_da(4.0) == 60


def test_a_resumed_transaction_counts_at_maximum_until_its_old_lease_is_over() -> None:
    state = limits()
    state.begin(2.0, resumed_at_s=0.0)
    assert [state.counted_da(at_s) for at_s in (2.0, 179.0, 180.0)] == [320, 320, 60]


def test_a_confirmed_limit_ends_the_doubt_about_a_resumed_transaction() -> None:
    state = limits()
    state.begin(0.0, resumed_at_s=0.0)
    state.send(100, 1.0)
    state.confirm(2.0)
    assert [state.counted_da(at_s) for at_s in (2.0, 5.0)] == [320, 100]


def test_an_ended_transaction_counts_nothing_but_may_echo_on_the_meter() -> None:
    state = running(200)
    state.end(10.0)
    assert (state.counted_da(10.0), state.echo_da(17.9), state.echo_da(18.0)) == (0, 200, 0)


def test_a_standing_profile_confirmed_late_lowers_the_count_after_the_vehicle_followed() -> None:
    state = limits(standing=False)
    state.begin(0.0, None)
    state.confirm_standing(1.0)
    assert [state.counted_da(at_s) for at_s in (3.9, 4.0)] == [320, 60]


def test_outcomes_without_anything_in_flight_change_nothing() -> None:
    state = running(100)
    state.confirm(5.0)
    state.fail(5.0)
    assert (state.counted_da(5.0), state.in_doubt()) == (100, False)


def test_what_a_person_disturbed_counts_at_maximum_until_something_is_confirmed() -> None:
    state = running(100)
    state.lose()
    assert (state.counted_da(1.0), state.in_doubt()) == (320, True)
    state.send(100, 1.0)
    state.confirm(2.0)
    assert state.counted_da(6.0) == 100
    state.end(10.0)
    state.begin(20.0, None)
    assert state.counted_da(20.0) == 320
    state.confirm_standing(21.0)
    assert state.counted_da(30.0) == 60
