"""A meter that speaks Modbus TCP.

The one rule: a connection that gave anything but the right answer in time is closed, so that a late
answer can never be taken for the answer to a later question.
"""

import asyncio
from typing import Final

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from drivers.modbus.frames import plausible
from drivers.modbus.registers import Block, RegisterMap, decode
from gateway.errors import MeterSilent
from gateway.metering.sample import Reading
from gateway.site.depot import MeterSite

TIMEOUT_S: Final = 1.0
FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 2.0
HOLDING_REGISTERS: Final = 3

EXCEPTIONS: Final = {
    1: "it does not know this function",
    2: "it does not have these registers",
    3: "it does not allow this question",
    4: "it failed inside",
    6: "it is busy",
    10: "the gateway before it has no way to it",
    11: "it did not answer the gateway before it",
}
"""Modbus Application Protocol V1.1b3 §7."""


class ModbusTcpMeter:
    """Reads one meter; connects when asked, and again after any failure.

    After a failure it leaves the peer in peace for a pause that doubles up to 2 s; a read inside
    the pause fails at once, with the same words. Reads asked for together follow each other.
    """

    def __init__(
        self, site: MeterSite, register_map: RegisterMap, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._site = site
        self._map = register_map
        self._timeout_s = timeout_s
        self._client: AsyncModbusTcpClient | None = None
        self._turn = asyncio.Lock()
        self._pause_s = 0.0
        self._not_before_s = 0.0
        self._fault = f"{self._place}: not read yet"

    async def read(self) -> Reading:
        """Read every block of the map once.

        Raises:
            MeterSilent: No connection, no answer in time, or not the answer to the question.
        """
        async with self._turn:
            loop = asyncio.get_running_loop()
            if loop.time() < self._not_before_s:
                raise MeterSilent(self._fault)
            whole = False
            try:
                reading = await self._read_blocks()
                whole = True
            except MeterSilent as exc:
                self._fault = str(exc)
                raise
            finally:
                if not whole:
                    self._drop(loop.time())
            self._pause_s = 0.0
            return reading

    async def close(self) -> None:
        """Close the connection; a later read opens a new one."""
        self._disconnect()
        await asyncio.sleep(0)  # the transport lets go of its socket in the loop's next round

    @property
    def _place(self) -> str:
        return f"{self._site.host}:{self._site.port} unit {self._site.unit_id}"

    async def _read_blocks(self) -> Reading:
        client = await self._connected()
        return decode(
            self._map, {block: await self._ask(client, block) for block in self._map.blocks}
        )

    async def _connected(self) -> AsyncModbusTcpClient:
        if self._client is not None:
            if self._client.connected:
                return self._client
            self._disconnect()
        # A client is used for one connection only: it would take the end of its last connection,
        # told to it late, for the end of the new one.
        client = AsyncModbusTcpClient(
            self._site.host,
            port=self._site.port,
            timeout=self._timeout_s,
            retries=0,
            reconnect_delay=0,
            trace_packet=_screen,
        )
        self._client = client
        try:
            connected = await client.connect()
        except (OSError, ModbusException, UnicodeError) as exc:
            raise MeterSilent(f"{self._place}: cannot connect: {exc}") from exc
        if not connected:
            raise MeterSilent(f"{self._place}: cannot connect")
        return client

    async def _ask(self, client: AsyncModbusTcpClient, block: Block) -> list[int]:
        holding = self._map.read_function == HOLDING_REGISTERS
        question = client.read_holding_registers if holding else client.read_input_registers
        try:
            answer = await question(block.start, count=block.count, device_id=self._site.unit_id)
        except (ModbusException, OSError) as exc:
            raise MeterSilent(f"{self._place}: no answer within {self._timeout_s:g} s") from exc
        return self._registers(answer, block)

    def _registers(self, answer: ModbusPDU, block: Block) -> list[int]:
        if answer.isError():
            code = answer.exception_code
            reason = EXCEPTIONS.get(code, f"exception {code}")
            raise MeterSilent(f"{self._place}: refused registers from {block.start}: {reason}")
        if answer.function_code != self._map.read_function or len(answer.registers) != block.count:
            raise MeterSilent(
                f"{self._place}: answered another question than registers from {block.start}"
            )
        return list(answer.registers)

    def _drop(self, now_s: float) -> None:
        self._disconnect()
        self._not_before_s = now_s + self._pause_s
        self._pause_s = min(max(2 * self._pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _screen(sending: bool, data: bytes) -> bytes:
    return data if sending or plausible(data) else b""
