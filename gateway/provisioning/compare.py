"""Desired configuration beside what a charge point has.

The one rule: only what the charge point itself told counts as what it has.
"""

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gateway.ocpp.v16.provisioning import holds_all, same_value
from gateway.provisioning.desired import Source, Wish
from gateway.records.configuration import Configuration, Entry


class KeyState(enum.Enum):
    """How a key stands."""

    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    """The charge point does not have it, or never told."""
    READONLY = "readonly"
    """It differs, and cannot be changed."""
    REFUSED = "refused"
    """It differs, and the charge point did not take the change in this connection."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One key.

    Args:
        key: As the charge point writes it, where it has it.
        actual: None when it is not known.
        reboot_required: It was written, and is in force after the next boot.
    """

    key: str
    wanted: str
    actual: str | None
    source: Source
    state: KeyState
    reboot_required: bool = False


def compare(
    wishes: Iterable[Wish],
    record: Configuration,
    refused: Collection[str] = (),
    never_write: Collection[str] = (),
) -> tuple[Comparison, ...]:
    """Every wish beside what is known.

    Args:
        refused: Keys, in lower case, whose change was refused.
        never_write: Keys, in lower case, that must not be changed.
    """
    found = {key.casefold(): (key, entry) for key, entry in record.keys.items()}
    comparisons = []
    for wish in wishes:
        key, entry = found.get(wish.key.casefold(), (wish.key, None))
        comparisons.append(_comparison(wish, key, entry, refused, never_write))
    return tuple(comparisons)


def _comparison(
    wish: Wish,
    key: str,
    entry: Entry | None,
    refused: Collection[str],
    never_write: Collection[str],
) -> Comparison:
    folded = wish.key.casefold()
    actual = None if entry is None else entry.value or ""
    if actual is not None and _is_as_wished(wish, actual):
        state = KeyState.SAME
    elif folded in refused:
        state = KeyState.REFUSED
    elif folded in never_write or (entry is not None and entry.readonly):
        state = KeyState.READONLY
    else:
        state = KeyState.UNKNOWN if entry is None else KeyState.DIFFERS
    waits = entry is not None and entry.reboot_required
    return Comparison(key, wish.value, actual, wish.source, state, waits)


def _is_as_wished(wish: Wish, actual: str) -> bool:
    """A list that holds more than the balancing needs is as good."""
    if wish.source is Source.BALANCING:
        return holds_all(wish.key, wish.value, actual)
    return same_value(wish.value, actual)
