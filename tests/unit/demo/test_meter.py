"""The meter, read by pymodbus's own client."""

import asyncio
import struct
from collections.abc import Sequence

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from gateway.demo.meter import LOOPBACK, WORD_ORDER_REGISTER, WORD_ORDER_VALUE, MeterServer
from gateway.runtime.clock import SystemClock
from gateway.site.electrical import PhaseCurrents

PATIENCE_S = 5.0


def floats(registers: Sequence[int]) -> list[float]:
    raw = struct.pack(f">{len(registers)}H", *registers)
    return list(struct.unpack(f">{len(registers) // 2}f", raw))


def test_it_shows_what_the_wires_carry_when_it_is_asked() -> None:
    load = [PhaseCurrents(10.0, 20.5, -3.0)]

    async def story() -> None:
        meter = MeterServer(lambda: load[0], SystemClock())
        await meter.start()
        client = AsyncModbusTcpClient(LOOPBACK, port=meter.port, retries=0, timeout=PATIENCE_S)
        await client.connect()
        answer = await client.read_input_registers(0, count=18, device_id=1)
        values = floats(answer.registers)
        assert values == [230.0] * 3 + [10.0, 20.5, 3.0] + [2300.0, 4715.0, -690.0]
        load[0] = PhaseCurrents(1.0, 1.0, 1.0)
        answer = await client.read_input_registers(52, count=2, device_id=1)
        assert floats(answer.registers) == [690.0]
        answer = await client.read_holding_registers(WORD_ORDER_REGISTER, count=2, device_id=1)
        assert floats(answer.registers) == [WORD_ORDER_VALUE]
        client.close()
        await meter.stop()

    asyncio.run(story())


def test_a_silent_meter_gives_no_answer_and_then_speaks_again() -> None:
    async def story() -> None:
        meter = MeterServer(lambda: PhaseCurrents(1.0, 1.0, 1.0), SystemClock())
        await meter.start()
        meter.silent = True
        client = AsyncModbusTcpClient(LOOPBACK, port=meter.port, retries=0, timeout=0.2)
        await client.connect()
        with pytest.raises(ModbusIOException):
            await client.read_input_registers(0, count=18, device_id=1)
        silent_since_s = meter.answered_at_s
        client.close()
        meter.silent = False
        client = AsyncModbusTcpClient(LOOPBACK, port=meter.port, retries=0, timeout=PATIENCE_S)
        await client.connect()
        answer = await client.read_input_registers(0, count=18, device_id=1)
        assert not answer.isError()
        assert silent_since_s is None
        assert meter.answered_at_s is not None
        client.close()
        await meter.stop()

    asyncio.run(story())
