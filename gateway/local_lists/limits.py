"""What a charge point can hold, by its configuration (OCPP 1.6 §9.2), and who fits.

The one rule: where a charge point does not say, the careful answer counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from gateway.ocpp.v16.messages import IdTagInfo
from gateway.records.configuration import Configuration

USUAL_PER_MESSAGE: Final = 20
"""For a charge point that does not tell SendLocalListMaxLength."""
MOST_PER_MESSAGE: Final = 500
"""However much a charge point says that it takes: about 60 kB."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``per_message`` is 1 or more; ``total`` is None where nobody told of a limit."""

    per_message: int = USUAL_PER_MESSAGE
    total: int | None = None


def limits(configuration: Configuration) -> Limits:
    """SendLocalListMaxLength and LocalAuthListMaxLength."""
    told = configuration.number("SendLocalListMaxLength")
    per_message = USUAL_PER_MESSAGE if told is None else min(max(told, 1), MOST_PER_MESSAGE)
    return Limits(per_message, configuration.number("LocalAuthListMaxLength"))


def switched_off(configuration: Configuration) -> bool:
    """True when the charge point says that it keeps no list; False when it does not say."""
    profiles = configuration.words("SupportedFeatureProfiles")
    if profiles is not None and "localauthlistmanagement" not in profiles:
        return True
    enabled = configuration.value("LocalAuthListEnabled") or ""
    return enabled.strip().casefold() == "false"


def cut(
    wanted: Mapping[str, IdTagInfo], total: int | None
) -> tuple[dict[str, IdTagInfo], tuple[str, ...]]:
    """The entries that find room, in their order, and the idTags that do not: the last ones."""
    room = len(wanted) if total is None else total
    return dict(islice(wanted.items(), room)), tuple(islice(wanted, room, None))
