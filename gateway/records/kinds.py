"""Every kind of record, by the name under which it is kept and shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from gateway.records.availability import Availability
from gateway.records.calls import Calls
from gateway.records.configuration import Configuration
from gateway.records.deviations import Deviations
from gateway.records.document import Document
from gateway.records.local_list import LocalList
from gateway.records.profiles import ChargingProfiles
from gateway.records.progress import Progress
from gateway.records.reservations import Reservations

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True)
class Kind(Generic[D]):
    """A kind of record: what it is called, and what it is made of."""

    name: str
    document: type[D]


AVAILABILITY: Final = Kind("availability", Availability)
CALLS: Final = Kind("calls", Calls)
CHARGING_PROFILES: Final = Kind("charging-profiles", ChargingProfiles)
CONFIGURATION: Final = Kind("configuration", Configuration)
DEVIATIONS: Final = Kind("deviations", Deviations)
DIAGNOSTICS: Final = Kind("diagnostics", Progress)
FIRMWARE: Final = Kind("firmware", Progress)
LOCAL_LIST: Final = Kind("local-list", LocalList)
RESERVATIONS: Final = Kind("reservations", Reservations)

KINDS: Final[Mapping[str, Kind[Any]]] = {
    kind.name: kind
    for kind in (
        AVAILABILITY,
        CALLS,
        CHARGING_PROFILES,
        CONFIGURATION,
        DEVIATIONS,
        DIAGNOSTICS,
        FIRMWARE,
        LOCAL_LIST,
        RESERVATIONS,
    )
}
