"""Who may open an OCPP-J connection. Everything is decided before the upgrade, by the handshake."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

from gateway.site.depot import ChargePoint, Site

SUBPROTOCOL: Final = "ocpp1.6"

NOT_ADMITTED: Final = "Not admitted.\n"
"""Body of every 401 and 404: a stranger learns nothing more from it than from the status."""

_NO_PASSWORD: Final = b"\0"
"""Compared against when there is nothing to compare with, so that no path is much faster."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a WebSocket client says of itself before the upgrade.

    Args:
        path: Request target as it was sent: path, query, or a whole URL.
        basic: User name and password of HTTP Basic authentication; None without any.
        subprotocols: Everything offered in Sec-WebSocket-Protocol, in order.
        remote: Address of the client, for logs.
    """

    path: str
    basic: tuple[bytes, bytes] | None = field(default=None, repr=False)
    subprotocols: tuple[str, ...] = ()
    remote: str = ""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The client is the charge point ``identity``."""

    identity: str


@dataclass(frozen=True, slots=True)
class Denied:
    """The client gets HTTP ``status`` with ``body``; ``reason`` is for our log."""

    status: int
    reason: str
    body: str = NOT_ADMITTED


Admission: TypeAlias = Admitted | Denied


def admit(site: Site, handshake: Handshake) -> Admission:
    """Decide whether the client is one of the site's charge points (OCPP-J 1.6 §3.1, §3.2, §6.2).

    An unknown identity gets 404, missing or wrong credentials 401, no common subprotocol 400. A
    charge point that names none at all is let in where the site file allows it to this one.
    """
    identity = identity_in(handshake.path, site.ocpp.path)
    charge_point = None if identity is None else site.charge_points.get(identity)
    authentic = _is_authentic(charge_point, handshake.basic)
    if charge_point is None:
        return Denied(404, "no charge point of the site file has this identity")
    if not authentic:
        what = "no password" if handshake.basic is None else "wrong user name or password"
        return Denied(401, what)
    silent = charge_point.allow_without_subprotocol and not handshake.subprotocols
    if SUBPROTOCOL not in handshake.subprotocols and not silent:
        reason = f"does not offer the subprotocol {SUBPROTOCOL}"
        return Denied(400, reason, f"Offer the subprotocol {SUBPROTOCOL}.\n")
    return Admitted(charge_point.identity)


def identity_in(path: str, prefix: str) -> str | None:
    """The identity that the request target names below ``prefix``; None when it names none.

    It is the last segment that is not empty, percent-decoded as UTF-8. Extra segments, doubled and
    trailing slashes, a query and a whole URL are tolerated: charge points send all of them.
    """
    target = path.partition("?")[0].partition("#")[0]
    scheme, separator, rest = target.partition("://")
    if separator and "/" not in scheme:
        target = rest.partition("/")[2]
    segments = [segment for segment in target.split("/") if segment]
    expected = [segment for segment in prefix.split("/") if segment]
    if segments[: len(expected)] != expected or len(segments) == len(expected):
        return None
    try:
        return unquote_to_bytes(segments[-1]).decode()
    except UnicodeDecodeError:
        return None


def _is_authentic(charge_point: ChargePoint | None, basic: tuple[bytes, bytes] | None) -> bool:
    if charge_point is not None and charge_point.password is None:
        return True
    user, password = basic or (b"", b"")
    if charge_point is None or charge_point.password is None:
        name, wanted = "", _NO_PASSWORD
    else:
        name, wanted = charge_point.identity, charge_point.password
    is_user = hmac.compare_digest(user, name.encode())
    matches = [hmac.compare_digest(password, form) for form in _forms(wanted)]
    return charge_point is not None and basic is not None and is_user and any(matches)


def _forms(password: bytes) -> Iterator[bytes]:
    """The ways in which charge points send a password: as it is, in hex, or read as hex."""
    yield password
    yield password.hex().encode()
    yield password.hex().upper().encode()
    try:
        yield bytes.fromhex(password.decode("ascii")) or password
    except ValueError:
        yield password
