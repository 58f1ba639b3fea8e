"""An Eastron SDM630 v2 on Modbus TCP that shows what the wires carry when it is asked.

Input registers hold float32 pairs, big-endian; current has no sign, power has.
"""

import asyncio
import struct
from collections.abc import Callable, Sequence
from typing import Final, cast

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from gateway.ports import Clock
from gateway.site.electrical import PhaseCurrents

LOOPBACK: Final = "127.0.0.1"
REGISTERS: Final = 80
WORD_ORDER_REGISTER: Final = 0x28
WORD_ORDER_VALUE: Final = 2141.0
READ_INPUT_REGISTERS: Final = 4


class MeterServer:
    """A meter on the wall.

    Args:
        wires: The true load per conductor at this moment; negative is export.

    Attributes:
        silent: It hears questions but gives no answer.
        answered_at_s: Monotonic time of its last answer; None before the first.
    """

    def __init__(
        self,
        wires: Callable[[], PhaseCurrents],
        clock: Clock,
        *,
        voltage_v: float = 230.0,
        unit: int = 1,
        port: int = 0,
    ) -> None:
        self.port = port
        self.silent = False
        self.answered_at_s: float | None = None
        self._wires = wires
        self._clock = clock
        self._voltage_v = voltage_v
        self._unit = unit
        self._energy_kwh = 0.0
        self._read_at_s: float | None = None
        self._server: ModbusTcpServer | None = None

    async def start(self) -> None:
        """Listen on loopback."""
        self._server = ModbusTcpServer(
            self._device(), address=(LOOPBACK, self.port), trace_packet=self._pass
        )
        await self._server.serve_forever(background=True)
        listener = cast("asyncio.Server", self._server.transport)
        self.port = listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the line. Safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            await server.shutdown()  # type: ignore[no-untyped-call]

    def _device(self) -> SimDevice:
        word_order = SimData(
            WORD_ORDER_REGISTER, values=WORD_ORDER_VALUE, datatype=DataType.FLOAT32
        )
        inputs = SimData(0, count=REGISTERS, values=0, datatype=DataType.REGISTERS)
        nothing = [SimData(0, values=False, datatype=DataType.BITS)]
        return SimDevice(
            self._unit, (nothing, list(nothing), [word_order], [inputs]), action=self._read
        )

    def _pass(self, sending: bool, data: bytes) -> bytes:
        if not sending:
            return data
        if self.silent:
            return b""
        self.answered_at_s = self._clock.now().monotonic_s
        return data

    async def _read(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        written: Sequence[int] | None,
    ) -> ExcCodes | None:
        if function == READ_INPUT_REGISTERS:
            for register, value in self._values().items():
                registers[register - start : register - start + 2] = float32(value)
        return None

    def _values(self) -> dict[int, float]:
        currents = self._wires()
        power_w = [current_a * self._voltage_v for current_a in currents]
        self._count(sum(power_w))
        values: dict[int, float] = {}
        for index, current_a in enumerate(currents):
            values[2 * index] = self._voltage_v
            values[6 + 2 * index] = abs(current_a)
            values[12 + 2 * index] = power_w[index]
        values[52] = sum(power_w)
        values[72] = self._energy_kwh
        return values

    def _count(self, power_w: float) -> None:
        now_s = self._clock.now().monotonic_s
        if self._read_at_s is not None:
            self._energy_kwh += max(0.0, power_w) * (now_s - self._read_at_s) / 3_600_000.0
        self._read_at_s = now_s


def float32(value: float) -> list[int]:
    """``value`` as two registers, the high word first."""
    return list(struct.unpack(">HH", struct.pack(">f", value)))
