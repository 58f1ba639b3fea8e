"""The OCPP-J server: charge points dial in, and leave as a `Channel` in the hands of ``serve``.

Nobody is upgraded who was not admitted; the credentials that were sent never leave this file.
"""

import asyncio
import base64
import binascii
import contextlib
import errno
import functools
import logging
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Final, cast

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.frames import CloseCode
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from gateway.charge_points.admission import SUBPROTOCOL, Admission, Denied, Handshake
from gateway.errors import ChannelClosed, StartFailed
from gateway.net.channel import MAX_MESSAGE_BYTES, WebSocketChannel, library_log
from gateway.net.keepalive import PING_INTERVAL_S, Silence, WatchedConnection
from gateway.ports import Channel
from gateway.runtime.log import facts
from gateway.site.depot import OcppListener

log = logging.getLogger(__name__)

OPEN_TIMEOUT_S: Final = 5.0
"""From the first byte to the upgrade: slower clients are cut off."""

CLOSE_TIMEOUT_S: Final = 0.5
"""How long a peer may take to answer our close frame."""

STOP_TIMEOUT_S: Final = 0.8
"""How long `OcppServer.close` waits before it cuts what is left."""

_SPENT: Final = Request("", Headers())
"""Stands for a handshake that is over; the library wants to see that there was one."""

_TOKEN: Final = re.compile(r"[-!#$%&'*+.^_`|~0-9a-z]+")
"""RFC 9110 §5.6.2, in lower case."""

_HEARTBEATS_MISSED: Final = 2.5
_REFUSALS_REMEMBERED: Final = 256


class OcppServer:
    """Listens for charge points.

    Args:
        listener: Where to listen. Port 0 takes a free one: see `port`.
        admit: Decides on each handshake.
        serve: Runs for as long as a charge point is connected; the connection closes when it ends.
    """

    def __init__(
        self,
        listener: OcppListener,
        admit: Callable[[Handshake], Admission],
        serve: Callable[[str, Channel], Awaitable[None]],
    ) -> None:
        self._listener = listener
        self._admit = admit
        self._serve = serve
        self._server: Server | None = None
        self._sockets: set[WatchedConnection] = set()
        self._refusals: dict[str, str] = {}

    @property
    def port(self) -> int:
        """The TCP port that is listened on, or would be."""
        if self._server is None or not self._server.sockets:
            return self._listener.port
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen from now on. Raises StartFailed, in a sentence, when that is not possible."""
        factory = functools.partial(WatchedConnection, sockets=self._sockets)
        try:
            self._server = await serve(
                self._handle,
                self._listener.host,
                self._listener.port,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                select_subprotocol=_selected,
                compression=None,
                process_request=self._check,
                server_header=None,
                open_timeout=OPEN_TIMEOUT_S,
                ping_interval=None,
                close_timeout=CLOSE_TIMEOUT_S,
                max_size=MAX_MESSAGE_BYTES,
                logger=library_log,
                create_connection=cast(type[ServerConnection], factory),
            )
        except OSError as exc:
            raise StartFailed(_why_not(self._listener, exc)) from exc

    async def close(self) -> None:
        """Stop listening and close every connection (1001, going away), within a second."""
        if self._server is None:
            return
        self._server.close(code=CloseCode.GOING_AWAY, reason="the gateway stops")
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await self._server.wait_closed()
        except TimeoutError:
            log.warning("server.cut", extra=facts(sockets=len(self._sockets)))
            for connection in tuple(self._sockets):
                connection.transport.abort()

    async def _handle(self, connection: ServerConnection) -> None:
        watched = cast(WatchedConnection, connection)
        # Kilobytes that nobody needs any more, and the password is among them.
        watched.request, watched.response = _SPENT, None
        patience_s = max(_HEARTBEATS_MISSED * self._listener.heartbeat_interval_s, 120.0)
        watching = asyncio.create_task(watched.watch(Silence(PING_INTERVAL_S, patience_s)))
        try:
            with contextlib.suppress(ChannelClosed):
                await self._serve(watched.identity, WebSocketChannel(watched))
        finally:
            watching.cancel()

    def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer the handshake if it is refused; None lets the upgrade go on."""
        handshake = _handshake(connection, request)
        admission = self._admit(handshake)
        if isinstance(admission, Denied):
            self._note(handshake, admission)
            response = connection.respond(HTTPStatus(admission.status), admission.body)
            if admission.status == HTTPStatus.UNAUTHORIZED:
                response.headers["WWW-Authenticate"] = 'Basic realm="OCPP", charset="UTF-8"'
            return response
        self._refusals.pop(handshake.remote, None)
        cast(WatchedConnection, connection).identity = admission.identity
        self._forgive(admission.identity, handshake, request.headers)
        return None

    def _forgive(self, identity: str, handshake: Handshake, headers: Headers) -> None:
        """Tell what is wrong with a handshake that is let in, and mend what the library minds."""
        wrong = [] if handshake.subprotocols else ["no subprotocol"]
        if _mended(headers):
            wrong.append("no Connection: Upgrade")
        if wrong:
            told = facts(charge_point=identity, wrong=", ".join(wrong))
            log.info("connection.forgiven", extra=told)

    def _note(self, handshake: Handshake, denied: Denied) -> None:
        """Log a refusal, but not again while the same address knocks in the same way."""
        what = f"{denied.status} {handshake.path}"[:200]
        if self._refusals.get(handshake.remote) == what:
            return
        if len(self._refusals) >= _REFUSALS_REMEMBERED:
            self._refusals.clear()
        self._refusals[handshake.remote] = what
        refused = facts(
            remote=handshake.remote,
            path=handshake.path,
            status=denied.status,
            reason=denied.reason,
        )
        log.warning("connection.refused", extra=refused)


def _selected(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Ours if it was offered; who offered nothing was let in on purpose, and gets no header."""
    subprotocol = Subprotocol(SUBPROTOCOL)
    return subprotocol if subprotocol in offered else None


def _handshake(connection: ServerConnection, request: Request) -> Handshake:
    address = connection.remote_address
    offers = ",".join(request.headers.get_all("Sec-WebSocket-Protocol")).split(",")
    return Handshake(
        path=request.path,
        basic=_basic(request.headers.get_all("Authorization")),
        subprotocols=tuple(offer.strip() for offer in offers if offer.strip()),
        remote=str(address[0]) if address else "",
    )


def _basic(values: list[str]) -> tuple[bytes, bytes] | None:
    """User name and password as bytes: the password of a charge point need not be text."""
    if len(values) != 1:
        return None
    scheme, _, token = values[0].partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, separator, password = base64.b64decode(token.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if separator else None


def _mended(headers: Headers) -> bool:
    """Set the ``Connection: Upgrade`` that some charge points forget, or misspell, beside
    ``Upgrade``; True when that was needed."""
    if "Upgrade" not in headers:
        return False
    tokens = ",".join(headers.get_all("Connection")).lower().split(",")
    tidy = [token.strip() for token in tokens]
    if "upgrade" in tidy and all(_TOKEN.fullmatch(token) for token in tidy):
        return False
    if "Connection" in headers:
        del headers["Connection"]
    headers["Connection"] = "Upgrade"
    return True


def _why_not(listener: OcppListener, exc: OSError) -> str:
    where = f"{listener.host}:{listener.port}"
    if exc.errno == errno.EADDRINUSE:
        return f"ocpp: {where} is in use by another program; stop it, or change ocpp.port"
    if exc.errno == errno.EACCES:
        return f"ocpp: {where} may only be opened by root; choose an ocpp.port above 1023"
    # asyncio of Python 3.13 gives no number when it skipped every address of the host.
    if exc.errno in {None, errno.EADDRNOTAVAIL} or isinstance(exc, socket.gaierror):
        return f"ocpp: this machine has no address {listener.host}; change ocpp.host"
    return f"ocpp: cannot listen on {where}: {exc.strerror or exc}"
