"""What a person sees: the page in a real browser, on a desk and on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.energy.offers import Why
from gateway.events import (
    BacklogChanged,
    ChargePointConnected,
    ConnectorStatusChanged,
    DrawMeasured,
    MeterDoubted,
    MeterSampled,
    TransactionBegan,
    UpstreamConnected,
    UpstreamDisconnected,
)
from gateway.metering.sample import Sample
from gateway.site.depot import ConnectorKey
from gateway.site.electrical import PhaseCurrents
from tests.unit.web.yard import Yard, balanced, each, make_site, yard

DESK = (1280, 900)
PHONE = (360, 740)
WAIT_MS = 15_000
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
LONG = "W" * 120

Scheme: TypeAlias = Literal["light", "dark"]


@dataclass
class Looked:
    """An open page, and what went wrong on it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@contextmanager
def look(
    browser: Browser, opened: Yard, size: tuple[int, int], scheme: Scheme = "light"
) -> Iterator[Looked]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    page = context.new_page()
    looked = Looked(page)
    page.on("console", lambda m: looked.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: looked.complaints.append(str(error)))
    page.on("request", lambda request: looked.hosts.add(request.url.split("/")[2]))
    page.goto(opened.url)
    try:
        yield looked
    finally:
        context.close()


def settle(page: Page) -> None:
    expect(page.locator("#link-text")).to_have_text("live", timeout=WAIT_MS)


def is_wider_than_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def a_busy_morning(opened: Yard) -> None:
    """Everything that a depot can show at once, short of an emergency."""
    keys = [ConnectorKey(f"CP-0{number}", 1) for number in range(1, 6)]
    opened.publish(
        *(ChargePointConnected(key.identity) for key in keys),
        *(UpstreamConnected(key.identity) for key in keys[:4]),
        ConnectorStatusChanged(keys[0], "Charging", "NoError"),
        ConnectorStatusChanged(keys[1], "Charging", "NoError"),
        ConnectorStatusChanged(keys[2], "SuspendedEVSE", "NoError"),
        ConnectorStatusChanged(keys[3], "Available", "NoError"),
        ConnectorStatusChanged(keys[4], "Preparing", "NoError"),
        TransactionBegan(keys[0], 1201, "04A1B2C3D4E5F6", meter_start_wh=10_000),
        TransactionBegan(keys[1], 1202, "DRIVER-77", meter_start_wh=500),
        TransactionBegan(keys[2], 1203, "8F2C11A0", meter_start_wh=0),
        balanced(
            {
                keys[0]: (160, Why.SHARED, PhaseCurrents(15.7, 15.6, 15.8)),
                keys[1]: (100, Why.CAP, PhaseCurrents(9.8, 0.0, 0.0)),
                keys[2]: (0, Why.WAITING, PhaseCurrents(0.0, 0.0, 0.0)),
                keys[3]: (0, Why.IDLE, None),
                keys[4]: (0, Why.IDLE, None),
            },
            load=PhaseCurrents(48.24, 61.6, 33.0),
            detail="hall L2",
        ),
        MeterSampled(Sample("grid", "feeder", PhaseCurrents(50.0, 64.2, 30.0), None, None, 1000.0)),
        DrawMeasured(keys[0], PhaseCurrents(15.7, 15.6, 15.8), 22_345.0),
        DrawMeasured(keys[1], PhaseCurrents(9.8, 0.0, 0.0), 3_700.0),
    )


def test_a_desk_sees_every_charge_point_and_every_circuit(
    browser: Browser, screenshots: Path
) -> None:
    names = tuple(f"CP-0{number}" for number in range(1, 7))
    with yard(make_site(names)) as opened:
        a_busy_morning(opened)
        with look(browser, opened, DESK) as looked:
            page = looked.page
            settle(page)
            assert page.locator("article.card").count() == len(names)
            expect(page.locator('[data-circuit="feeder"]')).to_contain_text("48.2 A")
            card = page.locator('[data-connector="CP-01/1"]')
            for words in ("Charging", "16.0 A", "15.7 A", "shares what is free", "12.3 kWh"):
                expect(card).to_contain_text(words)
            expect(card).to_contain_text("••••E5F6")
            expect(page.locator("body")).not_to_contain_text("04A1B2C3D4E5F6")
            expect(page.locator("#sum-charging")).to_have_text("3 of 6")
            assert not is_wider_than_the_window(page)
            page.screenshot(path=screenshots / "page-desk.png", full_page=True)
        assert looked.complaints == []
        assert looked.hosts == {f"127.0.0.1:{opened.server.port}"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it_without_scrolling_sideways(
    browser: Browser, screenshots: Path, scheme: Scheme
) -> None:
    with yard(make_site(tuple(f"CP-0{number}" for number in range(1, 7)))) as opened:
        a_busy_morning(opened)
        opened.publish(
            UpstreamDisconnected("CP-02", "connection refused"),
            BacklogChanged("CP-02", 17),
            MeterDoubted("grid", "no answer within 1 s"),
        )
        opened.clock.monotonic_s += 4.0
        with look(browser, opened, PHONE, scheme) as looked:
            settle(looked.page)
            expect(looked.page.locator("#banners")).to_contain_text("17 messages waiting")
            assert not is_wider_than_the_window(looked.page)
            looked.page.screenshot(path=screenshots / f"page-phone-{scheme}.png", full_page=True)
        assert looked.complaints == []


def test_the_page_follows_what_happens(browser: Browser, screenshots: Path) -> None:
    key = ConnectorKey("CP-01", 1)
    with yard() as opened, look(browser, opened, DESK, "dark") as looked:
        page = looked.page
        settle(page)
        card = page.locator('[data-charge-point="CP-01"]')
        expect(card).to_contain_text("offline")
        opened.publish(
            ChargePointConnected("CP-01"),
            ConnectorStatusChanged(key, "Charging", "NoError"),
            TransactionBegan(key, 5, "ABCDEF123"),
            UpstreamDisconnected("CP-01", "gone"),
            BacklogChanged("CP-01", 4),
            balanced({key: (60, Why.METER_SILENT, each(5.9))}, failsafe=True, load=each(70.0)),
        )
        expect(card).to_contain_text("online", timeout=WAIT_MS)
        expect(card).to_contain_text("Charging")
        expect(card).to_contain_text("6.0 A")
        expect(card).to_contain_text("5.9 A")
        expect(card).to_contain_text("fail-safe: no fresh meter value")
        expect(card).to_contain_text("cloud away, 4 waiting")
        banners = page.locator("#banners")
        expect(banners).to_contain_text("Fail-safe: no fresh meter value for feeder, hall.")
        expect(banners).to_contain_text("feeder is above its limit.")
        expect(banners).to_contain_text("Cloud is away")
        expect(page.locator('[data-circuit="feeder"]')).to_contain_text("overload")
        page.screenshot(path=screenshots / "page-alarm-dark.png", full_page=True)
        opened.publish(balanced({key: (160, Why.AS_REQUESTED, each(16.0))}))
        expect(card).to_contain_text("gets all it asked for", timeout=WAIT_MS)
        expect(banners).not_to_contain_text("Fail-safe")
    assert looked.complaints == []


def test_words_of_strangers_do_nothing(browser: Browser) -> None:
    key = ConnectorKey("CP-01", 1)
    with yard(make_site(name=HOSTILE)) as opened:
        opened.publish(ConnectorStatusChanged(key, HOSTILE, HOSTILE))
        with look(browser, opened, PHONE) as looked:
            page = looked.page
            settle(page)
            opened.publish(
                ConnectorStatusChanged(key, HOSTILE + LONG, "Faulted"),
                ConnectorStatusChanged(ConnectorKey("CP-02", 1), "Faulted", HOSTILE + LONG),
                TransactionBegan(key, 5, HOSTILE),
                UpstreamDisconnected("CP-01", HOSTILE),
                balanced({key: (60, Why.CAP, each(1.0))}, detail=HOSTILE + LONG),
            )
            connector = page.locator('[data-connector="CP-01/1"]')
            expect(connector).to_contain_text("limited from outside (<img", timeout=WAIT_MS)
            expect(page.locator("#banners")).to_contain_text("CP-02/1 is faulted: <img")
            assert page.title() == f"{HOSTILE} · Depot Gateway"
            assert page.locator("img").count() == 0
            assert page.locator("script").count() == 1
            assert not is_wider_than_the_window(page)
        assert looked.complaints == []


def test_a_lost_box_is_said_and_found_again(browser: Browser, screenshots: Path) -> None:
    with yard() as opened:
        port = opened.server.port
        with look(browser, opened, PHONE) as looked:
            page = looked.page
            settle(page)
            opened.close()
            lost = page.locator("#lost")
            expect(lost).to_contain_text("Connection to the box lost.", timeout=WAIT_MS)
            expect(page.locator("#link-text")).to_have_text("connection lost")
            page.screenshot(path=screenshots / "page-lost.png")
            with yard(make_site(port=port)) as again:
                again.publish(ChargePointConnected("CP-02"))
                settle(page)
                expect(lost).to_be_hidden()
                card = page.locator('[data-charge-point="CP-02"]')
                expect(card).to_contain_text("online", timeout=WAIT_MS)


def test_another_site_file_brings_another_page(browser: Browser) -> None:
    with yard() as opened:
        port = opened.server.port
        with look(browser, opened, PHONE) as looked:
            settle(looked.page)
            opened.close()
            with yard(make_site(("NEW-1", "NEW-2", "NEW-3"), port=port)):
                cards = looked.page.locator("article.card")
                expect(cards).to_have_count(3, timeout=WAIT_MS)
                settle(looked.page)


def test_the_keyboard_reaches_the_charge_points(browser: Browser) -> None:
    with yard() as opened, look(browser, opened, DESK) as looked:
        looked.page.keyboard.press("Tab")
        expect(looked.page.locator(".skip")).to_be_focused()
        looked.page.keyboard.press("Enter")
        expect(looked.page.locator("#charge-points")).to_be_focused()
