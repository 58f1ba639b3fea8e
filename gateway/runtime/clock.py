"""Time and chance. The only file that may ask the operating system for either."""

import secrets
import time
from datetime import UTC, datetime

from gateway.ports import Moment


class SystemClock:
    """The machine's clocks."""

    def now(self) -> Moment:
        """This instant on both clocks."""
        return Moment(datetime.now(UTC), time.monotonic())


class SystemChance:
    """The kernel's random numbers."""

    def unique_id(self) -> str:
        """32 hexadecimal digits."""
        return secrets.token_hex(16)

    def transaction_id(self) -> int:
        """1 to 2**31 - 1."""
        return secrets.randbelow(2**31 - 1) + 1

    def secret(self) -> str:
        """32 hexadecimal digits."""
        return secrets.token_hex(16)

    def fraction(self) -> float:
        """53 random bits."""
        return secrets.randbits(53) / 2**53
