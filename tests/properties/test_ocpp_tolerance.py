"""Whatever two faults a message has, it is refused or it can be used: nothing in between."""

from itertools import product
from typing import Any, Final

import msgspec
import pytest

from gateway.ocpp.v16.effects import Deviation, Request, Role
from gateway.ocpp.v16.judging import judged_call
from gateway.ocpp.v16.messages import (
    AuthorizeRequest,
    DataTransferRequest,
    MeterValuesRequest,
    ProgressNotification,
    StartTransactionRequest,
    StatusNotificationRequest,
    StopTransactionRequest,
    read,
)
from tests.conformance.negatives import REQUESTS, Negative, of_requests

READ_AS: Final[dict[str, type[msgspec.Struct]]] = {
    "Authorize": AuthorizeRequest,
    "DataTransfer": DataTransferRequest,
    "DiagnosticsStatusNotification": ProgressNotification,
    "FirmwareStatusNotification": ProgressNotification,
    "LogStatusNotification": ProgressNotification,
    "MeterValues": MeterValuesRequest,
    "SignedFirmwareStatusNotification": ProgressNotification,
    "StartTransaction": StartTransactionRequest,
    "StatusNotification": StatusNotificationRequest,
    "StopTransaction": StopTransactionRequest,
}
"""Whatever must be read for its answer. A BootNotification need not be."""


def both(one: Negative, other: Negative) -> dict[str, Any]:
    """The payload with two faults, or with the second alone where they share a member."""
    right = REQUESTS[one.action]
    payload = dict(one.payload)
    for name in {*right, *other.payload}:
        if name not in other.payload:
            payload.pop(name, None)
        elif name not in right or other.payload[name] != right[name]:
            payload[name] = other.payload[name]
    return payload


def told(action: str, payload: dict[str, Any], *, strict: bool) -> tuple[bool, list[Deviation]]:
    request = Request("1", action, msgspec.json.encode(payload))
    refused, deviations = judged_call(request, Role.CENTRAL_SYSTEM, strict=strict)
    return refused is not None, deviations


@pytest.mark.parametrize("action", REQUESTS)
def test_what_is_forgiven_can_be_used(action: str) -> None:
    faults = [negative for negative in of_requests() if negative.action == action]
    assert faults
    for one, other in product(faults, faults):
        payload = both(one, other)
        is_refused, deviations = told(action, payload, strict=False)
        assert deviations, payload
        assert all(deviation.refused == is_refused for deviation in deviations)
        assert told(action, payload, strict=True)[0], payload
        if action in READ_AS and not is_refused:
            read(READ_AS[action], msgspec.json.encode(payload))
