"""Exit codes: what each of them means, and how the work of a command ends with one."""

from collections.abc import Callable, Mapping
from typing import Final, NoReturn

import typer

from gateway.cli.screen import say
from gateway.errors import ConfigError, GatewayError, Unavailable

AGREED: Final = 0
FAILED: Final = 1
USAGE: Final = 2
REFUSED: Final = 3
CALL_ERROR: Final = 4
TIME_OUT: Final = 5
OFFLINE: Final = 6
NOT_SENT: Final = 7
GATEWAY_AWAY: Final = 8
CONFIG: Final = 78
"""EX_CONFIG of sysexits(3): systemd need not try again."""

INTERRUPTED: Final = 130

MEANING: Final[Mapping[int, str]] = {
    AGREED: "done; the charge point agreed",
    FAILED: "anything else that failed",
    USAGE: "a wrong option, a payload that OCPP 1.6 does not allow, or something unknown",
    REFUSED: "the charge point refused (Rejected, NotSupported, ...)",
    CALL_ERROR: "the charge point answered with a CALLERROR",
    TIME_OUT: "the charge point did not answer in time",
    OFFLINE: "the charge point is offline",
    NOT_SENT: "not sent: withheld, or a newer CALL took its place",
    GATEWAY_AWAY: "the gateway cannot be reached",
    CONFIG: "the site file is wrong",
    INTERRUPTED: "interrupted by Ctrl-C",
}
"""What each exit code says."""

OF_PROBLEM: Final[Mapping[str, int]] = {
    "call-error": CALL_ERROR,
    "time-out": TIME_OUT,
    "offline": OFFLINE,
    "superseded": NOT_SENT,
    "withheld": NOT_SENT,
    "stopping": GATEWAY_AWAY,
    "payload-not-allowed": USAGE,
    "unknown-charge-point": USAGE,
    "unknown-action": USAGE,
    "unknown-record": USAGE,
    "unknown-tag": USAGE,
    "unknown-file": USAGE,
    "bad-body": USAGE,
    "bad-parameter": USAGE,
    "bad-tag": USAGE,
    "bad-tag-file": USAGE,
}
"""The exit code for a problem document of the gateway, by the end of its type."""

EPILOG: Final = "\n".join(
    ("Exit codes:", *(f"{code:>3}  {words}" for code, words in MEANING.items()))
)
"""Every exit code, one a line, for the end of a help page."""

SHORT_EPILOG: Final = (
    "Exit codes: 0 agreed, 2 usage, 3 refused, 4 CALLERROR, 5 time-out, 6 offline, 7 not sent, "
    "8 gateway away, 1 other."
)


class UsageFault(GatewayError):
    """What was asked for cannot be: the person at the keyboard writes it otherwise."""


class GatewayAway(Unavailable):
    """The gateway cannot be reached, or gave no answer that can be read."""


class Failed(GatewayError):
    """What was asked for did not happen; ``code`` is the exit code."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code


def end(work: Callable[[], int]) -> NoReturn:
    """Do the work of a command and exit with its code; errors on purpose become sentences."""
    try:
        code = work()
    except ConfigError as exc:
        say(str(exc), failed=True)
        code = CONFIG
    except GatewayError as exc:
        say(f"depot-gateway: {exc}", failed=True)
        code = code_of(exc)
    except KeyboardInterrupt:
        code = INTERRUPTED
    raise typer.Exit(code)


def code_of(error: GatewayError) -> int:
    """The exit code that tells of ``error``."""
    match error:
        case UsageFault():
            return USAGE
        case GatewayAway():
            return GATEWAY_AWAY
        case Failed():
            return error.code
        case _:
            return FAILED
