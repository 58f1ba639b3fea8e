"""Firmware updates and diagnostics uploads, step by step."""

import json

import pytest

from gateway.records.progress import (
    KEPT,
    MOST_STEPS,
    Progress,
    after_diagnostics,
    after_notification,
    after_update,
    without_credentials,
)
from tests.unit.records.exchanges import NOW, STAMP, exchange


def told(record: Progress, *statuses: str) -> Progress:
    for status in statuses:
        record = after_notification(record, json.dumps({"status": status}).encode(), NOW)
    return record


def ordered(record: Progress | None = None) -> Progress:
    request = {"location": "http://box/fw.bin", "retrieveDate": "2026-05-04T12:00:00Z"}
    return after_update(record or Progress(), exchange(request, {}))


def test_an_update_goes_through_its_steps() -> None:
    record = told(ordered(), "Downloading", "Downloaded", "Installing", "Installed")
    (order,) = record.orders
    assert order.status == "Installed"
    assert order.steps[0].status == "Downloading"
    assert (order.location, order.ordered_at, order.caller) == (
        "http://box/fw.bin",
        STAMP,
        "operator",
    )


def test_progress_that_nobody_ordered_is_kept_too() -> None:
    record = told(told(ordered(), "DownloadFailed"), "Downloading")
    assert [order.location for order in record.orders] == ["http://box/fw.bin", ""]


def test_idle_is_no_step() -> None:
    record = told(ordered(), "Downloading", "Idle")
    assert record.orders[-1].status == "Downloading"
    assert record.idle_at == STAMP


def test_an_upload_has_the_name_that_the_charge_point_gave() -> None:
    request = {"location": "ftp://user:secret@box/in/"}
    named = after_diagnostics(Progress(), exchange(request, {"fileName": "diag.zip"}))
    unnamed = after_diagnostics(Progress(), exchange(request, {}))
    assert (named.orders[0].file_name, unnamed.orders[0].file_name) == ("diag.zip", "")
    assert "secret" not in named.orders[0].location


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://files.example/fw?x=1", "https://files.example/fw?x=1"),
        ("ftp://u:p@box:21/a", "ftp://***@box:21/a"),
        ("http://[broken", ""),
    ],
)
def test_a_location_is_shown_without_credentials(location: str, shown: str) -> None:
    assert without_credentials(location) == shown


def test_the_record_is_bounded() -> None:
    record = Progress()
    for _ in range(KEPT + 5):
        record = told(ordered(record), *["Downloading"] * (MOST_STEPS + 5), "Installed")
    assert len(record.orders) == KEPT
    assert all(len(order.steps) == MOST_STEPS for order in record.orders)
    assert record.orders[-1].status == "Installed"
