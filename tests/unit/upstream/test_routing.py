"""gateway.upstream.routing"""

from gateway.ocpp.v16.actions import FROM_CENTRAL_SYSTEM
from gateway.ocpp.v16.actions import FROM_CHARGE_POINT as KNOWN_FROM_CHARGE_POINT
from gateway.upstream.routing import FROM_CHARGE_POINT, FROM_CLOUD, OFFLINE_STATUS, Treatment


def test_every_action_of_a_charge_point_has_a_route() -> None:
    assert set(FROM_CHARGE_POINT) == set(KNOWN_FROM_CHARGE_POINT)


def test_every_action_of_the_cloud_has_a_treatment() -> None:
    assert set(FROM_CLOUD) == set(FROM_CENTRAL_SYSTEM)


def test_only_what_is_handed_on_needs_an_answer_for_an_offline_charge_point() -> None:
    absorbed = {action for action, how in FROM_CLOUD.items() if how is Treatment.ABSORB}
    assert not absorbed & set(OFFLINE_STATUS)
