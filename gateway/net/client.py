"""Links to the cloud: a `gateway.ports.Dialler` over WebSockets. Every failure is one sentence."""

import base64
import socket
import ssl
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus, InvalidURI
from websockets.frames import CloseCode
from websockets.typing import Subprotocol

from gateway.charge_points.admission import SUBPROTOCOL
from gateway.errors import UpstreamOffline
from gateway.net.channel import WebSocketChannel, library_log
from gateway.ports import Channel

OPEN_TIMEOUT_S: Final = 10.0
PING_INTERVAL_S: Final = 30.0
PING_TIMEOUT_S: Final = 30.0
CLOSE_TIMEOUT_S: Final = 0.5

MAX_MESSAGE_BYTES: Final = 256 * 1024
"""A SendLocalList for a fleet is long; a cloud that sends more than this is broken or hostile."""


class WebSocketDialler:
    """Opens WebSockets to the cloud, each with its own identity and credentials.

    Args:
        tls: What to trust for ``wss://``; None trusts the machine's certificate store.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls

    async def dial(self, url: str, identity: str, password: bytes | None) -> Channel:
        """Connect as ``identity`` to ``url/<identity>`` (OCPP-J 1.6 §3.1.1).

        The identity is percent-encoded; with a ``password``, HTTP Basic authentication is sent.

        Raises:
            UpstreamOffline: With a sentence that says what failed.
        """
        target = endpoint(url, identity)
        headers = {} if password is None else {"Authorization": _basic(identity, password)}
        try:
            connection = await self._connect(target, headers)
        except (OSError, InvalidHandshake, InvalidURI, UnicodeError) as exc:
            raise UpstreamOffline(_why_not(target, exc)) from exc
        if connection.subprotocol != SUBPROTOCOL:
            await connection.close(CloseCode.PROTOCOL_ERROR, "wrong subprotocol")
            raise UpstreamOffline(f"{_place(target)} did not choose the subprotocol {SUBPROTOCOL}")
        return WebSocketChannel(connection)

    async def _connect(self, target: str, headers: dict[str, str]) -> ClientConnection:
        tls: ssl.SSLContext | None = None
        if target.lower().startswith("wss:"):
            if self._tls is None:
                # Reading the certificate store takes long enough to do it only once.
                self._tls = ssl.create_default_context()
            tls = self._tls
        return await connect(
            target,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression="deflate",
            additional_headers=headers,
            user_agent_header="depot-gateway",
            proxy=None,
            open_timeout=OPEN_TIMEOUT_S,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=MAX_MESSAGE_BYTES,
            logger=library_log,
            ssl=tls,
        )


def endpoint(url: str, identity: str) -> str:
    """``url`` with ``identity`` as the last segment of its path; a query stays behind it."""
    parts = urlsplit(url)
    path = f"{parts.path.rstrip('/')}/{quote(identity, safe='')}"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _basic(identity: str, password: bytes) -> str:
    return "Basic " + base64.b64encode(identity.encode() + b":" + password).decode()


def _place(target: str) -> str:
    """Host and port alone: the rest of a URL may hold secrets."""
    return urlsplit(target).netloc.rpartition("@")[2] or "the cloud"


def _why_not(target: str, exc: Exception) -> str:
    """What failed, in a sentence."""
    place = _place(target)
    match exc:
        case InvalidHandshake():
            return f"{place} {_refusal(exc)}"
        case InvalidURI() | UnicodeError():
            return f"the upstream address is not a WebSocket URL: {exc}"
        case ssl.SSLCertVerificationError():
            return f"{place} has a certificate that is not trusted: {exc.verify_message}"
        case ssl.SSLError():
            return f"{place} failed in TLS: {exc.reason or exc}"
        case socket.gaierror():
            return f"no host is called {urlsplit(target).hostname} ({exc.strerror})"
        case TimeoutError():
            return f"{place} did not answer within {OPEN_TIMEOUT_S:g} s"
        case ConnectionRefusedError():
            return f"nothing listens on {place}"
        case _:
            return f"{place} cannot be reached: {exc}"


def _refusal(exc: InvalidHandshake) -> str:
    match exc:
        case InvalidStatus(response=response) if response.status_code in {401, 403}:
            return f"refused our identity or password (HTTP {response.status_code})"
        case InvalidStatus(response=response) if response.status_code == 404:
            return "does not know this identity (HTTP 404)"
        case InvalidStatus(response=response):
            return f"refused the WebSocket (HTTP {response.status_code})"
        case InvalidMessage():
            return "closed the connection, or does not speak HTTP"
        case _:
            return f"answered the handshake wrongly: {exc}"
