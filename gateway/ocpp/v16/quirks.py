"""What models of charge points cannot stand, as data: ``quirks.yaml`` beside this file.

The one rule: a quirk only ever makes us send less, or later.
"""

from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Annotated, Final

import msgspec

from gateway.errors import ProtocolViolation
from gateway.ocpp.v16.messages import BootNotificationRequest, read

USUAL_KEYS_AT_ONCE: Final = 4
"""Names in one GetConfiguration: few charge points take fewer."""


class Model(msgspec.Struct, frozen=True):
    """What a charge point said that it is; empty when that is not known."""

    vendor: str = ""
    name: str = ""


UNKNOWN_MODEL: Final = Model()


class Quirk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of the file.

    Args:
        vendor: Pattern for chargePointVendor with ``*`` and ``?``.
        model: The same for chargePointModel.
        why: What was seen.
        source: Where it is written.
    """

    vendor: str
    model: str = "*"
    why: str
    source: str
    never_read: tuple[str, ...] = ()
    never_write: tuple[str, ...] = ()
    no_read_all: bool = False
    keys_at_once: Annotated[int, msgspec.Meta(ge=1)] = USUAL_KEYS_AT_ONCE
    settle_s: Annotated[float, msgspec.Meta(ge=0.0, le=600.0)] = 0.0


class Quirks(msgspec.Struct, frozen=True, kw_only=True):
    """All that counts for one model; keys are in lower case."""

    never_read: frozenset[str] = frozenset()
    never_write: frozenset[str] = frozenset()
    no_read_all: bool = False
    keys_at_once: int = USUAL_KEYS_AT_ONCE
    settle_s: float = 0.0


def model_of(boot: bytes | None) -> Model:
    """The model in a BootNotification.req."""
    if boot is None:
        return UNKNOWN_MODEL
    try:
        told = read(BootNotificationRequest, boot)
    except ProtocolViolation:
        return UNKNOWN_MODEL
    return Model(told.charge_point_vendor, told.charge_point_model)


def matches(vendor: str, model: str, told: Model) -> bool:
    """True when both patterns fit; only ``*`` and ``?`` are wild, and case does not matter."""
    return _fits(vendor, told.vendor) and _fits(model, told.name)


def quirks_of(told: Model) -> Quirks:
    """What counts for a model: every entry that matches."""
    found = [quirk for quirk in known_quirks() if matches(quirk.vendor, quirk.model, told)]
    return Quirks(
        never_read=frozenset(key.casefold() for quirk in found for key in quirk.never_read),
        never_write=frozenset(key.casefold() for quirk in found for key in quirk.never_write),
        no_read_all=any(quirk.no_read_all for quirk in found),
        keys_at_once=min((quirk.keys_at_once for quirk in found), default=USUAL_KEYS_AT_ONCE),
        settle_s=max((quirk.settle_s for quirk in found), default=0.0),
    )


@cache
def known_quirks() -> tuple[Quirk, ...]:
    """The entries of the file."""
    data = resources.files("gateway.ocpp.v16").joinpath("quirks.yaml").read_bytes()
    return msgspec.yaml.decode(data, type=tuple[Quirk, ...])


def _fits(pattern: str, text: str) -> bool:
    return fnmatchcase(text.strip().casefold(), pattern.casefold().replace("[", "[[]"))
