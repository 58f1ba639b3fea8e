"""gateway.runtime.bus"""

from gateway.events import ChargePointConnected, ChargePointDisconnected
from gateway.runtime.bus import Bus


def test_every_listener_hears_an_event_in_the_order_of_subscription() -> None:
    bus, heard = Bus(), list[str]()
    bus.subscribe(ChargePointConnected, lambda e: heard.append(f"first {e.identity}"))
    bus.subscribe(ChargePointConnected, lambda e: heard.append(f"second {e.identity}"))
    bus.publish(ChargePointConnected("CP-1"))
    assert heard == ["first CP-1", "second CP-1"]


def test_a_listener_hears_only_what_it_asked_for() -> None:
    bus, heard = Bus(), list[str]()
    bus.subscribe(ChargePointConnected, lambda e: heard.append(e.identity))
    bus.publish(ChargePointDisconnected("CP-1"))
    assert heard == []


def test_a_listener_may_publish() -> None:
    bus, heard = Bus(), list[str]()
    bus.subscribe(ChargePointConnected, lambda e: bus.publish(ChargePointDisconnected(e.identity)))
    bus.subscribe(ChargePointDisconnected, lambda e: heard.append(e.identity))
    bus.publish(ChargePointConnected("CP-1"))
    assert heard == ["CP-1"]
