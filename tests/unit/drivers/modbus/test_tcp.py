"""Reading over real sockets: honest answers, and every kind of wrong one."""

import asyncio
import math
import struct
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from drivers.modbus import meter_for
from drivers.modbus.tcp import ModbusTcpMeter
from gateway.errors import MeterSilent
from gateway.metering.sample import Reading
from gateway.site.depot import MeterSite
from tests.unit.drivers.modbus.servers import (
    VALUES,
    answer,
    honest_meter,
    meter_at,
    scripted_meter,
    words_of,
)

GOOD = Reading((10.0, 20.0, 30.0), (2300.0, -4600.0, 6900.0), (230.0, 231.0, 229.0))
BOUND_S = 20.0


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(BOUND_S):
            await scenario()

    asyncio.run(bounded())


async def read_until_it_answers(meter: ModbusTcpMeter) -> Reading:
    """Read again until the pauses between attempts are over."""
    while True:
        try:
            return await meter.read()
        except MeterSilent:
            await asyncio.sleep(0.01)


def test_a_meter_is_read() -> None:
    async def scenario() -> None:
        async with honest_meter() as server:
            meter = meter_at(server.port)
            assert await meter.read() == GOOD
            assert await meter.read() == GOOD
            await meter.close()

    run(scenario)


def test_the_factory_makes_a_meter_from_the_site_file() -> None:
    async def scenario() -> None:
        async with honest_meter() as server:
            site = MeterSite(
                "m", "grid", "modbus-tcp", "eastron_sdm630_v2", "localhost", server.port, 1
            )
            meter = meter_for(site)
            assert await meter.read() == GOOD
            await meter.close()

    run(scenario)


def test_a_closed_meter_opens_a_new_connection_when_read() -> None:
    async def scenario() -> None:
        async with honest_meter() as server:
            meter = meter_at(server.port)
            await meter.read()
            await meter.close()
            await meter.close()
            assert await meter.read() == GOOD
            await meter.close()

    run(scenario)


def test_absent_values_become_none_and_never_zero() -> None:
    async def scenario() -> None:
        values = [*VALUES[:3], math.nan, math.inf, *VALUES[5:]]
        async with honest_meter(values) as server:
            meter = meter_at(server.port)
            assert (await meter.read()).currents_a == (None, None, 30.0)
            await meter.close()

    run(scenario)


def test_a_late_answer_is_never_taken_for_a_later_one() -> None:
    held: list[asyncio.Event] = []
    questions = 0

    async def before(registers: list[int]) -> None:
        nonlocal questions
        questions += 1
        if questions == 1:
            held.append(asyncio.Event())
            await held[0].wait()
        else:
            registers[:] = words_of([*VALUES[:3], 99.0, 99.0, 99.0, *VALUES[6:]])

    async def scenario() -> None:
        async with honest_meter(before=before) as server:
            meter = meter_at(server.port)
            with pytest.raises(MeterSilent, match="no answer within"):
                await meter.read()
            held[0].set()
            assert (await read_until_it_answers(meter)).currents_a == (99.0, 99.0, 99.0)
            await meter.close()

    run(scenario)


def test_a_cancelled_read_leaves_no_answer_behind() -> None:
    asked = asyncio.Event()

    def script(request: bytes) -> bytes:
        if not asked.is_set():
            asked.set()
            return b""
        return answer(request, words_of(VALUES))

    async def scenario() -> None:
        async with scripted_meter(script) as (port, connections):
            meter = meter_at(port, timeout_s=5.0)
            task = asyncio.create_task(meter.read())
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await read_until_it_answers(meter) == GOOD
            assert connections == [1, 2]
            await meter.close()

    run(scenario)


def test_a_meter_that_goes_away_comes_back_by_itself() -> None:
    async def scenario() -> None:
        async with honest_meter() as server:
            meter = meter_at(server.port)
            assert await meter.read() == GOOD
            await server.stop()
            with pytest.raises(MeterSilent):
                await meter.read()
            with pytest.raises(MeterSilent):
                await meter.read()
            await server.start()
            assert await read_until_it_answers(meter) == GOOD
            await meter.close()

    run(scenario)


def test_a_port_where_nobody_listens_is_a_silent_meter() -> None:
    async def scenario() -> None:
        async with honest_meter() as server:
            port = server.port
        meter = meter_at(port)
        for _ in range(3):
            with pytest.raises(MeterSilent):
                await meter.read()

    run(scenario)


def test_a_host_that_no_name_server_knows_is_a_silent_meter() -> None:
    async def scenario() -> None:
        site = MeterSite("m", "grid", "modbus-tcp", "eastron_sdm630_v2", "x" * 70, 502, 1)
        with pytest.raises(MeterSilent, match="cannot connect"):
            await meter_for(site).read()

    run(scenario)


def test_an_unknown_unit_is_a_silent_meter() -> None:
    async def scenario() -> None:
        async with honest_meter() as server:
            with pytest.raises(MeterSilent):
                await meter_at(server.port, unit_id=7).read()

    run(scenario)


GOOD_WORDS = words_of(VALUES)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (lambda q: answer(q, GOOD_WORDS[:16]), "answered another question"),
        (lambda q: answer(q, GOOD_WORDS * 2), "answered another question"),
        (lambda q: answer(q, GOOD_WORDS, function=3), "answered another question"),
        (lambda q: answer(q, GOOD_WORDS, function=5), "no answer within"),
        (lambda q: answer(q, GOOD_WORDS, tid=0), "no answer within"),
        (lambda q: answer(q, GOOD_WORDS, tid=77), "no answer within"),
        (lambda q: answer(q, GOOD_WORDS)[:-3], "no answer within"),
        (lambda q: answer(q, GOOD_WORDS)[:6] + b"\x07" + answer(q, GOOD_WORDS)[7:], "no answer"),
        (lambda q: q[:4] + b"\x00\x03\x01\x84\x02", "it does not have these registers"),
        (lambda q: q[:4] + b"\x00\x03\x01\x84\x63", "exception 99"),
        (lambda q: q[:4] + b"\x00\x04\x01\x04\x01\x00", "no answer within"),
        (lambda q: q[:4] + b"\x00\x01\x01", "no answer within"),
        (lambda q: b"HTTP/1.1 400 Bad Request\r\n\r\n", "no answer within"),
        (lambda q: b"\xff" * 600, "no answer within"),
        (lambda q: b"", "no answer within"),
    ],
)
def test_a_wrong_answer_closes_the_connection_and_the_next_is_right(
    script: Callable[[bytes], bytes], reason: str
) -> None:
    spoilt: list[bytes] = []

    def once(request: bytes) -> bytes:
        if not spoilt:
            spoilt.append(request)
            return script(request)
        return answer(request, GOOD_WORDS)

    async def scenario() -> None:
        async with scripted_meter(once) as (port, connections):
            meter = meter_at(port)
            with pytest.raises(MeterSilent, match=reason):
                await meter.read()
            assert await read_until_it_answers(meter) == GOOD
            assert connections == [1, 2]
            await meter.close()

    run(scenario)


def test_an_answer_in_pieces_is_an_answer() -> None:
    whole: list[bytes] = []

    async def scenario() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            whole.append(answer(await reader.readexactly(12), GOOD_WORDS))
            for piece in struct.unpack("5s4s36s", whole[0]):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            await reader.read()
            writer.close()
            await writer.wait_closed()
            gone.set()

        gone = asyncio.Event()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            meter = meter_at(server.sockets[0].getsockname()[1], timeout_s=5.0)
            assert await meter.read() == GOOD
            await meter.close()
            await gone.wait()

    run(scenario)
