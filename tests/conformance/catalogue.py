"""The OCA's cases for a CSMS that the six certified profiles ask for, as data, and the decorator
that makes an asynchronous function the test of one of them.

The one rule: a case has exactly one test, named by its id; where the editions of the test document
differ it plays each of them.
"""

import asyncio
import enum
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Final, NamedTuple, ParamSpec

import pytest

P = ParamSpec("P")

BOUND_S: Final = 60.0
"""For a whole case, so that nothing hangs."""


class Profile(enum.Enum):
    """A certification profile, by the name on the certificate."""

    CORE = "Core"
    LOCAL_LIST = "Local Authorization List Management"
    FIRMWARE = "Firmware Management"
    RESERVATION = "Reservation"
    REMOTE_TRIGGER = "Remote Trigger"
    SMART_CHARGING = "Smart Charging"


class Editions(enum.Enum):
    """How a test stands to the editions of the test document."""

    BOTH = ("2024 and 2025",)
    """One way of playing it satisfies both."""

    APART = ("2024", "2025")
    """They differ: each is played."""


BOTH: Final = Editions.BOTH
APART: Final = Editions.APART


class Case(NamedTuple):
    """A case. ``number`` is what stands between ``TC_`` and ``_CSMS``."""

    number: str
    profile: Profile
    title: str

    @property
    def case_id(self) -> str:
        """As the test document writes it."""
        return f"TC_{self.number}_CSMS"


_TITLES: Final = {
    Profile.CORE: {
        "001": "Cold boot",
        "003": "Regular session, cable first",
        "004_1": "Regular session, identification first",
        "004_2": "Identification first, connection time-out",
        "005_1": "Cable pulled on the vehicle's side",
        "007": "Start with a cached identifier",
        "061": "Clear the authorization cache",
        "010": "Remote start, cable first",
        "011_1": "Remote start, remote command first",
        "011_2": "Remote start, connection time-out",
        "012": "Remote stop",
        "013": "Hard reset",
        "014": "Soft reset",
        "017_1": "Unlock without a session, connector lock",
        "017_2": "Unlock without a session, fixed cable",
        "018_1": "Unlock during a session",
        "019_1": "Read all configuration keys",
        "019_2": "Read one configuration key",
        "021": "Change a configuration key",
        "023_1": "Authorize: unknown identifier",
        "023_2": "Authorize: expired identifier",
        "023_3": "Authorize: blocked identifier",
        "024": "Connector lock failure",
        "026": "Remote start rejected",
        "028": "Remote stop rejected",
        "030": "Unlock failed",
        "031": "Unlock an unknown connector",
        "032_1": "Power failure, transaction stopped after the boot",
        "037_1": "Start while offline, valid identifier",
        "037_3": "Start while offline, invalid identifier",
        "039": "Whole transaction while offline",
        "040_1": "Change an unknown configuration key",
        "040_2": "Change a configuration key to an invalid value",
        "064": "Data transfer to the Central System",
    },
    Profile.LOCAL_LIST: {
        "042_1": "Get the list version: not supported",
        "042_2": "Get the list version: empty list",
        "043_1": "Send a list: not supported",
        "043_3": "Send a list: failed",
        "043_4": "Send a full list",
        "043_5": "Send a differential list",
    },
    Profile.FIRMWARE: {
        "044_1": "Firmware update: downloaded and installed",
        "044_2": "Firmware update: download failed",
        "044_3": "Firmware update: installation failed",
        "045_1": "Diagnostics: uploaded",
        "045_2": "Diagnostics: upload failed",
    },
    Profile.RESERVATION: {
        "046": "Reservation used by a transaction",
        "047": "Reservation expires",
        "048_1": "Reserve a faulted connector",
        "048_2": "Reserve an occupied connector",
        "048_3": "Reserve an unavailable connector",
        "048_4": "Reservation rejected",
        "049": "Reserve the charge point",
        "051": "Cancel a reservation",
        "052": "Cancel a reservation: rejected",
        "053": "Reservation used through the parent identifier",
    },
    Profile.REMOTE_TRIGGER: {
        "054": "Trigger messages",
        "055": "Trigger rejected",
    },
    Profile.SMART_CHARGING: {
        "056": "Default profile for transactions",
        "057": "Profile for a running transaction",
        "059": "Remote start with a profile",
        "066": "Composite schedule",
        "067": "Clear charging profiles",
    },
}

CATALOGUE: Final = tuple(
    Case(number, profile, title)
    for profile, titles in _TITLES.items()
    for number, title in titles.items()
)
"""All 62, in the order of the profiles."""


class Plan(NamedTuple):
    """What a test plays: the number of a case, and for which editions."""

    number: str
    editions: tuple[str, ...]


_TESTS: Final[dict[object, Plan]] = {}

BY_NUMBER: Final = {case.number: case for case in CATALOGUE}


def played(scene: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Make a coroutine function one that pytest can call; it ends within `BOUND_S`."""

    @wraps(scene)
    def test(*args: P.args, **kwargs: P.kwargs) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(BOUND_S):
                await scene(*args, **kwargs)

        asyncio.run(bounded())

    return test


def case(
    number: str, editions: Editions
) -> Callable[[Callable[P, Awaitable[None]]], Callable[P, None]]:
    """Make a coroutine function the test of case ``number``.

    With `APART` it takes an argument ``edition`` and is played for each. Raises ValueError when
    its name does not begin with the id of the case.
    """

    def as_test(scene: Callable[P, Awaitable[None]]) -> Callable[P, None]:
        begin = f"test_{BY_NUMBER[number].case_id.lower()}_"
        if not scene.__name__.startswith(begin):
            raise ValueError(f"the name {scene.__name__} must begin with {begin}")

        test = played(scene)
        _TESTS[test] = Plan(number, editions.value)
        if editions is Editions.APART:
            pytest.mark.parametrize("edition", editions.value)(test)
        return test

    return as_test


def plan_of(test: object) -> Plan | None:
    """What a test plays; None for a test of no case."""
    return _TESTS.get(test)
