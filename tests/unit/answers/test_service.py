"""gateway.answers.service"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.answers.service import LONGEST_WORD, AnswerService
from gateway.authorization.decide import Source, TagDecision
from gateway.errors import ProtocolViolation
from gateway.events import ConnectorStatusChanged, NotificationReceived
from gateway.ocpp.calls import Answered
from gateway.ocpp.v16.conversation import Request
from gateway.site.depot import ConnectorKey
from gateway.transactions.ledger import Transaction
from tests.unit.service_bench import IDENTITY, Bench, FakeCloud, play


class Tags:
    """Knows one tag; of every other the cloud must be asked."""

    def decide_now(self, identity: str, id_tag: str) -> TagDecision | None:
        return TagDecision("Accepted", Source.SITE) if id_tag == "KNOWN" else None

    async def decide(self, identity: str, id_tag: str, request: bytes | None = None) -> TagDecision:
        return TagDecision("Blocked", Source.CLOUD)


class Ledger:
    """Answers each transaction message with its name."""

    def running(self, key: ConnectorKey) -> Transaction | None:
        return None

    async def begin(self, identity: str, payload: bytes) -> bytes:
        return b'"begin"'

    async def end(self, identity: str, payload: bytes) -> bytes:
        return b'"end"'

    def meter(self, identity: str, payload: bytes) -> bytes:
        return b'"meter"'


class Counter:
    """The service, asked as a charge point would."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.bench.listen(ConnectorStatusChanged, NotificationReceived)
        self.cloud = FakeCloud()
        self.service = AnswerService(self.bench.bus, self.bench.clock, Tags(), Ledger(), self.cloud)

    async def ask(self, action: str, **payload: Any) -> Any:
        request = Request("1", action, json.dumps(payload).encode())
        answer = self.service.answer(IDENTITY, request)
        return json.loads(answer if isinstance(answer, bytes) else await answer)


def scene(played: Callable[[Counter], Awaitable[None]]) -> None:
    async def main() -> None:
        await played(Counter())

    play(main)


def test_what_is_known_is_answered_at_once() -> None:
    async def played(counter: Counter) -> None:
        for action, payload in (("Heartbeat", b"{}"), ("Authorize", b'{"idTag":"KNOWN"}')):
            answer = counter.service.answer(IDENTITY, Request("1", action, payload))
            assert isinstance(answer, bytes)

    scene(played)


def test_a_tag_that_is_not_known_is_decided_by_asking() -> None:
    async def played(counter: Counter) -> None:
        answer = await counter.ask("Authorize", idTag="STRANGER")
        assert answer == {"idTagInfo": {"status": "Blocked"}}

    scene(played)


def test_transaction_messages_go_to_the_ledger() -> None:
    async def played(counter: Counter) -> None:
        assert await counter.ask("StartTransaction") == "begin"
        assert await counter.ask("StopTransaction") == "end"
        assert await counter.ask("MeterValues") == "meter"

    scene(played)


@pytest.mark.parametrize("mirrored", [True, False])
def test_progress_is_told_as_it_came_and_stored_for_the_cloud(mirrored: bool) -> None:
    async def played(counter: Counter) -> None:
        counter.cloud.mirrored = mirrored
        assert await counter.ask("FirmwareStatusNotification", status="Downloading") == {}
        (told,) = counter.bench.heard
        assert (told.action, told.payload) == (
            "FirmwareStatusNotification",
            b'{"status": "Downloading"}',
        )
        assert len(counter.cloud.stored) == mirrored

    scene(played)


def test_words_without_end_are_cut() -> None:
    async def played(counter: Counter) -> None:
        await counter.ask(
            "StatusNotification", connectorId=1, status="x" * 9999, errorCode="y" * 99
        )
        (told,) = counter.bench.heard
        assert told.status == "x" * LONGEST_WORD
        assert told.error_code == "y" * LONGEST_WORD

    scene(played)


def test_what_only_the_cloud_can_answer_is_answered_without_it_too() -> None:
    async def played(counter: Counter) -> None:
        assert await counter.ask("SignCertificate", csr="C") == {"status": "Rejected"}
        counter.cloud.answer = Answered(b'{"status":"Accepted"}')
        assert await counter.ask("SignCertificate", csr="C") == {"status": "Accepted"}
        counter.cloud.mirrored = False
        unknown = {"status": "UnknownVendorId"}
        assert await counter.ask("DataTransfer", vendorId="V") == unknown

    scene(played)


def test_a_request_that_cannot_be_read_is_a_callerror() -> None:
    async def played(counter: Counter) -> None:
        with pytest.raises(ProtocolViolation) as refused:
            await counter.ask("StatusNotification", connectorId="here", status="Available")
        assert refused.value.code == "TypeConstraintViolation"

    scene(played)
