"""Who may take part (OCPP 1.6 §4.2): what each BootNotification got, and what follows from it.

The one rule: what was Accepted stays so, through reconnects and restarts, until the next
BootNotification. A charge point that was accepted need not boot again, and OCPP has no way to take
it back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from gateway.errors import ProtocolViolation
from gateway.ocpp.calls import Answered, CallOutcome
from gateway.ocpp.v16.messages import StatusResponse, TriggerMessageRequest, read
from gateway.site.depot import BootPolicy, Site

ACCEPTED: Final = "Accepted"
PENDING: Final = "Pending"
REJECTED: Final = "Rejected"

BOOT: Final = "BootNotification"
TRIGGER_BOOT: Final = b'{"requestedMessage":"BootNotification"}'
TRIGGERS: Final = frozenset({"TriggerMessage", "ExtendedTriggerMessage"})
TRIGGERED_FOR_S: Final = 60.0
"""How long messages that we triggered are answered although the charge point is not accepted."""
NOT_WHILE_PENDING: Final = frozenset({"RemoteStartTransaction", "RemoteStopTransaction"})

EXTENDED: Final[Mapping[str, str]] = {
    "FirmwareStatusNotification": "SignedFirmwareStatusNotification",
    "SignChargePointCertificate": "SignCertificate",
}
"""What ExtendedTriggerMessage brings where it is not what it names (security whitepaper §5.4)."""

STATUS: Final[Mapping[BootPolicy, str]] = {
    BootPolicy.ACCEPT: ACCEPTED,
    BootPolicy.PREPARE: PENDING,
    BootPolicy.PENDING: PENDING,
    BootPolicy.REJECT: REJECTED,
}


class BootRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """What outlives a restart.

    Args:
        registration: The status that the last BootNotification got.
        decided: What a person decided; None: the site file counts.
    """

    registration: str | None = None
    decided: BootPolicy | None = None


NEW: Final = BootRecord()


@dataclass(slots=True)
class _Standing:
    """One charge point.

    Args:
        limited: It confirmed its standing limit in this connection.
        configured: It was brought to its desired configuration in this connection.
        triggered: Until when each action is answered because we triggered it.
    """

    record: BootRecord = NEW
    limited: bool = False
    configured: bool = False
    triggered: dict[str, float] = field(default_factory=dict)


class Acceptance:
    """The registration of every charge point. Times are monotonic seconds."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._standings: dict[str, _Standing] = {}

    def take_up(self, documents: Mapping[str, bytes], booted: Iterable[str]) -> list[str]:
        """What was kept; returns the identities whose document cannot be read.

        Args:
            booted: Whoever is known to have booted. Without a document it was accepted, for there
                was nothing else before these documents.
        """
        unreadable = []
        for identity in booted:
            self._of(identity).record = BootRecord(ACCEPTED)
        for identity, document in documents.items():
            try:
                self._of(identity).record = msgspec.json.decode(document, type=BootRecord)
            except (msgspec.DecodeError, UnicodeDecodeError):
                unreadable.append(identity)
        return unreadable

    def document(self, identity: str) -> bytes:
        """What to keep of ``identity``."""
        return msgspec.json.encode(self._of(identity).record)

    def registration(self, identity: str) -> str | None:
        """The status that its last BootNotification got; None before the first."""
        return self._of(identity).record.registration

    def policy(self, identity: str) -> BootPolicy:
        """What a person decided, else the site file."""
        return self._of(identity).record.decided or self._site.boot_policy(identity)

    def decided(self, identity: str) -> BootPolicy | None:
        """What a person decided, if anybody did."""
        return self._of(identity).record.decided

    def decide(self, identity: str, policy: BootPolicy | None) -> None:
        """A person decided; what was Accepted stays so until the next BootNotification."""
        standing = self._of(identity)
        standing.record = msgspec.structs.replace(standing.record, decided=policy)

    def connected(self, identity: str) -> None:
        """A new connection: whoever rebooted has one, so it begins to be prepared anew."""
        standing = self._of(identity)
        standing.limited = standing.configured = False
        standing.triggered.clear()

    def confirmed_limit(self, identity: str) -> None:
        """It holds its standing limit."""
        self._of(identity).limited = True

    def was_configured(self, identity: str) -> None:
        """It was brought to its desired configuration, as far as it let us."""
        self._of(identity).configured = True

    def boot(self, identity: str) -> str:
        """A BootNotification came; returns the status for it."""
        standing = self._of(identity)
        accepted_before = standing.record.registration == ACCEPTED
        if accepted_before and self.policy(identity) is BootPolicy.PREPARE:
            standing.limited = standing.configured = False
        status = self._status_now(identity)
        standing.record = msgspec.structs.replace(standing.record, registration=status)
        return status

    def wants_boot(self, identity: str) -> bool:
        """It would be accepted now and may be asked to boot: not once it is Accepted (errata 3.40),
        and nothing may be sent to it while it is Rejected."""
        return (
            self._counts_as(identity) != REJECTED
            and self.registration(identity) != ACCEPTED
            and self._status_now(identity) == ACCEPTED
        )

    def refusal(self, identity: str, action: str, now_s: float) -> str | None:
        """Why its CALL gets SecurityError (OCPP-J 1.6 errata 3.10); None when it is answered.

        Before its first boot a charge point that would be accepted is served, unless it is held to
        the letter: some never boot when they meet a new Central System.
        """
        standing = self._of(identity)
        if standing.record.registration == ACCEPTED or action == BOOT:
            return None
        counts_as = self._counts_as(identity)
        if counts_as == ACCEPTED:
            return None
        if counts_as == PENDING and now_s <= standing.triggered.get(action, now_s - 1.0):
            return None
        return f"not before a BootNotification was accepted (it counts as {counts_as})"

    def withheld(self, identity: str, action: str) -> str | None:
        """Why a CALL of ours may not be sent to it; None when it may."""
        counts_as = self._counts_as(identity)
        if counts_as == REJECTED:
            return "its BootNotification is rejected: it is sent nothing until it is accepted"
        if counts_as == PENDING and action in NOT_WHILE_PENDING:
            return f"its BootNotification is pending: no {action} until it is accepted"
        return None

    def triggering(self, identity: str, action: str, payload: bytes, until_s: float) -> None:
        """A CALL is about to be sent. If it triggers a message, that one is answered: also when it
        overtakes the answer to the CALL."""
        if (message := _triggered(action, payload)) is not None:
            self._of(identity).triggered[message] = until_s + TRIGGERED_FOR_S

    def not_triggered(self, identity: str, action: str, payload: bytes) -> None:
        """That CALL was not accepted."""
        if (message := _triggered(action, payload)) is not None:
            self._of(identity).triggered.pop(message, None)

    def _status_now(self, identity: str) -> str:
        """What a BootNotification would get. In quiet mode there is nothing to prepare."""
        standing, policy = self._of(identity), self.policy(identity)
        if policy is not BootPolicy.PREPARE:
            return STATUS[policy]
        ready = standing.limited and standing.configured
        return ACCEPTED if ready or self._site.is_quiet(identity) else PENDING

    def _counts_as(self, identity: str) -> str:
        """Its registration; before its first boot, what it is to be treated as."""
        told = self.registration(identity)
        if told is not None:
            return told
        status = STATUS[self.policy(identity)]
        return PENDING if status == ACCEPTED and self._site.is_strict(identity) else status

    def _of(self, identity: str) -> _Standing:
        return self._standings.setdefault(identity, _Standing())


def is_accepted(outcome: CallOutcome) -> bool:
    """The charge point answered a CALL of ours with Accepted."""
    try:
        return (
            isinstance(outcome, Answered)
            and read(StatusResponse, outcome.payload).status == ACCEPTED
        )
    except ProtocolViolation:
        return False


def _triggered(action: str, payload: bytes) -> str | None:
    """The action that a CALL of ours asks the charge point for."""
    if action not in TRIGGERS:
        return None
    try:
        message = read(TriggerMessageRequest, payload).requested_message
    except ProtocolViolation:
        return None
    return EXTENDED.get(message, message) if action == "ExtendedTriggerMessage" else message
