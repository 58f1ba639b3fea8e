"""A small HTTP client for the API of the running gateway.

The one rule: whatever goes wrong on the way is one error with one sentence; an answer is an answer,
problem documents (RFC 9457) too.
"""

import http.client
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, Final
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from gateway.cli.exits import FAILED, OF_PROBLEM, Failed, GatewayAway, UsageFault
from gateway.cli.options import ENVIRONMENT, URL

PATIENCE_S: Final = 60.0
"""How long the gateway may take where no charge point is asked."""

URN: Final = "urn:depot-gateway:problem:"
CHUNK_BYTES: Final = 1 << 16

Query = Mapping[str, str | float | None]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the gateway answered.

    Args:
        problem: The members of a problem document; None when all went well.
    """

    status: int
    body: bytes
    problem: Mapping[str, Any] | None = None

    @property
    def problem_name(self) -> str:
        """The end of the problem's type URN, such as ``time-out``; empty when all went well."""
        if self.problem is None:
            return ""
        return str(self.problem.get("type", "")).removeprefix(URN) or "unknown"

    def json(self) -> Any:
        """The body.

        Raises:
            Failed: The answer is a problem.
            GatewayAway: The body is not JSON.
        """
        self.must_be_good()
        return _decoded(self.body)

    def must_be_good(self) -> None:
        """Raise Failed when the answer is a problem."""
        if self.problem is not None:
            code = OF_PROBLEM.get(self.problem_name, FAILED)
            raise Failed(sentence_of(self.problem), code)


class Client:
    """Asks the gateway, one connection for each question.

    Args:
        url: Base URL of the gateway, such as ``http://127.0.0.1:8080``.

    Raises:
        UsageFault: The URL is none.
    """

    def __init__(self, url: str = URL) -> None:
        self.url = url.rstrip("/")
        try:
            parts = urlsplit(self.url)
            self._host, self._port = parts.hostname or "", parts.port or 80
        except ValueError as exc:
            raise UsageFault(f"{url!r} is not a URL: {exc}") from exc
        if parts.scheme != "http" or not self._host:
            raise UsageFault(f"{url!r} is not the URL of a gateway; write it as {URL}")
        self._base = parts.path

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | IO[bytes] | None = None,
        *,
        query: Query | None = None,
        patience_s: float = PATIENCE_S,
    ) -> Reply:
        """Send a request and read the whole answer.

        Args:
            path: Begins with ``/``; see `place`.
            body: Bytes of a JSON object, or a file that is open for reading.
            query: Parameters; those that are None are left out.

        Raises:
            GatewayAway: There was no answer.
        """
        connection = http.client.HTTPConnection(self._host, self._port, timeout=patience_s)
        try:
            response = self._response(connection, method, path + _query(query), body)
            content = response.read()
        except (OSError, UnicodeError, http.client.HTTPException) as exc:
            raise GatewayAway(self._away(exc, patience_s)) from exc
        finally:
            connection.close()
        problem = _problem(response, content) if response.status >= 400 else None
        return Reply(response.status, content, problem)

    def fetch(self, path: str) -> Iterator[bytes]:
        """The body of ``path``, piece by piece.

        Raises:
            Failed: The gateway answered with a problem.
            GatewayAway: There was no answer, or it ended early.
        """
        connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE_S)
        try:
            response = self._response(connection, "GET", path, None)
            if response.status >= 400:
                Reply(response.status, b"", _problem(response, response.read())).must_be_good()
            while chunk := response.read(CHUNK_BYTES):
                yield chunk
        except (OSError, UnicodeError, http.client.HTTPException) as exc:
            raise GatewayAway(self._away(exc, PATIENCE_S)) from exc
        finally:
            connection.close()

    def _response(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | IO[bytes] | None,
    ) -> http.client.HTTPResponse:
        headers = {}
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
        elif body is not None:
            headers["Content-Type"] = "application/octet-stream"
            headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
        with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before all is read
            connection.request(method, self._base + path, body, headers)
        return connection.getresponse()

    def _away(self, exc: Exception, patience_s: float) -> str:
        if isinstance(exc, TimeoutError):
            return f"the gateway at {self.url} did not answer within {patience_s:g} s"
        if isinstance(exc, ConnectionRefusedError):
            return f"no gateway answers at {self.url}; is it running? (--url, or {ENVIRONMENT})"
        return f"the gateway at {self.url} cannot be reached: {exc or type(exc).__name__}"


def place(*parts: str) -> str:
    """The path of ``parts`` below the API, each as one segment: ``place("tags", "A/B")``."""
    return "/api/v1/" + "/".join(quote(part, safe="", errors="surrogateescape") for part in parts)


def sentence_of(problem: Mapping[str, Any]) -> str:
    """A problem document in one sentence, without the full stop."""
    title = str(problem.get("title") or "the gateway refused").rstrip(".")
    detail = str(problem.get("detail") or "").rstrip(".")
    return f"{title}: {detail}" if detail else title


def _query(query: Query | None) -> str:
    given = {name: value for name, value in (query or {}).items() if value is not None}
    return "?" + urlencode(given) if given else ""


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise GatewayAway("what answers there is not the gateway: its answer is not JSON") from exc


def _problem(response: http.client.HTTPResponse, content: bytes) -> Mapping[str, Any]:
    """The problem document; one made of the status where the answer is none."""
    if response.headers.get_content_type() == "application/problem+json":
        document = _decoded(content)
        if isinstance(document, dict):
            return document
    return {"title": f"The gateway answered {response.status} {response.reason}"}
