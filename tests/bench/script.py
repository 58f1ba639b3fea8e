"""What a charge point says during one charging session, message by message.

The one rule: every server hears the same. Only ids and instants differ from session to session, so
that no server can take one session for a retry of another.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

ID_TAG: Final = "BENCH-TAG"
BOOT: Final = '{"chargePointVendor":"Bench","chargePointModel":"Thin"}'

DURABLE: Final = frozenset({"StartTransaction", "StopTransaction"})
"""Answered by ours only after an fsync; the other two servers keep nothing."""

METER_VALUES: Final = 14
METER_INTERVAL_S: Final = 60
HEARTBEAT_EVERY: Final = 4
"""MeterValues between two Heartbeats."""

SAMPLED: Final = (
    ("Energy.Active.Import.Register", None, "Wh", "1045312.0"),
    ("Power.Active.Import", None, "W", "11040.0"),
    ("Current.Import", "L1", "A", "16.02"),
    ("Current.Import", "L2", "A", "15.98"),
    ("Current.Import", "L3", "A", "16.00"),
    ("Voltage", "L1-N", "V", "230.4"),
    ("Voltage", "L2-N", "V", "229.8"),
    ("Voltage", "L3-N", "V", "231.1"),
    ("Current.Offered", None, "A", "16.0"),
    ("Temperature", None, "Celsius", "41.5"),
    ("SoC", None, "Percent", "57"),
)
"""Measurand, phase, unit and value of each sampled value of a MeterValues.req."""

_TRANSACTION: Final = '"transactionId":0'
_LEARNED: Final = re.compile(rb'"transactionId": ?(-?\d+)')


@dataclass(slots=True)
class Session:
    """One charging session at one charge point.

    Args:
        number: Differs from that of every other session of the same charge point.
        began_at: When it begins, in UTC.
    """

    number: int
    began_at: datetime
    transaction_id: int = 0
    _ahead: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ahead = list(_messages(self.number, self.began_at))[::-1]

    @property
    def left(self) -> int:
        """Messages that are still to be sent."""
        return len(self._ahead)

    def next(self) -> tuple[str, str]:
        """The action and the payload of the next message."""
        action, payload = self._ahead.pop()
        return action, payload.replace(_TRANSACTION, f'"transactionId":{self.transaction_id}')

    def heard(self, action: str, answer: bytes) -> None:
        """Take in the answer: that to StartTransaction gives the transactionId."""
        if action == "StartTransaction":
            learned = _LEARNED.search(answer)
            if learned is None:
                raise ValueError(f"no transactionId in {answer!r}")
            self.transaction_id = int(learned[1])


MESSAGES: Final = 3 + 4 + 1 + METER_VALUES + METER_VALUES // HEARTBEAT_EVERY
"""In one session; two of them Authorize."""


def _messages(number: int, began_at: datetime) -> Iterator[tuple[str, str]]:
    end_at = began_at + timedelta(seconds=METER_INTERVAL_S * (METER_VALUES + 1))
    yield "Authorize", _packed(idTag=ID_TAG)
    yield _status("Preparing", began_at)
    yield (
        "StartTransaction",
        _packed(connectorId=1, idTag=ID_TAG, meterStart=number, timestamp=_utc(began_at)),
    )
    yield _status("Charging", began_at)
    for count in range(1, METER_VALUES + 1):
        taken_at = began_at + timedelta(seconds=METER_INTERVAL_S * count)
        yield "MeterValues", meter_values(taken_at)
        if count % HEARTBEAT_EVERY == 0:
            yield "Heartbeat", "{}"
    yield "Authorize", _packed(idTag=ID_TAG)
    yield (
        "StopTransaction",
        _packed(
            transactionId=0,
            idTag=ID_TAG,
            timestamp=_utc(end_at),
            meterStop=number + 2760,
            reason="Local",
        ),
    )
    yield _status("Finishing", end_at)
    yield _status("Available", end_at)


def meter_values(taken_at: datetime) -> str:
    """The payload of a MeterValues.req of about 1.6 kB, its transactionId still 0."""
    values = []
    for measurand, phase, unit, value in SAMPLED:
        sampled = {
            "value": value,
            "context": "Sample.Periodic",
            "format": "Raw",
            "measurand": measurand,
            "location": "Body" if measurand == "Temperature" else "Outlet",
            "unit": unit,
        }
        values.append(sampled if phase is None else sampled | {"phase": phase})
    meter_value = [{"timestamp": _utc(taken_at), "sampledValue": values}]
    return _packed(connectorId=1, transactionId=0, meterValue=meter_value)


def _status(status: str, at: datetime) -> tuple[str, str]:
    payload = _packed(connectorId=1, errorCode="NoError", status=status, timestamp=_utc(at))
    return "StatusNotification", payload


def _packed(**fields: object) -> str:
    return json.dumps(fields, separators=(",", ":"))


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
