"""Register maps and their decoding."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.registers import (
    Block,
    Value,
    decode,
    decode_value,
    load_map,
    map_names,
    parse_map,
)
from gateway.errors import InvariantBroken
from tests.unit.drivers.modbus.servers import VALUES, words_of

MAP = b"""
maker: M
models: [X]
read_function: 3
word_order: little
most_registers: 20
blocks:
  - {start: 10, count: 4}
  - {start: 20, count: 2}
values:
  current_l1: {address: 10, type: s16, unit: A, scale: 0.1, absent: [-32768]}
  current_l2: {address: 11, type: u16, unit: A}
  current_l3: {address: 12, type: u32, unit: A, scale: 0.001}
  power_total: {address: 20, type: s32, unit: W}
sources: [manual]
confidence: low
tested_on_hardware: false
"""


@pytest.mark.parametrize("name", map_names())
def test_every_shipped_map_is_sound_and_tells_its_sources(name: str) -> None:
    found = load_map(name)
    assert found.sources
    assert {"power_l1", "power_l2", "power_l3", "voltage_l1"} <= set(found.values)


def test_the_sdm630_is_decoded() -> None:
    found = load_map("eastron_sdm630_v2")
    reading = decode(found, {found.blocks[0]: words_of(VALUES)})
    assert reading.voltages_v == (230.0, 231.0, 229.0)
    assert reading.currents_a == (10.0, 20.0, 30.0)
    assert reading.powers_w == (2300.0, -4600.0, 6900.0)
    assert reading.power_total_w is None


def test_blocks_scales_signs_and_word_order_are_the_maps() -> None:
    found = parse_map(MAP, "test")
    registers = {Block(10, 4): [0xFFF6, 7, 0x86A0, 1], Block(20, 2): [0xFFFF, 0xFFFF]}
    reading = decode(found, registers)
    assert reading.currents_a == (-1.0, 7.0, 100.0)
    assert reading.power_total_w == -1.0
    assert reading.powers_w == (None, None, None)


def test_a_mark_for_absent_becomes_none() -> None:
    found = parse_map(MAP, "test")
    assert decode_value(found.values["current_l1"], [0x8000], "little") is None


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_survive_in_both_word_orders(number: float) -> None:
    high, low = struct.unpack(">2H", struct.pack(">f", number))
    where = Value(0, "f32", "A")
    assert decode_value(where, [high, low], "big") == number
    assert decode_value(where, [low, high], "little") == number


@pytest.mark.parametrize("name", ["", "x", "../meters/eastron_sdm630_v2", "eastron_sdm630_v2.yaml"])
def test_an_unknown_map_is_refused(name: str) -> None:
    with pytest.raises(InvariantBroken, match="there is no register map"):
        load_map(name)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"current_l3", b"current_l4", "current_l3 is missing"),
        (b"address: 12", b"address: 13", "current_l3 does not lie whole in one block"),
        (b"count: 4", b"count: 24", "block at 10 has a wrong count"),
        (b"start: 20", b"start: 12", "blocks overlap"),
        (b"unit: W", b"unit: A", "power_total in A is not a value"),
        (b"type: s32", b"type: s99", "Invalid enum value"),
        (b"maker: M", b"maker: M\nmade: up", "unknown field"),
        (b"maker: M", b"maker: [", "register map test"),
    ],
)
def test_a_wrong_map_is_our_bug_and_says_which(old: bytes, new: bytes, reason: str) -> None:
    with pytest.raises(InvariantBroken, match=reason):
        parse_map(MAP.replace(old, new), "test")
