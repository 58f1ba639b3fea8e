"""Register maps: where a meter keeps which value. Maps are data, ``meters/*.yaml``.

The one rule: a value that a meter does not have, or marks as absent, becomes None and never 0.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import pairwise
from typing import Final, Literal

import msgspec

from gateway.errors import InvariantBroken
from gateway.metering.sample import Reading

HIGHEST_ADDRESS: Final = 0xFFFF
FORMATS: Final = {"u16": ">H", "s16": ">h", "u32": ">I", "s32": ">i", "f32": ">f", "u64": ">Q"}
UNITS: Final = {"voltage": "V", "current": "A", "power": "W", "energy": "Wh"}
NEEDED: Final = ("current_l1", "current_l2", "current_l3")


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Registers that are read with one question: ``count`` of them from ``start``."""

    start: int
    count: int

    def __contains__(self, value: object) -> bool:
        """True when the whole of a `Value` lies inside."""
        if not isinstance(value, Value):
            return False
        last = value.address + value.width - 1
        return self.start <= value.address and last < self.start + self.count


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a value stands, and how it is written. The value in ``unit`` is raw times ``scale``.

    Args:
        absent: Raw values with which the meter says that it has no such value. NaN always is one.
    """

    address: int
    type: Literal["u16", "s16", "u32", "s32", "f32", "u64"]
    unit: Literal["V", "A", "W", "Wh"]
    scale: float = 1.0
    absent: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """How many registers it takes."""
        return struct.calcsize(FORMATS[self.type]) // 2


class RegisterMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of meter.

    Args:
        read_function: 3 (holding registers) or 4 (input registers).
        word_order: Order of the registers of one value; bytes in a register are big-endian always.
        most_registers: How many registers one question may ask for.
        values: ``current_l1`` and so on; see `Reading` for what there can be.
        sources: Where the addresses come from. ``confidence``: how far they agree.
    """

    maker: str
    models: tuple[str, ...]
    read_function: Literal[3, 4]
    word_order: Literal["big", "little"]
    most_registers: int
    blocks: tuple[Block, ...]
    values: dict[str, Value]
    sources: tuple[str, ...]
    confidence: Literal["high", "medium", "low"]
    tested_on_hardware: bool


def map_names() -> tuple[str, ...]:
    """The maps that there are, in alphabetical order."""
    files = (entry.name for entry in resources.files("drivers.modbus").joinpath("meters").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


def load_map(name: str) -> RegisterMap:
    """The map called ``name``.

    Raises:
        InvariantBroken: There is none, or the file is wrong; maps are part of the program.
    """
    if name not in map_names():
        raise InvariantBroken(f"there is no register map {name!r}")
    file = resources.files("drivers.modbus").joinpath("meters", f"{name}.yaml")
    return parse_map(file.read_bytes(), name)


def parse_map(data: bytes, name: str) -> RegisterMap:
    """The map written in ``data`` (YAML). Raises InvariantBroken when it cannot be true."""
    try:
        found = msgspec.yaml.decode(data, type=RegisterMap)
    except msgspec.DecodeError as exc:
        raise InvariantBroken(f"register map {name}: {exc}") from exc
    if faults := map_faults(found):
        raise InvariantBroken(f"register map {name}: " + "; ".join(faults))
    return found


def map_faults(found: RegisterMap) -> list[str]:
    """Why a map cannot be right; empty when it can."""
    faults = [f"{name} is missing" for name in NEEDED if name not in found.values]
    for block in found.blocks:
        if not 1 <= block.count <= found.most_registers or block.start < 0:
            faults.append(f"block at {block.start} has a wrong count")
        if block.start + block.count - 1 > HIGHEST_ADDRESS:
            faults.append(f"block at {block.start} ends outside the address range")
    for name, value in found.values.items():
        quantity, _, place = name.partition("_")
        if UNITS.get(quantity) != value.unit or place not in {"l1", "l2", "l3", "total", "import"}:
            faults.append(f"{name} in {value.unit} is not a value that is known here")
        if not any(value in block for block in found.blocks):
            faults.append(f"{name} does not lie whole in one block")
    if not all(a.start + a.count <= b.start for a, b in pairwise(found.blocks)):
        faults.append("blocks overlap or are out of order")
    return faults


def decode(found: RegisterMap, registers: Mapping[Block, Sequence[int]]) -> Reading:
    """What the registers of all blocks say. Each sequence has exactly its block's count."""

    def value(name: str) -> float | None:
        where = found.values.get(name)
        if where is None:
            return None
        block = next(block for block in found.blocks if where in block)
        first = where.address - block.start
        return decode_value(where, registers[block][first : first + where.width], found.word_order)

    def on_conductors(quantity: str) -> tuple[float | None, float | None, float | None]:
        return value(f"{quantity}_l1"), value(f"{quantity}_l2"), value(f"{quantity}_l3")

    return Reading(
        on_conductors("current"),
        on_conductors("power"),
        on_conductors("voltage"),
        value("power_total"),
        value("energy_import"),
    )


def decode_value(where: Value, words: Sequence[int], word_order: str) -> float | None:
    """One value out of its registers; None for NaN, infinity and the meter's own absent marks."""
    ordered = words if word_order == "big" else tuple(reversed(words))
    data = struct.pack(f">{len(ordered)}H", *ordered)
    (raw,) = struct.unpack(FORMATS[where.type], data)
    if not math.isfinite(raw) or raw in where.absent:
        return None
    return float(raw) * where.scale
