"""The things that can happen in a demo. Each says in a few words what it is."""

from dataclasses import dataclass
from typing import TypeAlias

from gateway.demo.plan import CarPlan


@dataclass(frozen=True, slots=True)
class Arrives:
    """A vehicle is plugged in and its driver shows a tag."""

    identity: str
    car: CarPlan
    id_tag: str

    def __str__(self) -> str:
        return f"a vehicle arrives at {self.identity}"


@dataclass(frozen=True, slots=True)
class Leaves:
    """The vehicle is unplugged."""

    identity: str

    def __str__(self) -> str:
        return f"the vehicle leaves {self.identity}"


@dataclass(frozen=True, slots=True)
class BuildingDraws:
    """The building's load changes to this much on every conductor."""

    load_a: float

    def __str__(self) -> str:
        return f"the building draws {self.load_a:g} A per phase"


@dataclass(frozen=True, slots=True)
class CloudFalters:
    """From now on the cloud's answers are lost."""

    def __str__(self) -> str:
        return "the cloud stops answering"


@dataclass(frozen=True, slots=True)
class CloudGoes:
    """The cloud cannot be reached any more."""

    def __str__(self) -> str:
        return "the cloud is away"


@dataclass(frozen=True, slots=True)
class CloudReturns:
    """The cloud can be reached again."""

    def __str__(self) -> str:
        return "the cloud is back"


@dataclass(frozen=True, slots=True)
class MeterFallsSilent:
    """The meter gives no more answers."""

    def __str__(self) -> str:
        return "the meter falls silent"


@dataclass(frozen=True, slots=True)
class MeterSpeaks:
    """The meter answers again."""

    def __str__(self) -> str:
        return "the meter answers again"


@dataclass(frozen=True, slots=True)
class Reboots:
    """A charge point loses power for a moment."""

    identity: str

    def __str__(self) -> str:
        return f"{self.identity} reboots"


@dataclass(frozen=True, slots=True)
class CloudCaps:
    """The cloud limits the running transaction of a charge point, by the cloud's own id."""

    identity: str
    limit_a: float

    def __str__(self) -> str:
        return f"the cloud caps {self.identity} at {self.limit_a:g} A"


@dataclass(frozen=True, slots=True)
class CloudStops:
    """The cloud stops the running transaction of a charge point, by the cloud's own id."""

    identity: str

    def __str__(self) -> str:
        return f"the cloud stops the transaction at {self.identity}"


@dataclass(frozen=True, slots=True)
class GatewayDies:
    """kill -9, and started again at once."""

    def __str__(self) -> str:
        return "the gateway is killed and started again"


@dataclass(frozen=True, slots=True)
class LinksBreak:
    """Every charge point loses its connection at once, and all of them dial in again."""

    def __str__(self) -> str:
        return "every charge point loses its connection"


Happening: TypeAlias = (
    Arrives
    | Leaves
    | BuildingDraws
    | CloudFalters
    | CloudGoes
    | CloudReturns
    | MeterFallsSilent
    | MeterSpeaks
    | Reboots
    | CloudCaps
    | CloudStops
    | GatewayDies
    | LinksBreak
)
