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


class BootPolicy(enum.Enum):
    """What a charge point hears on BootNotification (OCPP 1.6 §4.2)."""

    ACCEPT = "accept"
    PREPARE = "prepare"
    """Pending until it holds its standing limit and its configuration, then Accepted."""
    PENDING = "pending"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class ModelRules:
    """What the site wants of every charge point of a model.

    Args:
        vendor: Pattern with ``*`` and ``?`` for chargePointVendor, compared without case.
        model: The same for chargePointModel.
        configuration: Desired configuration, value by key.
    """

    vendor: str
    model: str
    configuration: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChargePoint:
    """One OCPP charge point.

    Args:
        identity: Last segment of its WebSocket path, and its Basic user name.
        password: Basic password as bytes; None where the site allows security profile 0.
        upstream_identity: Its identity in the cloud; None when it is not mirrored there.
        upstream_password: Basic password towards the cloud.
        quiet: True: no CALL to it that nobody asked for; None follows the site.
        strict: True: what departs from OCPP 1.6 is refused; None follows the site.
        boot: What it hears on BootNotification; None follows the site.
        allow_without_subprotocol: It may connect without naming ``ocpp1.6``.
        configuration: Desired configuration, value by key; goes before the model's and the site's.
    """

    identity: str
    connectors: tuple[Connector, ...]
    password: bytes | None = field(default=None, repr=False)
    upstream_identity: str | None = None
    upstream_password: bytes | None = field(default=None, repr=False)
    quiet: bool | None = None
    strict: bool | None = None
    boot: BootPolicy | None = None
    allow_without_subprotocol: bool = False
    configuration: Mapping[str, str] = field(default_factory=dict)


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
    """An idTag known on site.

    Args:
        status: As in OCPP 1.6 §7.2 AuthorizationStatus.
        name: Whose it is, for people.
        charge_points: Identities where it is valid; None means everywhere.
    """

    id_tag: str
    status: str = "Accepted"
    parent_id_tag: str | None = None
    expires_at: datetime | None = None
    name: str = ""
    charge_points: frozenset[str] | None = None


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
    strict: bool = False
    """Refuse what departs from OCPP 1.6 with the right CALLERROR, in place of forgiving it."""
    boot: BootPolicy = BootPolicy.ACCEPT
    boot_retry_s: int = 30
    """Interval in a BootNotification.conf that does not accept."""
    configuration: Mapping[str, str] = field(default_factory=dict)
    """Desired configuration of every charge point, value by key."""
    models: tuple[ModelRules, ...] = ()


@dataclass(frozen=True, slots=True)
class FileListener:
    """Where charge points fetch firmware and leave diagnostics (site file ``[files]``).

    Args:
        host: Address to listen on.
        port: HTTP; 0 takes a free one.
        ftp_port: FTP for charge points that know nothing else; None switches it off.
        public_host: Name or address of this box in the URLs; None: the address at which the charge
            point reached us.
        max_file_bytes: No file may be larger.
        quota_bytes: All files together.
        keep_days: Uploads older than this are removed.
    """

    host: str = "0.0.0.0"  # noqa: S104 - charge points are on the LAN
    port: int = 9080
    ftp_port: int | None = None
    public_host: str | None = None
    max_file_bytes: int = 512 * 1024 * 1024
    quota_bytes: int = 2 * 1024 * 1024 * 1024
    keep_days: int = 30


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
    files: FileListener | None = None
    """None: the box serves no files."""

    @property
    def feeder(self) -> Circuit:
        """The circuit at the grid connection."""
        return next(circuit for circuit in self.circuits.values() if circuit.parent is None)

    def is_quiet(self, identity: str) -> bool:
        """True when nothing may be sent to this charge point that nobody asked for."""
        own = self.charge_points[identity].quiet if identity in self.charge_points else None
        return self.ocpp.quiet if own is None else own

    def is_strict(self, identity: str) -> bool:
        """True when what this charge point sends wrong is refused."""
        own = self.charge_points[identity].strict if identity in self.charge_points else None
        return self.ocpp.strict if own is None else own

    def boot_policy(self, identity: str) -> BootPolicy:
        """What this charge point hears on BootNotification, by the site file."""
        own = self.charge_points[identity].boot if identity in self.charge_points else None
        return own or self.ocpp.boot

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
