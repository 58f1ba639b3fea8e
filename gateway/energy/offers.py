"""What the balancing decides: offers with their reasons, and the load behind them."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.site.depot import ConnectorKey
from gateway.site.electrical import PhaseCurrents


class Why(enum.Enum):
    """What bound an offer. The value is what a person reads; ``detail`` completes it."""

    IDLE = "no transaction"
    AS_REQUESTED = "gets all it asked for"
    SHARED = "shares what is free"
    WAITING = "waits until 6 A come free"
    CAP = "limited from outside"
    METER_SILENT = "fail-safe: no fresh meter value"
    HELD = "a raise is being held back"
    VEHICLE = "vehicle takes no more"
    OFFLINE = "charge point is offline: its fail-safe current is reserved"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an offer is what it is.

    Args:
        detail: Completes the sentence: the circuit and conductor that are full (``"hall L2"``), or
            who set the cap (``"cloud"``). Empty when ``why`` says it all.
    """

    why: Why
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.why.value} ({self.detail})" if self.detail else self.why.value


@dataclass(frozen=True, slots=True)
class Offer:
    """What one connector is let to take, per conductor.

    Args:
        offer_da: 0, or 60 (6 A) and more, in deci-ampere: the limit that is in force or on its way.
        target_da: Its share by the latest allocation; the offer follows, down at once, up later.
        counted_da: What the balancing counts it at: max of every limit that may be in force.
        drawn: Last measured draw on the supply conductors; None when unknown.
        active: A transaction is running.
    """

    key: ConnectorKey
    offer_da: int
    target_da: int
    counted_da: int
    reason: Reason
    drawn: PhaseCurrents | None
    active: bool
    online: bool


@dataclass(frozen=True, slots=True)
class CircuitLoad:
    """One circuit in one cycle.

    Args:
        load: Measured on its meter; None without a meter or while it is silent.
        uncontrolled: What the balancing counts for loads that it does not control.
        headroom_da: Limit less margin, uncontrolled load and every counted offer, per conductor;
            negative when overloaded.
        age_s: Age of the meter sample; None without a meter or before its first sample.
        failsafe: The circuit is watched by a meter that is stale.
    """

    name: str
    parent: str | None
    limit_a: PhaseCurrents
    load: PhaseCurrents | None
    uncontrolled: PhaseCurrents
    headroom_da: tuple[int, int, int]
    age_s: float | None
    failsafe: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """The outcome of one balancing cycle."""

    monotonic_s: float
    offers: Mapping[ConnectorKey, Offer]
    circuits: Mapping[str, CircuitLoad]

    @property
    def failsafe(self) -> bool:
        """True while any circuit is without a fresh meter value that it needs."""
        return any(circuit.failsafe for circuit in self.circuits.values())
