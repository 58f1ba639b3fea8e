"""The line: a conversation over a channel, with time and handlers as they come."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.errors import ChannelClosed, ProtocolViolation, StorageFailed
from gateway.ocpp.calls import Answered, Offline, Superseded, TimedOut
from gateway.ocpp.v16.conversation import Request, Role
from gateway.ports import Moment
from gateway.runtime.line import Line

HEARTBEAT = '[2,"h1","Heartbeat",{}]'
AUTHORIZE = '[2,"a1","Authorize",{"idTag":"A"}]'
TIME = b'{"currentTime":"2026-08-01T12:00:00.000Z"}'
ACCEPTED = b'{"idTagInfo":{"status":"Accepted"}}'
SOFT = b'{"type":"Soft"}'

Answer = bytes | Coroutine[Any, Any, bytes]


class LoopClock:
    """The event loop's clock."""

    def now(self) -> Moment:
        """This instant."""
        monotonic_s = asyncio.get_running_loop().time()
        return Moment(datetime(2026, 8, 1, tzinfo=UTC), monotonic_s)


class CountingChance:
    """Ids in order."""

    def __init__(self) -> None:
        self._count = 0

    def unique_id(self) -> str:
        """c1, c2, ..."""
        self._count += 1
        return f"c{self._count}"

    def transaction_id(self) -> int:
        """Not asked for here."""
        return 1

    def secret(self) -> str:
        return "0" * 32

    def fraction(self) -> float:
        """Not asked for here."""
        return 0.5


class End:
    """One end of a channel in memory; a full mailbox of the other end makes the sender wait."""

    def __init__(
        self, inbox: "asyncio.Queue[str | None]", outbox: "asyncio.Queue[str | None]"
    ) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self.closed_with: tuple[int, str] | None = None

    async def send(self, text: str) -> None:
        """Put it into the other end's mailbox."""
        if self.closed_with is not None:
            raise ChannelClosed
        await self._outbox.put(text)

    async def receive(self) -> str:
        """The next message."""
        text = await self._inbox.get()
        if text is None:
            raise ChannelClosed
        return text

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Wake both ends."""
        if self.closed_with is None:
            self.closed_with = (code, reason)
            await self._inbox.put(None)


def _pair(room: int = 0) -> tuple[End, End]:
    one: asyncio.Queue[str | None] = asyncio.Queue(room)
    two: asyncio.Queue[str | None] = asyncio.Queue()
    return End(two, one), End(one, two)


Scenario = Callable[[Line, End], Coroutine[Any, Any, None]]


def _converse(handle: Callable[[Request], Answer], scenario: Scenario, room: int = 0) -> None:
    async def main() -> None:
        ours, theirs = _pair(room)
        line = Line(ours, Role.CENTRAL_SYSTEM, LoopClock(), CountingChance(), handle)
        running = asyncio.create_task(line.run())
        async with asyncio.timeout(20):
            await scenario(line, theirs)
            await line.close()
            await running

    asyncio.run(main())


def _tell_time(request: Request) -> Answer:
    return TIME


def test_an_answer_known_at_once_goes_out_from_the_reader() -> None:
    async def scenario(line: Line, peer: End) -> None:
        await peer.send(HEARTBEAT)
        assert await peer.receive() == f'[3,"h1",{TIME.decode()}]'

    _converse(_tell_time, scenario)


def test_a_slow_authorize_does_not_delay_a_heartbeat() -> None:
    decided = asyncio.Event()

    async def authorize() -> bytes:
        await decided.wait()
        return ACCEPTED

    async def scenario(line: Line, peer: End) -> None:
        await peer.send(AUTHORIZE)
        await peer.send(HEARTBEAT)
        assert (await peer.receive()).startswith('[3,"h1"')
        decided.set()
        assert await peer.receive() == f'[3,"a1",{ACCEPTED.decode()}]'

    _converse(lambda r: authorize() if r.action == "Authorize" else TIME, scenario)


@pytest.mark.parametrize("late", [False, True])
def test_a_violation_found_by_a_handler_is_its_callerror(late: bool) -> None:
    async def refuse_late() -> bytes:
        raise ProtocolViolation("SecurityError", "not yet accepted")

    def handle(request: Request) -> Answer:
        if late:
            return refuse_late()
        raise ProtocolViolation("SecurityError", "not yet accepted")

    async def scenario(line: Line, peer: End) -> None:
        await peer.send(HEARTBEAT)
        assert await peer.receive() == '[4,"h1","SecurityError","not yet accepted",{}]'

    _converse(handle, scenario)


@pytest.mark.parametrize("late", [False, True])
def test_a_handler_that_fails_costs_its_call_and_nothing_else(
    late: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail_late() -> bytes:
        raise KeyError("x")

    def handle(request: Request) -> Answer:
        if request.action == "Heartbeat":
            return TIME
        if late:
            return fail_late()
        raise KeyError("x")

    async def scenario(line: Line, peer: End) -> None:
        await peer.send(AUTHORIZE)
        assert (await peer.receive()).startswith('[4,"a1","InternalError"')
        await peer.send(HEARTBEAT)
        assert (await peer.receive()).startswith('[3,"h1"')

    _converse(handle, scenario)
    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert record.exc_info is not None


def test_a_call_ends_with_the_peers_answer() -> None:
    async def scenario(line: Line, peer: End) -> None:
        calling = asyncio.create_task(line.call("Reset", SOFT, timeout_s=10.0))
        assert await peer.receive() == '[2,"c1","Reset",{"type":"Soft"}]'
        await peer.send('[3,"c1",{"status":"Accepted"}]')
        assert await calling == Answered(b'{"status":"Accepted"}')

    _converse(_tell_time, scenario)


def test_a_call_without_answer_times_out_and_the_next_goes_out() -> None:
    async def scenario(line: Line, peer: End) -> None:
        calls = [
            asyncio.create_task(line.call("Reset", SOFT, timeout_s=0.01, unique_id=unique_id))
            for unique_id in ("one", "two")
        ]
        assert '"one"' in await peer.receive()
        assert await calls[0] == TimedOut(0.01)
        assert '"two"' in await peer.receive()
        assert await calls[1] == TimedOut(0.01)

    _converse(_tell_time, scenario)


def test_a_queued_limit_is_superseded_by_the_newer() -> None:
    async def scenario(line: Line, peer: End) -> None:
        first = asyncio.create_task(line.call("ClearCache", b"{}", timeout_s=10.0))
        await peer.receive()
        older = asyncio.create_task(line.call("Reset", SOFT, timeout_s=10.0, merge_key="k"))
        await asyncio.sleep(0)
        newer = asyncio.create_task(line.call("Reset", SOFT, timeout_s=10.0, merge_key="k"))
        assert await older == Superseded()
        await peer.send('[3,"c1",{"status":"Accepted"}]')
        assert '"c3"' in await peer.receive()
        await peer.send('[3,"c3",{"status":"Accepted"}]')
        assert isinstance(await first, Answered)
        assert isinstance(await newer, Answered)

    _converse(_tell_time, scenario)


def test_a_payload_against_the_schema_is_not_sent() -> None:
    async def scenario(line: Line, peer: End) -> None:
        with pytest.raises(ProtocolViolation):
            await line.call("Reset", b"{}", timeout_s=10.0)

    _converse(_tell_time, scenario)


def test_every_call_is_offline_when_the_channel_ends() -> None:
    async def scenario(line: Line, peer: End) -> None:
        calls = [asyncio.create_task(line.call("Reset", SOFT, timeout_s=10.0)) for _ in range(2)]
        await peer.receive()
        await line.close(1001, "bye")
        assert [await call for call in calls] == [Offline(), Offline()]
        assert await line.call("Reset", SOFT, timeout_s=10.0) == Offline()

    _converse(_tell_time, scenario)


def test_a_handler_goes_on_after_the_line_and_its_answer_is_dropped() -> None:
    async def main() -> None:
        may_end, ended = asyncio.Event(), asyncio.Event()

        async def authorize() -> bytes:
            await may_end.wait()
            ended.set()
            return ACCEPTED

        ours, theirs = _pair()
        handling = asyncio.Event()

        def handle(request: Request) -> Answer:
            handling.set()
            return authorize()

        line = Line(ours, Role.CENTRAL_SYSTEM, LoopClock(), CountingChance(), handle)
        running = asyncio.create_task(line.run())
        async with asyncio.timeout(20):
            await theirs.send(AUTHORIZE)
            await handling.wait()
            await line.close()
            await running
            may_end.set()
            await ended.wait()

    asyncio.run(main())


def test_a_peer_that_does_not_read_is_not_read_from() -> None:
    handled: list[str] = []

    def handle(request: Request) -> Answer:
        handled.append(request.unique_id)
        return TIME

    async def scenario(line: Line, peer: End) -> None:
        for number in range(20):
            await peer.send(f'[2,"{number}","Heartbeat",{{}}]')
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(handled) <= 3
        for number in range(20):
            assert (await peer.receive()).startswith(f'[3,"{number}"')

    _converse(handle, scenario, room=2)


def test_a_call_times_out_while_the_peer_does_not_read() -> None:
    async def scenario(line: Line, peer: End) -> None:
        await peer.send(HEARTBEAT)
        await peer.send('[2,"h2","Heartbeat",{}]')
        await asyncio.sleep(0)
        assert await line.call("Reset", SOFT, timeout_s=0.01) == TimedOut(0.01)
        for _ in range(3):
            await peer.receive()

    _converse(_tell_time, scenario, room=1)


def test_a_caller_that_gives_up_disturbs_nobody() -> None:
    async def scenario(line: Line, peer: End) -> None:
        calling = asyncio.create_task(line.call("Reset", SOFT, timeout_s=10.0))
        await peer.receive()
        calling.cancel()
        await asyncio.wait([calling])
        await peer.send('[3,"c1",{"status":"Accepted"}]')
        await peer.send(HEARTBEAT)
        assert (await peer.receive()).startswith('[3,"h1"')

    _converse(_tell_time, scenario)


def test_garbage_is_noted_and_the_line_lives_on() -> None:
    async def scenario(line: Line, peer: End) -> None:
        for text in ("", "[" * 100_000, "\ud800", '[9,"x"]', '[3,"x",{}]'):
            await peer.send(text)
        await peer.send(HEARTBEAT)
        assert (await peer.receive()).startswith('[3,"h1"')

    _converse(_tell_time, scenario)


def test_a_handler_whose_own_work_was_cancelled_is_still_answered() -> None:
    async def authorize() -> bytes:
        lost: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        lost.cancel()
        return await lost

    async def scenario(line: Line, peer: End) -> None:
        await peer.send(AUTHORIZE)
        assert (await peer.receive()).startswith('[4,"a1","InternalError"')

    _converse(lambda request: authorize(), scenario)


def test_a_device_that_is_ill_costs_a_line_of_log_and_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails(request: Request) -> bytes:
        raise StorageFailed("the disk is full")

    async def scenario(line: Line, peer: End) -> None:
        await peer.send(AUTHORIZE)
        assert '"InternalError"' in await peer.receive()

    with caplog.at_level(logging.ERROR):
        _converse(fails, scenario)
    (record,) = caplog.records
    assert record.exc_info is None
