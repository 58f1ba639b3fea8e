"""The shell around one conversation: a channel, a reader, deadlines, and the handlers' tasks.

The one rule: the reader never waits for a handler. An answer that is known at once goes out on the
spot; one that takes time comes back from a task.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from gateway.errors import ChannelClosed, GatewayError, ProtocolViolation
from gateway.ocpp.calls import CallOutcome
from gateway.ocpp.v16.conversation import (
    Conclude,
    Conversation,
    Deviation,
    Effect,
    Handle,
    Note,
    OutgoingCall,
    Request,
    Role,
    Transmit,
)
from gateway.ports import Chance, Channel, Clock
from gateway.runtime.log import facts

log = logging.getLogger(__name__)

FAILED = "the request could not be processed"


class Line:
    """One conversation over one channel.

    Args:
        handle: Answers a CALL of the peer. Bytes are the payload of the CALLRESULT and go out at
            once; a coroutine runs as a task and gives them later, also when the line has ended
            meanwhile. ProtocolViolation becomes its CALLERROR, any other failure InternalError.
        name: Whom the log calls the peer.
        strict: The peer is held to the letter of OCPP 1.6.
        on_deviation: Hears of each departure from it.
    """

    __slots__ = (
        "_chance",
        "_channel",
        "_clock",
        "_conversation",
        "_handle",
        "_name",
        "_on_deviation",
        "_tasks",
        "_timer",
        "_timer_at_s",
        "_waiting",
    )

    def __init__(
        self,
        channel: Channel,
        role: Role,
        clock: Clock,
        chance: Chance,
        handle: Callable[[Request], bytes | Coroutine[Any, Any, bytes]],
        name: str = "",
        *,
        strict: bool = False,
        on_deviation: Callable[[Deviation], None] | None = None,
    ) -> None:
        self._name = name
        self._channel = channel
        self._on_deviation = on_deviation
        self._conversation = Conversation(role, strict=strict)
        self._clock = clock
        self._chance = chance
        self._handle = handle
        self._waiting: dict[str, asyncio.Future[CallOutcome]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at_s: float | None = None

    async def run(self) -> None:
        """Converse until the channel is closed; then every CALL of ours has ended as Offline."""
        try:
            while True:
                text = await self._channel.receive()
                await self._carry_out(self._conversation.receive(text, self._now_s()))
        except ChannelClosed:
            pass
        finally:
            self._end()

    async def call(
        self,
        action: str,
        payload: bytes,
        *,
        timeout_s: float,
        unique_id: str | None = None,
        merge_key: str | None = None,
        urgent: bool = False,
    ) -> CallOutcome:
        """Make a CALL and wait for its end.

        Args:
            payload: A JSON object.
            timeout_s: How long the peer may take, from the moment that it was sent: before that it
                waits for the CALLs made earlier.
            unique_id: Id to use; None for a new one.
            merge_key: Supersedes a CALL with the same key that was not sent yet.
            urgent: Goes before what is not, and cuts short the wait for a peer that is silent.

        Raises:
            ProtocolViolation: OCPP 1.6 does not allow what was to be sent.
        """
        unique_id = unique_id or self._chance.unique_id()
        call = OutgoingCall(unique_id, action, payload, timeout_s, merge_key, urgent)
        effects = self._conversation.call(call, self._now_s())
        outcome: asyncio.Future[CallOutcome] = asyncio.get_running_loop().create_future()
        self._waiting[unique_id] = outcome
        self._start(self._carry_out(effects))
        return await outcome

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the channel and end every CALL of ours. Handlers go on, their answers are lost."""
        try:
            await self._channel.close(code, reason)
        finally:
            self._end()

    async def _carry_out(self, effects: Iterable[Effect]) -> None:
        """Do what the conversation said. Sending waits for a slow peer, and so does who sends."""
        self._set_timer()
        for effect in effects:
            match effect:
                case Transmit(text):
                    await self._send(text)
                case Handle(request):
                    await self._answer(request)
                case Conclude(unique_id, outcome):
                    self._conclude(unique_id, outcome)
                case Deviation():
                    self._deviated(effect)
                case Note(text):
                    log.info("ocpp.noted", extra=facts(peer=self._name, note=text))

    def _deviated(self, deviation: Deviation) -> None:
        if self._on_deviation is not None:
            self._on_deviation(deviation)
            return
        told = facts(peer=self._name, action=deviation.action, detail=deviation.detail)
        log.info("ocpp.deviated", extra=told)

    async def _send(self, text: str) -> None:
        """A channel that is gone says so to the reader too; there it is dealt with."""
        try:
            await self._channel.send(text)
        except ChannelClosed:
            self._end()

    async def _answer(self, request: Request) -> None:
        try:
            answer = self._handle(request)
        except Exception as exc:  # noqa: BLE001 - the edge of one connection: its CALL, its harm
            await self._carry_out(self._failed(request, exc))
            return
        if isinstance(answer, bytes):
            await self._carry_out(self._conversation.reply(request.unique_id, answer))
        else:
            self._start(self._answer_later(request, answer))

    async def _answer_later(self, request: Request, answer: Coroutine[Any, Any, bytes]) -> None:
        try:
            effects = self._conversation.reply(request.unique_id, await answer)
        except asyncio.CancelledError:
            effects = self._conversation.refuse(request.unique_id, "InternalError", FAILED)
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # we are being stopped; otherwise something that the handler awaited was
        except Exception as exc:  # noqa: BLE001 - the edge of one connection: its CALL, its harm
            effects = self._failed(request, exc)
        await self._carry_out(effects)

    def _failed(self, request: Request, exc: Exception) -> list[Effect]:
        if isinstance(exc, ProtocolViolation):
            return self._conversation.refuse(request.unique_id, exc.code, exc.detail)
        told = facts(peer=self._name, action=request.action, reason=str(exc))
        bug = not isinstance(exc, GatewayError)
        log.error("ocpp.handler_failed", exc_info=exc if bug else None, extra=told)
        return self._conversation.refuse(request.unique_id, "InternalError", FAILED)

    def _conclude(self, unique_id: str, outcome: CallOutcome) -> None:
        waiting = self._waiting.pop(unique_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(outcome)

    def _end(self) -> None:
        for effect in self._conversation.end():
            if isinstance(effect, Conclude):
                self._conclude(effect.unique_id, effect.outcome)
        self._set_timer()

    def _set_timer(self) -> None:
        """Have the loop wake us at the next deadline, whatever its own clock shows."""
        deadline_s = self._conversation.next_deadline_s
        if deadline_s == self._timer_at_s:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_at_s = deadline_s
        if deadline_s is not None:
            delay_s = max(0.0, deadline_s - self._now_s())
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._wake)

    def _wake(self) -> None:
        self._timer = self._timer_at_s = None
        self._start(self._carry_out(self._conversation.expire(self._now_s())))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside the reader; held here so that it is not collected half-way."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _now_s(self) -> float:
        return self._clock.now().monotonic_s
