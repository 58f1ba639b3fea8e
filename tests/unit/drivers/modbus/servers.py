"""Meters to read from: an honest one by pymodbus, and one that answers with any bytes."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.modbus.registers import load_map
from drivers.modbus.tcp import ModbusTcpMeter
from gateway.site.depot import MeterSite

UNIT: Final = 1
VALUES: Final = [230.0, 231.0, 229.0, 10.0, 20.0, 30.0, 2300.0, -4600.0, 6900.0]
"""Voltages, currents and powers of an SDM630, in the order of its registers."""

Before = Callable[[list[int]], Awaitable[None]]


def words_of(values: list[float]) -> list[int]:
    """Registers of f32 values, most significant word first."""
    return list(struct.unpack(f">{2 * len(values)}H", struct.pack(f">{len(values)}f", *values)))


def meter_at(port: int, unit_id: int = UNIT, timeout_s: float = 0.2) -> ModbusTcpMeter:
    """An SDM630 on loopback, with a short patience."""
    site = MeterSite("main", "grid", "modbus-tcp", "eastron_sdm630_v2", "127.0.0.1", port, unit_id)
    return ModbusTcpMeter(site, load_map(site.map_name), timeout_s)


class HonestMeter:
    """A pymodbus server with an SDM630's input registers.

    Args:
        before: Awaited before each answer with the device's registers, to change or hold them.
    """

    def __init__(self, values: list[float] | None = None, before: Before | None = None) -> None:
        self._values = VALUES if values is None else values
        self._before = before
        self._server: ModbusTcpServer | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen; on the same port as the last time."""
        data = SimData(0, values=words_of(self._values), datatype=DataType.REGISTERS)
        device = SimDevice(UNIT, [data], action=self._act)
        self._server = ModbusTcpServer(device, address=("127.0.0.1", self.port))
        assert await self._server.listen()
        listener = self._server.transport
        assert isinstance(listener, asyncio.Server)
        self.port = listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the listener and every connection."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]
            self._server = None

    async def _act(
        self,
        function_code: int,
        start_address: int,
        address: int,
        count: int,
        registers: list[int],
        set_values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        del function_code, start_address, address, count, set_values
        if self._before is not None:
            await self._before(registers)
        return None


@asynccontextmanager
async def honest_meter(
    values: list[float] | None = None, before: Before | None = None
) -> AsyncIterator[HonestMeter]:
    """An honest meter that listens."""
    meter = HonestMeter(values, before)
    await meter.start()
    try:
        yield meter
    finally:
        await meter.stop()


Script = Callable[[bytes], bytes]


@asynccontextmanager
async def scripted_meter(script: Script) -> AsyncIterator[tuple[int, list[int]]]:
    """A server that answers each request with ``script(request)``.

    Yields:
        Its port, and a list with one entry for each connection that it accepted.
    """
    connections: list[int] = []
    tasks: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(len(connections) + 1)
        tasks.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                writer.write(script(await reader.readexactly(12)))
                await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], connections
    finally:
        server.close()
        await asyncio.gather(*(task for task in tasks if task is not None))


def answer(request: bytes, words: list[int], function: int = 4, tid: int | None = None) -> bytes:
    """A well-formed answer to ``request`` with ``words`` as registers."""
    transaction_id = int.from_bytes(request[:2], "big") if tid is None else tid
    body = bytes([request[6], function, 2 * len(words)]) + struct.pack(f">{len(words)}H", *words)
    return struct.pack(">HHH", transaction_id, 0, len(body)) + body
