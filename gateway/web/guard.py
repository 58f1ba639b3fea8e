"""The gate before every route: whom we answer, and the headers on every answer.

There is no access control yet, so two things must not happen: a web page from elsewhere reaching us
under a name of its own (DNS rebinding), and one that sends us a POST (cross-site request forgery).
"""

from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web.problems import problem

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


def host_name(host_header: str) -> str:
    """The name in a Host header, in lower case, without its port; ``[...]`` stays around IPv6."""
    name = host_header.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]


class Guard:
    """ASGI middleware: refuses foreign names and foreign senders, and adds the headers.

    Args:
        names: Host names under which we may be addressed, without port.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 403."""
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        if host_name(headers.get("host", "")) not in self._names:
            answer = problem(
                403,
                "host-not-allowed",
                "The gateway does not answer under this name.",
                "Open it as http://127.0.0.1 or http://localhost, with its port.",
            )
            await answer(scope, receive, send_with_headers)
        elif scope["method"] not in READING and not _same_origin(headers):
            answer = problem(
                403, "cross-site", "A page of another site may not command charge points."
            )
            await answer(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def _same_origin(headers: Headers) -> bool:
    """True for our own page, and for programs: only browsers send Origin or Sec-Fetch-Site."""
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{headers.get('host', '').lower()}":
        return False
    return headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
