"""The taxonomy of errors: each class says who must act.

* `GatewayError`
    * `ConfigError`: the installer edits the site file.
    * `PeerError`: the other side broke the rules.
        * `ProtocolViolation`: carries the CALLERROR that we owe.
        * `NotAuthentic`
    * `Unavailable`: time heals it.
        * `ChannelClosed`
        * `UpstreamOffline`
        * `MeterSilent`
    * `FileRefused`: the sender sends another file, or a person makes room.
        * `FileTooLarge`
        * `NoRoomForFile`
        * `NotGranted`
    * `StorageFailed`: the device is ill; balancing goes on, no new promises are made.
    * `StartFailed`: the administrator changes the machine (port in use, directory not writable).
    * `InvariantBroken`: our bug; the supervisor restarts what raised it.

Expected outcomes (Rejected, Blocked, offline, timed out) are values, not exceptions.
"""

from collections.abc import Sequence


class GatewayError(Exception):
    """Root of everything that this product raises on purpose."""


class ConfigError(GatewayError):
    """The site file cannot be true. ``problems`` holds every problem, each ``path: sentence``."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class PeerError(GatewayError):
    """The other side broke the rules."""


class ProtocolViolation(PeerError):
    """A frame or payload against OCPP-J 1.6; knows the CALLERROR that we owe.

    Args:
        code: CALLERROR code in its OCPP 1.6 spelling (OCPP-J 1.6 §4.2.3).
        detail: What is wrong, in one sentence. May quote the peer: quote it again in a log.
        unique_id: Id of the CALL to answer; None when it could not be read.
    """

    def __init__(self, code: str, detail: str, unique_id: str | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.unique_id = unique_id


class NotAuthentic(PeerError):
    """The peer's credentials are missing or wrong."""


class Unavailable(GatewayError):
    """Something is away and may come back by itself."""


class ChannelClosed(Unavailable):
    """The link is gone; nothing more can be sent or received on it."""


class UpstreamOffline(Unavailable):
    """The cloud cannot be reached, or refused the connection."""


class MeterSilent(Unavailable):
    """The meter gave no usable answer."""


class FileRefused(GatewayError):
    """A file cannot be taken: its name, its size or the quota; one sentence says why."""


class FileTooLarge(FileRefused):
    """It is larger than any file may be."""


class NoRoomForFile(FileRefused):
    """All files together would be larger than the quota, or than the disk."""


class NotGranted(FileRefused):
    """Nobody may leave a file there, or no longer."""


class StorageFailed(GatewayError):
    """The database could not be read or written."""


class StartFailed(GatewayError):
    """The program cannot start on this machine as it stands; one sentence says why."""


class InvariantBroken(GatewayError):
    """Our bug: something that cannot happen did."""
