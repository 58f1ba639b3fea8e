"""What the page and ``GET /api/v1/state`` tell about the depot.

The names here are the JSON: fields may be added, none is renamed or taken away.
"""

from msgspec import Struct

Phases = tuple[float, float, float]
"""L1, L2, L3 in ampere, one decimal."""


class Banner(Struct, frozen=True):
    """Something that a person should know at once.

    Args:
        level: ``alarm`` (a fuse is in danger), ``warning`` (something works less well) or ``note``.
        kind: Stable word for programs, such as ``failsafe``.
        text: A sentence that stays the same while the matter lasts.
        detail: What changes from second to second: an age, a count. May be empty.
    """

    level: str
    kind: str
    text: str
    detail: str = ""


class CircuitState(Struct, frozen=True):
    """One circuit.

    Args:
        depth: 0 for the feeder, 1 for what it feeds.
        load_a: Measured by its meter; None without a meter or while it is silent.
        counted_a: Load as the balancing counts it: what it does not control plus every offer.
        headroom_a: What may still be offered; negative when overloaded. None before the first
            cycle.
        worst_overload_a: The most that the load was ever above ``limit_a`` since the start; 0.0
            when it never was. None where no meter watches.
        age_s: Age of the meter value; None without a meter or before its first value.
        failsafe: The connectors below are at their fail-safe current, for want of a meter value.
    """

    name: str
    parent: str | None
    depth: int
    limit_a: Phases
    margin_a: float
    load_a: Phases | None
    counted_a: Phases | None
    headroom_a: Phases | None
    worst_overload_a: Phases | None
    age_s: float | None
    failsafe: bool


class ConnectorState(Struct, frozen=True):
    """One connector.

    Args:
        status: OCPP's word (OCPP 1.6 §7.7), as last told; ``Unknown`` before the first.
        active: A transaction is running.
        id_tag: Masked: only its end is readable. None without a transaction.
        phases: Supply conductors in use, such as ``["L1", "L2", "L3"]``.
        offer_a: What it may take now, per conductor.
        target_a: Its share by the latest allocation; the offer follows.
        counted_a: What the balancing counts it at.
        drawn_a: Measured draw on the supply conductors; None when unknown.
        why: Stable word for programs, such as ``shared``.
        reason: Why the offer is what it is, in words.
        energy_wh: Charged in the running transaction; None when unknown.
    """

    connector_id: int
    circuit: str
    status: str
    error_code: str
    active: bool
    local_transaction_id: int | None
    id_tag: str | None
    phases: list[str]
    max_a: float
    failsafe_a: float
    offer_a: float
    target_a: float
    counted_a: float
    drawn_a: Phases | None
    why: str
    reason: str
    energy_wh: float | None


class UpstreamState(Struct, frozen=True):
    """The link to the cloud.

    Args:
        state: ``none`` (not mirrored), ``connecting``, ``connected`` or ``away``.
        waiting: Messages in the outbox.
        reason: Why it is away, in words.
    """

    state: str
    waiting: int = 0
    reason: str = ""


class ChargePointState(Struct, frozen=True):
    """One charge point. ``status`` is that of connector 0, the whole charge point."""

    identity: str
    online: bool
    status: str
    error_code: str
    upstream: UpstreamState
    connectors: list[ConnectorState]


class DepotState(Struct, frozen=True):
    """The whole depot at one moment.

    Args:
        at: UTC of this state, ISO 8601.
        balanced_age_s: Time since the last balancing cycle; None before the first.
        feeder: The circuit at the grid connection; also the first of ``circuits``.
        circuits: Every circuit, each before those that it feeds.
    """

    site: str
    at: str
    balanced_age_s: float | None
    feeder: CircuitState
    circuits: list[CircuitState]
    charge_points: list[ChargePointState]
    banners: list[Banner]
