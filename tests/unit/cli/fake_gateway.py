"""An HTTP server on loopback that answers as told, and the command line in this process."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typer.testing import CliRunner

from gateway import cli


@dataclass
class FakeGateway:
    """Answers by method and path; remembers what it was asked.

    Args:
        answers: Status and body, by ``"METHOD /path"``; a dict with a type is a problem document.
    """

    url: str = ""
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, bytes]] = field(default_factory=list)

    def will(self, line: str, body: Any, status: int = 200) -> None:
        """Answer ``line`` so."""
        self.answers[line] = (status, body)

    def fails(self, line: str, status: int, name: str, **members: Any) -> None:
        """Answer ``line`` with a problem document."""
        kind = f"urn:depot-gateway:problem:{name}"
        self.will(line, {"type": kind, "title": "It failed.", "status": status, **members}, status)

    def said(self) -> Any:
        """The last body, decoded."""
        return json.loads(self.asked[-1][1])


@contextmanager
def fake_gateway() -> Iterator[FakeGateway]:
    """One that listens until the end of the block."""
    fake = FakeGateway()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fake.asked.append((f"{self.command} {self.path}", body))
            line = f"{self.command} {self.path.partition('?')[0]}"
            missing = {"type": "urn:depot-gateway:problem:no-route", "title": "Nothing is here."}
            status, found = fake.answers.get(line, (404, missing))
            content = found if isinstance(found, bytes) else json.dumps(found).encode()
            is_problem = isinstance(found, dict) and "type" in found
            self.send_response(status)
            kind = "application/problem+json" if is_problem else "application/json"
            self.send_header("Content-Type", kind)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if status != 204:
                self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Nobody reads it."""

    for method in ("GET", "POST", "PUT", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def invoke(*words: str, url: str = "", stdin: str | None = None) -> tuple[int, str]:
    """The exit code and everything that was written."""
    environment = {"DEPOT_GATEWAY_URL": url, "COLUMNS": "200"}
    result = CliRunner(env=environment).invoke(cli.app, list(words), input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output
