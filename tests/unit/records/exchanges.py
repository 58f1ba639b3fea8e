"""Exchanges for the tests of the folds."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from gateway.ocpp.calls import Caller
from gateway.records.document import Exchange

NOW: Final = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
STAMP: Final = "2026-05-04T12:00:00.000Z"


def exchange(
    request: dict[str, Any],
    answer: dict[str, Any],
    at: datetime = NOW,
    caller: Caller = Caller.OPERATOR,
) -> Exchange:
    """A CALL of ours and its answer."""
    return Exchange(json.dumps(request).encode(), json.dumps(answer).encode(), caller, at)
