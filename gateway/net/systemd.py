"""What we tell systemd (sd_notify). Without systemd, every function here does nothing."""

import logging
import os
import socket

from gateway.runtime.log import facts

log = logging.getLogger(__name__)


def ready() -> None:
    """We are up: units that wait for us may start."""
    notify("READY=1")


def stopping() -> None:
    """We were asked to stop, and do."""
    notify("STOPPING=1")


def watchdog() -> None:
    """We still do our work. To be called after completed work only, never by a mere timer."""
    notify("WATCHDOG=1")


def notify(state: str) -> None:
    """Send ``state`` to the service manager over NOTIFY_SOCKET, if there is one.

    Args:
        state: Assignments such as ``READY=1``, one a line (sd_notify(3)).
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
            manager.setblocking(False)
            manager.sendto(state.encode(), address)
    except OSError as exc:
        log.warning("systemd.unreachable", extra=facts(state=state, error=exc))
