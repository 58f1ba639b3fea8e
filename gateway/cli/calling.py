"""A CALL from the command line: sent through the gateway, and its end shown."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gateway.cli import completion
from gateway.cli.exits import SHORT_EPILOG, GatewayAway, UsageFault, code_of, end
from gateway.cli.options import URL, AsJson, DryRun, Identity, Timeout, Url
from gateway.errors import GatewayError
from gateway.ocpp.v16.actions import FROM_CENTRAL_SYSTEM

PATIENCE_S: Final = 300.0
"""The longest time-out, and more: a CALL may have to wait for those before it."""


class Line:
    """The way to a charge point, as the options of a command set it."""

    def __init__(
        self, identity: str, url: str, timeout_s: float | None, *, as_json: bool, dry_run: bool
    ) -> None:
        self.identity = identity
        self.url = url
        self._timeout_s = timeout_s
        self._as_json = as_json
        self._dry_run = dry_run

    def send(
        self,
        action: str,
        payload: bytes,
        *,
        filled: Sequence[tuple[str, str]] = (),
        uploads: Sequence[Path] = (),
    ) -> int:
        """Send a CALL and show how it ended; returns the exit code.

        Args:
            filled: Fields that were filled in, each with its JSON.
            uploads: Firmware files that go to the box first.
        """
        from gateway.cli import screen

        if self._dry_run:
            screen.say(f"{action} {payload.decode()}")
            return 0
        try:
            for path in uploads:
                self._upload(path)
            return self._send(action, payload, filled)
        except GatewayError as exc:
            if not self._as_json:
                raise
            screen.say_json(_unsent(self.identity, action, exc))
            return code_of(exc)

    def _send(self, action: str, payload: bytes, filled: Sequence[tuple[str, str]]) -> int:
        from gateway.cli import screen
        from gateway.cli.client import Client, place
        from gateway.cli.endings import ending_of

        reply = Client(self.url).ask(
            "POST",
            place("charge-points", self.identity, "calls", action),
            payload,
            query={"timeout_s": self._timeout_s},
            patience_s=PATIENCE_S,
        )
        ending = ending_of(self.identity, action, reply)
        if self._as_json:
            screen.say_json(ending.as_json(self.identity, action, filled))
            return ending.code
        for name, value in filled:
            screen.say(f"{name} filled in: {value}")
        screen.say(ending.sentence, failed=ending.answer is None)
        if ending.members:
            screen.show_members(ending.members, skip=("status",))
        return ending.code

    def _upload(self, path: Path) -> None:
        from gateway.cli.files import put_firmware

        put_firmware(self.url, path, path.name)


def call(
    charge_point: Identity,
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION",
            help="Such as Reset; reset will do.",
            autocompletion=completion.actions,
            show_default=False,
        ),
    ],
    payload: Annotated[
        str,
        typer.Argument(
            metavar="JSON",
            help="The payload: JSON, @FILE, or - for standard input.",
        ),
    ] = "{}",
    *,
    timeout: Timeout = None,
    url: Url = URL,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Send any CALL with any payload."""
    line = Line(charge_point, url, timeout, as_json=as_json, dry_run=dry_run)
    end(lambda: _call(line, action, payload))


def _call(line: Line, action: str, written: str) -> int:
    from gateway.cli import written as forms
    from gateway.ocpp.schema_order import in_schema_order

    name = spelt(action)
    if name not in FROM_CENTRAL_SYSTEM:
        raise UsageFault(f"a Central System of OCPP 1.6 has no action {action}")
    return line.send(name, in_schema_order(name, bytes(forms.document(written))))


def spelt(action: str) -> str:
    """``action`` as OCPP spells it, whatever its case and hyphens; others as they are."""
    plain = action.replace("-", "").casefold()
    return next((name for name in FROM_CENTRAL_SYSTEM if name.casefold() == plain), action)


def _unsent(identity: str, action: str, error: GatewayError) -> bytes:
    """What ended before a charge point was asked, as one JSON object."""
    outcome = "gateway-away" if isinstance(error, GatewayAway) else "failed"
    about = {"outcome": outcome, "charge_point": identity, "action": action, "agreed": False}
    return json.dumps({**about, "status": None, "payload": None, "detail": str(error)}).encode()


def register(app: typer.Typer) -> None:
    """Add the command ``call``."""
    settings: dict[str, Any] = {"rich_help_panel": "Charge points", "epilog": SHORT_EPILOG}
    app.command(**settings)(call)
