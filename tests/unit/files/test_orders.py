"""CALLs that name a file on the box, and those that do not."""

from datetime import UTC, datetime

import pytest

from gateway.files.orders import Order, order_fault, read_order, with_location

AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
UPDATE = b'{"retrieveDate":"2026-03-02T06:00:00Z", "location" : "box:fw.bin","retries":2}'
SIGNED = (
    b'{"requestId":1,"firmware":{"location":"BOX+ftp:fw.bin","retrieveDateTime":'
    b'"2026-03-02T06:00:00Z","signature":"\\u0041"}}'
)
LOG = b'{"log":{"remoteLocation":"box:"},"logType":"DiagnosticsLog","requestId":1}'


def test_an_update_wants_a_file() -> None:
    assert read_order("UpdateFirmware", UPDATE) == Order("firmware", None, "fw.bin", 2, AT)
    assert read_order("SignedUpdateFirmware", SIGNED) == Order(
        "firmware", "ftp", "fw.bin", None, AT
    )


def test_diagnostics_and_logs_want_a_place() -> None:
    upload = Order("upload", None, "", None, None)
    assert read_order("GetDiagnostics", b'{"location":"box:"}') == upload
    assert read_order("GetLog", LOG) == upload
    forced = read_order("GetDiagnostics", b'{"location":"box+http:","retries":true}')
    assert forced == Order("upload", "http", "", None, None)


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("UpdateFirmware", b'{"location":"http://example/fw.bin","retrieveDate":"x"}'),
        ("UpdateFirmware", b'{"location":"ftp://box:1/fw.bin"}'),
        ("UpdateFirmware", b'{"location":"boxes:fw.bin"}'),
        ("UpdateFirmware", b'{"location":5}'),
        ("UpdateFirmware", b"{}"),
        ("UpdateFirmware", b"[]"),
        ("UpdateFirmware", b"no JSON"),
        ("UpdateFirmware", b"\xff"),
        ("SignedUpdateFirmware", b'{"firmware":"box:fw.bin"}'),
        ("SignedUpdateFirmware", b'{"location":"box:fw.bin"}'),
        ("GetLog", b'{"log":null}'),
        ("DataTransfer", b'{"location":"box:fw.bin"}'),
    ],
)
def test_everything_else_is_left_alone(action: str, payload: bytes) -> None:
    assert read_order(action, payload) is None


def test_only_the_location_is_exchanged() -> None:
    assert with_location("UpdateFirmware", UPDATE, "http://b/f") == UPDATE.replace(
        b"box:fw.bin", b"http://b/f"
    )
    assert with_location("SignedUpdateFirmware", SIGNED, "ftp://b/f") == SIGNED.replace(
        b"BOX+ftp:fw.bin", b"ftp://b/f"
    )
    assert with_location("GetLog", LOG, "http://b/u") == LOG.replace(b"box:", b"http://b/u")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (Order("firmware", None, "fw.bin", None, None), ""),
        (Order("upload", "http", "", None, None), ""),
        (Order("firmware", "ftp", "fw.bin", None, None), "FTP is off"),
        (Order("upload", None, "x", None, None), "write box: and nothing more"),
    ],
)
def test_an_order_that_cannot_be_served_is_told_why(order: Order, said: str) -> None:
    fault = order_fault(order, has_file=True, has_ftp=False, has_host=True)
    assert (said in fault) if said else not fault


def test_a_missing_file_and_a_missing_address_are_told() -> None:
    order = Order("firmware", None, "fw.bin", None, None)
    assert "no firmware" in order_fault(order, has_file=False, has_ftp=True, has_host=True)
    assert "public_host" in order_fault(order, has_file=True, has_ftp=True, has_host=False)
