"""The web server: the page, the API and the stream of events. Loopback only."""

import asyncio
import ipaddress
from collections.abc import Sequence
from typing import Protocol

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from gateway.errors import StartFailed
from gateway.site.depot import WebListener
from gateway.web.banners import STALLED_AFTER_S
from gateway.web.guard import LOOPBACK_NAMES, Guard
from gateway.web.http_listener import HttpListener
from gateway.web.pages import Assets, Pages
from gateway.web.problems import problem
from gateway.web.stream import StateFeed
from gateway.web.view import DepotView


class Resource(Protocol):
    """A part of the API."""

    def routes(self) -> Sequence[Route]:
        """What it answers."""
        ...


class WebServer:
    """Serves the page and the API.

    Call `start`, then run `serve`; `close` ends it (see `HttpListener`).

    Args:
        resources: What the API offers beside the state.
        closing: Set when the server ends: what takes long gives up then.
    """

    def __init__(
        self,
        listener: WebListener,
        view: DepotView,
        resources: Sequence[Resource] = (),
        closing: asyncio.Event | None = None,
    ) -> None:
        self._host = listener.host
        self._listener = HttpListener(listener.host, listener.port, "The page", "web.port")
        self._view = view
        self._resources = resources
        self._pages = Pages()
        self._assets = Assets()
        self._closing = closing or asyncio.Event()
        self._feed = StateFeed(self._state)

    @property
    def port(self) -> int:
        """The port, also where the site file says 0, once `start` returned."""
        return self._listener.port

    async def start(self) -> None:
        """Bind the socket; connections wait there until `serve` runs. Raises StartFailed."""
        if not _is_loopback(self._host):
            raise StartFailed(
                f"The page cannot listen on {self._host}: only loopback is allowed; set web.host "
                "to 127.0.0.1."
            )
        self._listener.open()

    async def serve(self) -> None:
        """Answer requests until `close`."""
        self._closing.clear()
        config = uvicorn.Config(
            self._app(),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        serving = asyncio.create_task(self._listener.serve(config))
        pushing = asyncio.create_task(self._feed.run())
        try:
            done, _ = await asyncio.wait({serving, pushing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._give_up()
            pushing.cancel()
            serving.cancel()
            await asyncio.wait({serving})
        for task in done:
            task.result()

    async def close(self) -> None:
        """Stop listening, end every stream, give up every call. Safe to call twice."""
        self._give_up()
        await self._listener.close()

    def _give_up(self) -> None:
        """Nobody waits any more for what takes long."""
        self._closing.set()
        self._feed.close()

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/static/{name}", self._asset),
                Route("/healthz", self._health),
                Route("/api/v1/state", self._state_now),
                Route("/api/v1/events", self._events),
                *(route for resource in self._resources for route in resource.routes()),
            ],
            middleware=[Middleware(Guard, names=LOOPBACK_NAMES | {_in_url(self._host)})],
            exception_handlers={HTTPException: _refused, 500: _broken},
        )

    def _state(self) -> bytes:
        return msgspec.json.encode(self._view.state())

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(self._pages.depot(self._view.state()))

    async def _asset(self, request: Request) -> Response:
        return self._assets.answer(request) or _not_found()

    async def _state_now(self, _: Request) -> Response:
        return Response(self._state(), media_type="application/json")

    async def _events(self, _: Request) -> Response:
        if self._feed.full:
            return problem(503, "too-many-streams", "Too many event streams are open.")
        return StreamingResponse(self._feed.follow(), media_type="text/event-stream")

    async def _health(self, _: Request) -> Response:
        age_s = self._view.balanced_age_s
        if age_s is not None and age_s > STALLED_AFTER_S:
            return problem(
                503, "stalled", "Balancing stands still.", f"Last cycle {age_s:g} s ago."
            )
        return Response(
            msgspec.json.encode({"status": "ok", "balanced_age_s": age_s}),
            media_type="application/json",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host.lower()


def _not_found() -> Response:
    return problem(404, "not-found", "There is nothing here.")


async def _refused(_: Request, exc: Exception) -> Response:
    status = exc.status_code if isinstance(exc, HTTPException) else 500
    if status == 404:
        return _not_found()
    answer = problem(status, "not-allowed", "This request is not allowed here.")
    if isinstance(exc, HTTPException) and exc.headers:
        answer.headers.update(exc.headers)
    return answer


async def _broken(_: Request, _exc: Exception) -> Response:
    return problem(500, "internal", "The gateway has a bug here; its log has the details.")
