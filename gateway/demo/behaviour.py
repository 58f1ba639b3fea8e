"""How a simulated charge point behaves, well or badly. Every field may be changed while it runs."""

import enum
from dataclasses import dataclass


class ProfileAnswer(enum.Enum):
    """What a SetChargingProfile.req gets."""

    HONEST = "installed if it may be, and answered at once"
    LATE = "installed at once, answered after ``profile_answer_after_s``"
    NEVER = "installed, and never answered"
    REJECTED = "not installed, and answered Rejected"
    FORGOTTEN = "answered Accepted, and not installed"


@dataclass(slots=True)
class Behaviour:
    """Habits and faults.

    Args:
        accepts_offline: Starts a transaction for any idTag while nobody answers Authorize.
        keeps_transactions: A transaction goes on after a reboot; otherwise it ends by it.
        boots_on_reconnect: Sends a BootNotification on every connection, not only after a boot.
        boot_s: From power on to the first dial.
        call_timeout_s: How long it waits for an answer.
        retry_s: First pause before it dials again; doubles up to ``retry_max_s``.
        ignores_limits: The pilot advertises the outlet's maximum whatever the profiles say.
        profile_answer: What becomes of a SetChargingProfile.
        profile_answer_after_s: How late is ``LATE``.
        repeats_start: Sends each StartTransaction a second time, as if it had missed the answer.
    """

    accepts_offline: bool = True
    keeps_transactions: bool = False
    boots_on_reconnect: bool = False
    boot_s: float = 5.0
    call_timeout_s: float = 20.0
    retry_s: float = 1.0
    retry_max_s: float = 20.0
    ignores_limits: bool = False
    profile_answer: ProfileAnswer = ProfileAnswer.HONEST
    profile_answer_after_s: float = 8.0
    repeats_start: bool = False
