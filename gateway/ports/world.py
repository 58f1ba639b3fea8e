"""What the world gives: time, chance, links and meters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.metering.sample import Reading


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks. Deadlines use ``monotonic_s``; wire fields use ``utc``."""

    utc: datetime
    monotonic_s: float


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> Moment:
        """This instant. ``utc`` is timezone-aware."""
        ...


class Chance(Protocol):
    """The only source of chance."""

    def unique_id(self) -> str:
        """An OCPP-J message id, never given before; at most 36 characters."""
        ...

    def transaction_id(self) -> int:
        """A candidate for a local transaction id: unguessable, 1 to 2**31 - 1."""
        ...

    def secret(self) -> str:
        """32 characters, hexadecimal digits or the like, that nobody can guess: 128 random bits."""
        ...

    def fraction(self) -> float:
        """A number from 0.0 up to, not including, 1.0; for jitter."""
        ...


class Channel(Protocol):
    """An open link that carries whole text messages, in order."""

    async def send(self, text: str) -> None:
        """Hand ``text`` to the link. Raises ChannelClosed when it is gone."""
        ...

    async def receive(self) -> str:
        """The next message. Raises ChannelClosed when the link is gone."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the link; safe to call twice."""
        ...


class Dialler(Protocol):
    """Opens links to the cloud."""

    async def dial(self, url: str, identity: str, password: bytes | None) -> Channel:
        """Connect as ``identity`` to ``url/<identity>``. Raises UpstreamOffline."""
        ...


class Meter(Protocol):
    """One meter on the wall."""

    async def read(self) -> Reading:
        """Read it once. Raises MeterSilent. Never returns values of another request."""
        ...

    async def close(self) -> None:
        """Let go of the line."""
        ...
