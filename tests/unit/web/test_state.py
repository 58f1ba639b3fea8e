"""The shape of the state is a promise: the demo's table and other programs read it."""

import msgspec

from gateway.runtime.bus import Bus
from gateway.web.state import DepotState
from gateway.web.view import DepotView
from tests.unit.web.yard import StillClock, make_site


def test_the_names_that_others_read_are_there() -> None:
    view = DepotView(make_site(), Bus(), StillClock())
    state = msgspec.json.decode(msgspec.json.encode(view.state()))
    assert {"site", "feeder", "circuits", "charge_points", "banners"} <= set(state)
    charge_point = state["charge_points"][0]
    assert {"identity", "online", "upstream", "connectors"} <= set(charge_point)
    assert {"state", "waiting"} <= set(charge_point["upstream"])
    wanted = "connector_id status active offer_a target_a drawn_a reason energy_wh id_tag"
    assert set(wanted.split()) <= set(charge_point["connectors"][0])
    wanted = "name parent limit_a load_a counted_a headroom_a worst_overload_a failsafe"
    assert set(wanted.split()) <= set(state["feeder"])


def test_the_state_can_be_read_back() -> None:
    state = DepotView(make_site(), Bus(), StillClock()).state()
    assert msgspec.json.decode(msgspec.json.encode(state), type=DepotState) == state
