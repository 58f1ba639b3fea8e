"""Which keys are asked for by name, and which are written: quirks of the model applied."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.ocpp.v16.quirks import Quirks
from gateway.provisioning.compare import Comparison, KeyState

RELIED_ON: Final = (
    "SupportedFeatureProfiles",
    "LocalAuthListEnabled",
    "LocalAuthListMaxLength",
    "SendLocalListMaxLength",
)
"""Keys that others read in the record; asked for where not everything can be."""


def to_ask(wanted: Iterable[str], quirks: Quirks) -> Iterator[Sequence[str]]:
    """The keys to ask for by name, in groups of what the model takes at once."""
    keys = [
        key
        for key in dict.fromkeys((*wanted, *RELIED_ON))
        if key.casefold() not in quirks.never_read
    ]
    for first in range(0, len(keys), quirks.keys_at_once):
        yield keys[first : first + quirks.keys_at_once]


def to_write(compared: Iterable[Comparison], quirks: Quirks) -> Iterator[Comparison]:
    """What is to be changed. A key that must not be read is written unread, once: what the charge
    point then confirmed is known."""
    for one in compared:
        unread = one.actual is None and one.key.casefold() in quirks.never_read
        if one.state is KeyState.DIFFERS or (one.state is KeyState.UNKNOWN and unread):
            yield one
