"""The depot as the site file describes it, checked and complete.

`gateway.config` builds these from ``site.toml``; everything else only reads them.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from gateway.site.electrical import Conductor, PhaseCurrents


class ConnectorKey(NamedTuple):
    """A connector, named by its charge point's identity and its OCPP connectorId (1 or more)."""

    identity: str
    connector_id: int

    def __str__(self) -> str:
        return f"{self.identity}/{self.connector_id}"


@dataclass(frozen=True, slots=True)
class Circuit:
    """Conductors behind one protective device, with a limit on each.

    Args:
        name: Unique on the site.
        parent: The circuit that feeds this one; None for the feeder (exactly one).
        limit_a: Rating of the protective device, or the contract, per conductor.
        margin_a: Kept free below ``limit_a`` on every conductor.
        reserve_a: Worst-case load per conductor that hangs directly on this circuit and that we
            do not control (the building). Used when no fresh meter tells the truth.
    """

    name: str
    parent: str | None
    limit_a: PhaseCurrents
    margin_a: float
    reserve_a: PhaseCurrents


@dataclass(frozen=True, slots=True)
class Connector:
    """One outlet and what it may do.

    Args:
        conductors: Supply conductors in use, in the connector's own phase order.
        max_a: Highest current per conductor, 6 A or more.
        failsafe_a: What it may draw when nobody tells it anything: 0 A, or 6 A or more.
        priority: 1 or more; shares are weighted by it, and the higher is served first when the
            minima do not all fit.
    """

    key: ConnectorKey
    circuit: str
    conductors: tuple[Conductor, ...]
    max_a: float
    failsafe_a: float
    priority: int


@dataclass(frozen=True, slots=True)
class ChargePoint:
    """One OCPP charge point.

    Args:
        identity: Last segment of its WebSocket path, and its Basic user name.
        password: Basic password as bytes; None where the site allows security profile 0.
        upstream_identity: Its identity in the cloud; None when it is not mirrored there.
        upstream_password: Basic password towards the cloud.
    """

    identity: str
    connectors: tuple[Connector, ...]
    password: bytes | None = field(default=None, repr=False)
    upstream_identity: str | None = None
    upstream_password: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class MeterSite:
    """A meter on the wall, the circuit that it watches, and how to reach it.

    Args:
        driver: ``"modbus-tcp"``.
        map_name: Register map in ``drivers/modbus/meters``, such as ``eastron_sdm630_v2``.
        unit_id: Modbus unit, 1 to 247 (0 and 255 occur on TCP).
    """

    name: str
    circuit: str
    driver: str
    map_name: str
    host: str
    port: int
    unit_id: int


@dataclass(frozen=True, slots=True)
class Tag:
    """An idTag known on site. ``status`` as in OCPP 1.6 §7.2 AuthorizationStatus."""

    id_tag: str
    status: str = "Accepted"
    parent_id_tag: str | None = None
    expires_at: datetime | None = None


class OfflinePolicy(enum.Enum):
    """What an unknown idTag gets while the cloud cannot be asked."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class LateRefusal(enum.Enum):
    """What happens to a running transaction whose idTag the cloud refuses afterwards."""

    STOP = "stop"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class AuthorizationRules:
    """How tags are decided (site file ``[authorization]``)."""

    tags: Mapping[str, Tag]
    """By idTag in lower case: idTags compare without case (OCPP 1.6 §7.28)."""
    cloud_timeout_s: float = 5.0
    cache_lifetime_s: float = 7 * 86400.0
    offline: OfflinePolicy = OfflinePolicy.REFUSE
    late_refusal: LateRefusal = LateRefusal.STOP


@dataclass(frozen=True, slots=True)
class UpstreamSite:
    """The operator's cloud CSMS. The charge point's identity is appended to ``url``."""

    url: str
    backoff_max_s: float = 60.0


@dataclass(frozen=True, slots=True)
class BalancingRules:
    """How current is shared (site file ``[balancing]``); defaults follow the energy chapter."""

    meter_stale_s: float = 5.0
    """A meter sample older than this is unsafe: the connectors below it go to fail-safe."""
    raise_hold_s: float = 10.0
    """A higher share must have been free for this long before a connector is raised."""
    lease_s: float = 120.0
    """A limit above the fail-safe current falls back by itself after this time."""


@dataclass(frozen=True, slots=True)
class OcppListener:
    """Where charge points dial in: ``ws://host:port/path/<identity>``."""

    host: str = "0.0.0.0"  # noqa: S104 - charge points are on the LAN
    port: int = 9000
    path: str = "/ocpp"
    heartbeat_interval_s: int = 300
    quiet: bool = False
    """No call to a charge point that nobody asked for: no provisioning, no balancing."""
    meter_values_interval_s: int = 10
    """MeterValueSampleInterval written to each charge point after its boot; 0 leaves it alone."""


@dataclass(frozen=True, slots=True)
class WebListener:
    """Where the page and the API listen: loopback only, until access control exists."""

    host: str = "127.0.0.1"
    port: int = 8080


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that the site file says."""

    name: str
    voltage_v: float
    state_dir: Path
    circuits: Mapping[str, Circuit]
    meters: Mapping[str, MeterSite]
    charge_points: Mapping[str, ChargePoint]
    authorization: AuthorizationRules
    upstream: UpstreamSite | None
    balancing: BalancingRules
    ocpp: OcppListener
    web: WebListener

    @property
    def feeder(self) -> Circuit:
        """The circuit at the grid connection."""
        return next(circuit for circuit in self.circuits.values() if circuit.parent is None)

    def connectors(self) -> Iterator[Connector]:
        """Every connector of the depot, in the order of the site file."""
        for charge_point in self.charge_points.values():
            yield from charge_point.connectors

    def connector(self, key: ConnectorKey) -> Connector | None:
        """The connector called ``key``, or None when the site file does not know it."""
        charge_point = self.charge_points.get(key.identity)
        if charge_point is None:
            return None
        return next((c for c in charge_point.connectors if c.key == key), None)
