"""The page as it is written by the server."""

import re
from html.parser import HTMLParser

from gateway.energy.offers import Why
from gateway.events import ConnectorStatusChanged, TransactionBegan, UpstreamDisconnected
from gateway.runtime.bus import Bus
from gateway.site.depot import ConnectorKey
from gateway.web.pages import Pages, ampere, kilowatt_hours, level
from gateway.web.view import DepotView
from tests.unit.web.yard import StillClock, balanced, each, make_site

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
KEY = ConnectorKey("CP-01", 1)


class Seen(HTMLParser):
    """Notes what a page would run or load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def page() -> str:
    bus = Bus()
    view = DepotView(make_site(name=HOSTILE), bus, StillClock())
    bus.publish(balanced({KEY: (160, Why.SHARED, each(15.7))}, detail=HOSTILE))
    bus.publish(ConnectorStatusChanged(KEY, HOSTILE, HOSTILE))
    bus.publish(TransactionBegan(KEY, 1, HOSTILE))
    bus.publish(UpstreamDisconnected("CP-01", HOSTILE))
    return Pages().depot(view.state())


def test_the_page_is_useful_before_any_script_runs() -> None:
    text = re.sub(r"<[^>]+>|\s+", " ", page())
    for words in ("CP-01", "16.0 A", "15.7 A", "shares what is free", "20.0 A", "Cloud is away"):
        assert words in text


def test_words_of_strangers_stay_words() -> None:
    tags = Seen(page()).tags
    assert [attrs for tag, attrs in tags if tag == "script"] == [
        {"type": "module", "src": "/static/depot.js"}
    ]
    assert not [tag for tag, _ in tags if tag in {"img", "style", "iframe"}]


def test_nothing_is_inline_and_nothing_comes_from_elsewhere() -> None:
    for _, attrs in Seen(page()).tags:
        assert not [name for name in attrs if name == "style" or name.startswith("on")]
        for name in ("src", "href"):
            assert (attrs.get(name) or "/").startswith(("/static/", "#", "/"))
            assert not (attrs.get(name) or "").startswith("//")


def test_values_have_one_decimal_and_their_unit() -> None:
    assert ampere(16) == "16.0 A"
    assert ampere(None) == "—"
    assert kilowatt_hours(12_345.0) == "12.3 kWh"
    assert kilowatt_hours(None) == "—"


def test_a_connector_at_rest_is_shown_in_brief() -> None:
    assert page().count('data-shown="full"') == 1
    assert page().count('data-shown="brief"') == 1


def test_a_load_is_near_its_limit_inside_the_margin() -> None:
    assert [level(load_a, 63.0, 2.0) for load_a in (61.0, 61.1, 63.0, 63.1)] == [
        "ok",
        "near",
        "near",
        "over",
    ]
