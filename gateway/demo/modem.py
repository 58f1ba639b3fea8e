"""The link of a simulated charge point: dialling, booting, talking, and giving up a dead link."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from gateway.demo import commands
from gateway.demo.cabinet import Cabinet
from gateway.demo.outlet import TrueTransaction
from gateway.errors import Unavailable
from gateway.ocpp.calls import Answered, CallOutcome, TimedOut
from gateway.ocpp.v16.conversation import Request, Role
from gateway.ports import Chance, Channel, Clock
from gateway.runtime.line import Line

SILENCES: Final = 2
"""After so many CALLs without an answer, the link counts as dead."""

BOOT_RETRY_S: Final = 10.0


class Modem:
    """One link at a time, from its dial to its end."""

    def __init__(
        self,
        cabinet: Cabinet,
        dial: Callable[[], Awaitable[Channel]],
        clock: Clock,
        chance: Chance,
    ) -> None:
        self.authorize_s: list[float] = []
        self._cabinet = cabinet
        self._behaviour = cabinet.behaviour
        self._dial = dial
        self._clock = clock
        self._chance = chance
        self._line: Line | None = None
        self._reading: asyncio.Task[None] | None = None
        self._booted = False
        self._heartbeat_s = 300.0
        self._silences = 0
        self._life = 0

    async def connect(self) -> bool:
        """Hold one link until it ends; False when it never stood."""
        life = self._life
        try:
            channel = await self._dial()
        except Unavailable:
            return False
        if self._life != life:  # the power went while it dialled
            await channel.close()
            return True
        line = Line(channel, Role.CHARGE_POINT, self._clock, self._chance, self._handle)
        reading = asyncio.ensure_future(line.run())
        talking = asyncio.ensure_future(self._talk(line))
        self._line, self._reading, self._silences = line, reading, 0
        try:
            await asyncio.wait({reading, talking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._line = self._reading = None
            self._cabinet.online = False
            await _end(reading, talking)
        return True

    async def hang_up(self) -> None:
        """Close the link, if there is one."""
        self._life += 1
        line, self._line = self._line, None
        self._cabinet.online = False
        if line is not None:
            await line.close()

    def vanish(self) -> None:
        """Stop talking without closing the link; the other side is not told."""
        self._life += 1
        self._line = None
        self._cabinet.online = False
        if self._reading is not None:
            self._reading.cancel()

    def forget_boot(self) -> None:
        """The next link starts with a BootNotification."""
        self._booted = False

    async def authorize(self, id_tag: str) -> str | None:
        """The status that the Central System gives ``id_tag``; None when nobody answers."""
        line = self._line
        if line is None or not self._cabinet.online:
            return None
        began_s = self._clock.now().monotonic_s
        answer = await self._call(line, "Authorize", {"idTag": id_tag})
        if answer is None:
            return None
        self.authorize_s.append(self._clock.now().monotonic_s - began_s)
        return str(answer["idTagInfo"]["status"])

    def _handle(self, request: Request) -> commands.Answer:
        return commands.answer(self._cabinet, request)

    async def _talk(self, line: Line) -> None:
        """Everything that the charge point says on one link."""
        if self._behaviour.boots_on_reconnect or not self._booted:
            await self._boot(line)
        notices = self._cabinet.notices
        while not notices.empty():
            notices.get_nowait()
        self._cabinet.online = True
        self._cabinet.announce(tuple(self._cabinet.outlets.values()), whole=True)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._notify(line))
            tasks.create_task(self._beat(line))
            tasks.create_task(self._deliver(line))

    async def _boot(self, line: Line) -> None:
        payload = {
            "chargePointVendor": "Depot Gateway",
            "chargePointModel": "Simulated",
            "chargePointSerialNumber": self._cabinet.identity[:25],
            "firmwareVersion": "1.0",
        }
        while True:
            answer = await self._call(line, "BootNotification", payload)
            if answer is not None and answer["status"] == "Accepted":
                self._heartbeat_s = max(1.0, answer["interval"])
                self._booted = True
                return
            await asyncio.sleep(BOOT_RETRY_S if answer is None else max(1.0, answer["interval"]))

    async def _notify(self, line: Line) -> None:
        while True:
            action, payload = await self._cabinet.notices.get()
            await self._call(line, action, payload)

    async def _beat(self, line: Line) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            await self._call(line, "Heartbeat", {})

    async def _deliver(self, line: Line) -> None:
        """Send the transaction messages, in order."""
        configuration = self._cabinet.configuration
        while True:
            delivery = await self._cabinet.queue.deliver_next(
                line,
                self._behaviour.call_timeout_s,
                configuration.number("TransactionMessageAttempts"),
                configuration.number("TransactionMessageRetryInterval"),
                repeat_start=self._behaviour.repeats_start,
            )
            await self._heard(line, delivery.outcome)
            if delivery.answer is not None and delivery.message.action == "StartTransaction":
                self._started(delivery.message.transaction, delivery.answer)

    def _started(self, transaction: TrueTransaction, answer: dict[str, Any]) -> None:
        """StartTransaction.conf: keep the id; stop when the idTag was refused after all."""
        transaction.transaction_id = answer["transactionId"]
        outlet = self._cabinet.outlets[transaction.connector_id]
        if outlet.transaction is transaction and answer["idTagInfo"]["status"] != "Accepted":
            self._cabinet.end(outlet, "DeAuthorized")

    async def _call(
        self, line: Line, action: str, payload: dict[str, Any]
    ) -> dict[str, Any] | None:
        """One CALL; None when it got no CALLRESULT."""
        outcome = await line.call(
            action, msgspec.json.encode(payload), timeout_s=self._behaviour.call_timeout_s
        )
        await self._heard(line, outcome)
        if not isinstance(outcome, Answered):
            return None
        answer: dict[str, Any] = msgspec.json.decode(outcome.payload)
        return answer

    async def _heard(self, line: Line, outcome: CallOutcome) -> None:
        """Give the link up when nobody answers any more."""
        if not isinstance(outcome, TimedOut):
            self._silences = 0
            return
        self._silences += 1
        if self._silences >= SILENCES:
            await line.close()


async def _end(*tasks: "asyncio.Task[None]") -> None:
    """Stop both sides of a link; a failure of either comes out here."""
    done = [task for task in tasks if task.done() and not task.cancelled()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
