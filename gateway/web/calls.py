"""``POST /api/v1/charge-points/{identity}/calls/{Action}``: any CALL, with any payload.

What the charge point answers is passed on byte for byte; every other ending is a problem document.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import Any, Final, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.errors import ProtocolViolation
from gateway.ocpp.calls import (
    Answered,
    Caller,
    CallOutcome,
    Offline,
    Refused,
    Superseded,
    TimedOut,
    Withheld,
)
from gateway.ocpp.schema_order import in_schema_order
from gateway.ocpp.v16.actions import FROM_CENTRAL_SYSTEM
from gateway.ports import ChargePointDesk
from gateway.web.bodies import body_of
from gateway.web.problems import problem, unknown_charge_point

log = logging.getLogger(__name__)

SHORTEST_TIMEOUT_S: Final = 1.0
LONGEST_TIMEOUT_S: Final = 120.0


class Locations(Protocol):
    """What `gateway.ports.FileDesk` does for a CALL with a location in it."""

    async def resolve(self, identity: str, action: str, payload: bytes) -> bytes:
        """``payload`` with a location on this box turned into a URL for this charge point."""
        ...


class CallDesk:
    """Answers the route: keys go out in schema order, and ``box:`` locations as URLs.

    Args:
        identities: The charge points of the site.
        closing: Set when the server ends; calls under way are then given up.
    """

    def __init__(
        self,
        identities: Collection[str],
        desk: ChargePointDesk,
        files: Locations,
        closing: asyncio.Event,
    ) -> None:
        self._identities = identities
        self._desk = desk
        self._files = files
        self._closing = closing

    def routes(self) -> Sequence[Route]:
        """Where it stands."""
        path = "/api/v1/charge-points/{identity}/calls/{action}"
        return [Route(path, self.answer, methods=["POST"])]

    async def answer(self, request: Request) -> Response:
        """Send the CALL, and answer with what became of it."""
        identity = request.path_params["identity"]
        action = request.path_params["action"]
        if identity not in self._identities:
            return unknown_charge_point(identity)
        if action not in FROM_CENTRAL_SYSTEM:
            return problem(
                404,
                "unknown-action",
                "A Central System of OCPP 1.6 has no such CALL.",
                "Known: " + ", ".join(sorted(FROM_CENTRAL_SYSTEM)) + ".",
                action=action,
            )
        timeout_s = _timeout_s(request)
        if isinstance(timeout_s, Response):
            return timeout_s
        payload = await body_of(request)
        if isinstance(payload, Response):
            return payload
        return await self._call(identity, action, payload, timeout_s)

    async def _call(
        self, identity: str, action: str, payload: bytes, timeout_s: float | None
    ) -> Response:
        about = {"charge_point": identity, "action": action}
        try:
            payload = in_schema_order(action, payload)
            payload = await self._files.resolve(identity, action, payload)
            outcome = await self._outcome(identity, action, payload, timeout_s)
        except ProtocolViolation as violation:
            return problem(
                400,
                "payload-not-allowed",
                "OCPP 1.6 does not allow this payload.",
                violation.detail,
                code=violation.code,
                **about,
            )
        ending = "GivenUp" if outcome is None else type(outcome).__name__
        log.info("call.ended", extra={"facts": {"cp": identity, "action": action, "how": ending}})
        return told(outcome, about)

    async def _outcome(
        self, identity: str, action: str, payload: bytes, timeout_s: float | None
    ) -> CallOutcome | None:
        """The end of the CALL, or None when the server ended first."""
        call = asyncio.ensure_future(
            self._desk.call(identity, action, payload, timeout_s, caller=Caller.OPERATOR)
        )
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait({call, closing}, return_when=asyncio.FIRST_COMPLETED)
            return call.result() if call.done() else None
        finally:
            call.cancel()
            closing.cancel()


def told(outcome: CallOutcome | None, about: dict[str, str]) -> Response:
    """The HTTP answer for the end of a CALL; None when the server ended first."""
    match outcome:
        case Answered(payload):
            return Response(payload, media_type="application/json")
        case Refused(code, description, details):
            return problem(
                502,
                "call-error",
                "The charge point answered with a CALLERROR.",
                f"{code}: {description}" if description else code,
                code=code,
                description=description,
                details=_json(details),
                **about,
            )
        case TimedOut(after_s):
            return problem(
                504,
                "time-out",
                "The charge point did not answer in time.",
                f"No answer within {after_s:g} s; a late one is dropped.",
                after_s=after_s,
                **about,
            )
        case Offline():
            return problem(
                503,
                "offline",
                "The charge point is offline.",
                "It was not connected, or the connection ended before the answer.",
                **about,
            )
        case Superseded():
            return problem(
                409,
                "superseded",
                "A newer CALL took the place of this one; it was not sent.",
                **about,
            )
        case Withheld(reason):
            return problem(
                409,
                "withheld",
                "OCPP does not allow this CALL now; it was not sent.",
                reason,
                **about,
            )
        case None:
            return problem(
                503, "stopping", "The gateway stops; whether the CALL arrived is unknown.", **about
            )


def _timeout_s(request: Request) -> float | Response | None:
    text = request.query_params.get("timeout_s")
    if text is None:
        return None
    try:
        timeout_s = float(text)
    except ValueError:
        timeout_s = 0.0
    if SHORTEST_TIMEOUT_S <= timeout_s <= LONGEST_TIMEOUT_S:
        return timeout_s
    return problem(
        400,
        "bad-parameter",
        "A query parameter is out of range.",
        f"timeout_s must be a number from {SHORTEST_TIMEOUT_S:g} to {LONGEST_TIMEOUT_S:g}.",
        parameter="timeout_s",
    )


def _json(text: bytes) -> Any:
    """``text`` as the peer wrote it, or an empty object when it is not JSON."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
