"""One charging profile in time: which of its periods is in force, and until when (OCPP 1.6 §5.16).

The one rule: instants are whole microseconds since 1970, so that no boundary is ever rounded. All
recurrence counts in spans of 24 hours, which no change of a wall clock moves (errata 3.78).
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import UNSET

from gateway.ocpp.v16.datatypes import Text
from gateway.ocpp.v16.messages import ChargingProfile, ChargingSchedulePeriod, read_time

SECOND_US: Final = 1_000_000
FOREVER_US: Final = 2**100
"""Later than every instant, and longer than every span, that a profile can name."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_RECURS_US: Final = {"Daily": 86_400 * SECOND_US, "Weekly": 7 * 86_400 * SECOND_US}


@dataclass(frozen=True, slots=True)
class Timetable:
    """When each period of a profile is in force.

    Args:
        valid_from_us: The profile says nothing before this instant,
        valid_to_us: and nothing from this instant on.
        start_us: The instant from which the periods count; None: from the start of charging.
        every_us: After this span the periods begin anew.
        duration_us: Of each such span, only so much is executed.
        starts_us: Where each period begins, from 0 and ascending.
        periods: The periods themselves.
    """

    valid_from_us: int
    valid_to_us: int
    start_us: int | None
    every_us: int
    duration_us: int
    starts_us: tuple[int, ...]
    periods: tuple[ChargingSchedulePeriod, ...]

    def at(self, at_us: int, began_us: int) -> tuple[ChargingSchedulePeriod | None, int]:
        """The period in force at ``at_us``, None for a gap, and until when that stays so.

        Args:
            began_us: The start of charging.
        """
        if at_us < self.valid_from_us:
            return None, self.valid_from_us
        if at_us >= self.valid_to_us:
            return None, FOREVER_US
        start_us = began_us if self.start_us is None else self.start_us
        if at_us < start_us:
            return None, start_us
        offset_us = (at_us - start_us) % self.every_us
        turn_us = at_us - offset_us
        if offset_us >= self.duration_us:
            return None, turn_us + self.every_us
        following = bisect_right(self.starts_us, offset_us)
        ends_us = self.duration_us
        if following < len(self.starts_us):
            ends_us = min(ends_us, self.starts_us[following])
        return self.periods[following - 1], min(turn_us + ends_us, self.valid_to_us)


def timetable(profile: ChargingProfile) -> Timetable:
    """The timetable of a profile that can be carried out."""
    schedule = profile.charging_schedule
    every_us = FOREVER_US
    if profile.charging_profile_kind == "Recurring" and profile.recurrency_kind is not UNSET:
        every_us = _RECURS_US[profile.recurrency_kind]
    duration_us = FOREVER_US if schedule.duration is UNSET else schedule.duration * SECOND_US
    valid_from_us, valid_to_us = _instant_us(profile.valid_from), _instant_us(profile.valid_to)
    relative = profile.charging_profile_kind == "Relative"
    return Timetable(
        valid_from_us=-FOREVER_US if valid_from_us is None else valid_from_us,
        valid_to_us=FOREVER_US if valid_to_us is None else valid_to_us,
        start_us=None if relative else _instant_us(schedule.start_schedule),
        every_us=every_us,
        duration_us=min(duration_us, every_us),
        starts_us=tuple(
            period.start_period * SECOND_US for period in schedule.charging_schedule_period
        ),
        periods=schedule.charging_schedule_period,
    )


def standing(profile: ChargingProfile) -> Timetable:
    """The timetable of a profile for the whole charge point.

    The charge point as a whole has no start of charging: nobody can say where a schedule that
    counts from one stands, so that its lowest limit holds as long as the profile is valid.
    """
    told = timetable(profile)
    if told.start_us is not None:
        return told
    lowest = min(told.periods, key=lambda period: period.limit)
    return Timetable(
        told.valid_from_us, told.valid_to_us, -FOREVER_US, FOREVER_US, FOREVER_US, (0,), (lowest,)
    )


def micros(at: datetime) -> int:
    """Microseconds from 1970 to ``at``, which is timezone-aware."""
    return (at - _EPOCH) // _MICROSECOND


def _instant_us(text: Text) -> int | None:
    at = None if text is UNSET else read_time(text)
    return None if at is None else micros(at)
