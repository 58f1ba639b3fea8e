"""A stranger is turned away before the upgrade; a charge point gets in by any usual spelling."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.charge_points.admission import (
    NOT_ADMITTED,
    Admission,
    Admitted,
    Denied,
    Handshake,
    admit,
    identity_in,
)
from gateway.site.depot import (
    AuthorizationRules,
    BalancingRules,
    ChargePoint,
    OcppListener,
    Site,
    WebListener,
)

SITE = Site(
    name="yard",
    voltage_v=230.0,
    state_dir=Path("unused"),
    circuits={},
    meters={},
    charge_points={
        "OPEN": ChargePoint("OPEN", ()),
        "SILENT": ChargePoint("SILENT", (), allow_without_subprotocol=True),
        "LOCKED": ChargePoint("LOCKED", (), password=b"OCA_sesame"),
        "Tor 1/ö": ChargePoint("Tor 1/ö", ()),
    },
    authorization=AuthorizationRules(tags={}),
    upstream=None,
    balancing=BalancingRules(),
    ocpp=OcppListener(),
    web=WebListener(),
)


def knock(
    path: str,
    basic: tuple[bytes, bytes] | None = None,
    subprotocols: tuple[str, ...] = ("ocpp1.6",),
) -> Admission:
    return admit(SITE, Handshake(path, basic, subprotocols))


@pytest.mark.parametrize(
    "path",
    [
        "/ocpp/OPEN",
        "/ocpp/OPEN/",
        "/ocpp//OPEN",
        "//ocpp/OPEN",
        "/ocpp/OPEN?vendor=x/y",
        "/ocpp/charger/OPEN",
        "/ocpp/%4FPEN",
        "http://10.0.0.1:9000/ocpp/OPEN",
        "ws://10.0.0.1/ocpp/OPEN",
    ],
)
def test_the_last_segment_of_the_path_is_the_identity(path: str) -> None:
    assert knock(path) == Admitted("OPEN")


def test_an_identity_is_percent_decoded_after_the_path_was_cut() -> None:
    assert knock("/ocpp/Tor%201%2F%C3%B6") == Admitted("Tor 1/ö")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "*",
        "/ocpp",
        "/ocpp/",
        "/other/OPEN",
        "/OPEN",
        "/ocpp/open",
        "/ocpp/NOBODY",
        "/ocpp/%FF",
        "/ocpp/?OPEN",
        "http://ocpp/OPEN",
    ],
)
def test_an_unknown_identity_or_path_gets_404(path: str) -> None:
    denied = knock(path)
    assert isinstance(denied, Denied)
    assert (denied.status, denied.body) == (404, NOT_ADMITTED)


@pytest.mark.parametrize("offered", [(), ("ocpp2.0.1",), ("OCPP1.6",), ("ocpp1.6x", "ocpp1.5")])
def test_without_a_common_subprotocol_the_answer_is_400(offered: tuple[str, ...]) -> None:
    denied = knock("/ocpp/OPEN", subprotocols=offered)
    assert isinstance(denied, Denied)
    assert denied.status == 400


def test_a_charge_point_may_be_let_in_without_a_subprotocol_but_not_with_a_wrong_one() -> None:
    assert knock("/ocpp/SILENT", subprotocols=()) == Admitted("SILENT")
    denied = knock("/ocpp/SILENT", subprotocols=("ocpp2.0.1",))
    assert isinstance(denied, Denied)
    assert denied.status == 400


def test_ocpp_1_6_is_found_among_other_offers() -> None:
    assert knock("/ocpp/OPEN", subprotocols=("ocpp2.0.1", "ocpp1.6")) == Admitted("OPEN")


@pytest.mark.parametrize(
    "password", [b"OCA_sesame", b"OCA_sesame".hex().encode(), b"OCA_sesame".hex().upper().encode()]
)
def test_a_password_opens_plain_and_in_hex(password: bytes) -> None:
    assert knock("/ocpp/LOCKED", (b"LOCKED", password)) == Admitted("LOCKED")


def test_a_password_written_as_hex_in_the_site_file_opens_with_its_bytes() -> None:
    key = bytes(range(160, 180))
    points = {"LOCKED": ChargePoint("LOCKED", (), password=key.hex().encode())}
    site = replace(SITE, charge_points=points)
    handshake = Handshake("/ocpp/LOCKED", (b"LOCKED", key), ("ocpp1.6",))
    assert admit(site, handshake) == Admitted("LOCKED")


@pytest.mark.parametrize(
    "basic",
    [
        None,
        (b"LOCKED", b""),
        (b"LOCKED", b"OCA_sesamE"),
        (b"OPEN", b"OCA_sesame"),
        (b"", b"OCA_sesame"),
        (b"locked", b"OCA_sesame"),
        (b"LOCKED", b"\xff\xfe"),
    ],
)
def test_a_missing_or_wrong_password_gets_401(basic: tuple[bytes, bytes] | None) -> None:
    denied = knock("/ocpp/LOCKED", basic)
    assert isinstance(denied, Denied)
    assert (denied.status, denied.body) == (401, NOT_ADMITTED)


def test_a_charge_point_without_a_password_may_send_one_all_the_same() -> None:
    assert knock("/ocpp/OPEN", (b"OPEN", b"whatever")) == Admitted("OPEN")


def test_credentials_never_show_in_a_handshake() -> None:
    assert "sesame" not in repr(Handshake("/ocpp/LOCKED", (b"LOCKED", b"OCA_sesame")))


def test_a_url_with_an_odd_scheme_is_only_a_path() -> None:
    assert identity_in("/ocpp/a://b", "/ocpp") == "b"
