"""Limits: into charge points, and from outside."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.site.depot import ConnectorKey


class LimitOutcome(enum.Enum):
    """What became of a limit that was sent to a charge point."""

    CONFIRMED = "accepted"
    REFUSED = "refused"
    SILENT = "no answer"
    OFFLINE = "offline"
    SUPERSEDED = "replaced before it was sent"


class Actuator(Protocol):
    """Puts limits into charge points."""

    async def apply_limit(
        self,
        key: ConnectorKey,
        limit_da: int,
        failsafe_da: int,
        lease_s: float,
        *,
        urgent: bool,
    ) -> LimitOutcome:
        """Limit the running transaction of ``key`` to ``limit_da`` per conductor, falling to
        ``failsafe_da`` by itself after ``lease_s``. An urgent limit goes before everything else.
        """
        ...


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit from outside. ``source`` completes the sentence "limited by ..."."""

    limit_da: int
    source: str


class CapSource(Protocol):
    """Limits that others set."""

    def connector_cap(self, key: ConnectorKey, now: datetime) -> Cap | None:
        """The highest current per conductor that ``key`` may have now; None without a limit."""
        ...

    def charge_point_cap(self, identity: str, now: datetime) -> Cap | None:
        """The highest sum over the charge point's connectors, per conductor."""
        ...


class CloudLimits(Protocol):
    """Keeps the charging profiles that the cloud sets, as limits from outside.

    Payloads are the OCPP 1.6 requests and answers of one charge point, transaction ids ours.
    """

    async def set_profile(self, identity: str, payload: bytes) -> bytes:
        """SetChargingProfile.req to its conf."""
        ...

    def expect_profile(self, identity: str, connector_id: int | None, profile: bytes) -> None:
        """``profile`` came with a RemoteStartTransaction: it counts from the next start on
        ``connector_id``, or on any connector when that is None."""
        ...

    async def clear_profile(self, identity: str, payload: bytes) -> bytes:
        """ClearChargingProfile.req to its conf."""
        ...

    def composite_schedule(self, identity: str, payload: bytes) -> bytes:
        """GetCompositeSchedule.req to its conf: the cloud's profiles under the site's limit."""
        ...
