"""One TOML table being read. A wrong value is noted and reading goes on with a harmless stand-in.

The one rule: nothing here raises for any content; every problem ends up in ``problems``.
"""

import enum
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final, TypeVar

from gateway.config.wording import did_you_mean, listed, quoted, shown, step
from gateway.site.electrical import PhaseCurrents

E = TypeVar("E", bound=enum.Enum)

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
CONDUCTOR_COUNT: Final = 3


class Table:
    """Reads the keys of one table, field by field.

    Args:
        path: Where the table stands, such as ``circuits.hall``; empty for the whole file.
        content: What tomllib made of it.
        problems: The list that every problem is added to, shared by the whole file.
    """

    def __init__(self, path: str, content: Mapping[str, object], problems: list[str]) -> None:
        self.path = path
        self._content = content
        self._problems = problems
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def present(self) -> tuple[str, ...]:
        """Every key of the table, in the order of the file."""
        return tuple(self._content)

    def problem(self, key: str, sentence: str) -> None:
        """Note a problem with ``key``; with an empty key, with the table itself."""
        where = step(self.path, key) if key else self.path or "site file"
        self._problems.append(f"{where}: {sentence}")

    def raw(self, key: str) -> object:
        """The value of ``key`` as it stands, or None; the key counts as known from now on."""
        self._known.append(key)
        return self._content.get(key)

    def number(
        self,
        key: str,
        unit: str,
        lowest: float,
        highest: float,
        default: float | None = None,
        stand_in: float | None = None,
    ) -> float:
        """A finite number from ``lowest`` to ``highest``.

        Args:
            unit: Completes the sentence "write a number of ...".
            default: When the key is absent; None makes the key a must.
            stand_in: Goes on in place of a wrong value; ``default`` or ``lowest`` if not given.
        """
        value = self.raw(key)
        harmless = next(v for v in (stand_in, default, lowest) if v is not None)
        if value is None:
            if default is None:
                self.problem(key, f"is missing; write a number of {unit}")
                return harmless
            return default
        fault = number_fault(value, unit, lowest, highest)
        if fault or not isinstance(value, int | float):
            self.problem(key, fault)
            return harmless
        return float(value)

    def whole(self, key: str, what: str, lowest: int, highest: int, default: int) -> int:
        """A whole number from ``lowest`` to ``highest``; ``what`` completes "is not ..."."""
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.problem(key, f"{shown(value)} is not {what}; write a whole number")
            return default
        if not lowest <= value <= highest:
            self.problem(key, f"{shown(value)} is not {what}; it goes from {lowest} to {highest}")
            return default
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.problem(key, f"is a switch; write true or false, not {shown(value)}")
            return default
        return value

    def flag_or_none(self, key: str) -> bool | None:
        """True or false; None when the key is absent, or wrong."""
        return self.flag(key, default=False) if key in self else None

    def text(self, key: str, what: str, default: str | None = None, longest: int = 200) -> str:
        """One line of text, 1 to ``longest`` characters; empty stands in for a wrong one.

        Args:
            what: Completes the sentence "write ...".
            default: When the key is absent; None makes the key a must.
        """
        value = self.raw(key)
        if value is None:
            if default is None:
                self.problem(key, f"is missing; write {what}")
            return default or ""
        if not isinstance(value, str):
            self.problem(key, f"{shown(value)} is not text; write {what} in quotes")
        elif not value.strip():
            self.problem(key, f"is empty; write {what}")
        elif CONTROL.search(value):
            self.problem(key, f"{quoted(value)} holds a control character or a line break")
        elif len(value) > longest:
            self.problem(key, f"has {len(value)} characters; at most {longest} are allowed")
        else:
            return value
        return ""

    def choice(self, key: str, default: E) -> E:
        """One of the values of ``default``'s enumeration."""
        value = self.raw(key)
        if value is None:
            return default
        kinds = {str(kind.value): kind for kind in type(default)}
        if isinstance(value, str) and value in kinds:
            return kinds[value]
        hint = did_you_mean(value, kinds) if isinstance(value, str) else ""
        self.problem(key, f"{shown(value)} is not known here; choose from {listed(kinds)}{hint}")
        return default

    def per_conductor(
        self, key: str, default: float | None, stand_in: float, lowest: float, highest: float
    ) -> PhaseCurrents:
        """Ampere for all conductors alike (a number), or for L1, L2 and L3 (a list of three)."""
        value = self.raw(key)
        if value is None and default is not None:
            return PhaseCurrents(default, default, default)
        if value is None:
            self.problem(key, "is missing; write ampere as one number, or as [L1, L2, L3]")
        elif not isinstance(value, list):
            fault = number_fault(value, "ampere", lowest, highest)
            if not fault and isinstance(value, int | float):
                return PhaseCurrents(float(value), float(value), float(value))
            self.problem(key, fault)
        elif len(value) != CONDUCTOR_COUNT:
            self.problem(key, f"has {len(value)} numbers; write one, or three as [L1, L2, L3]")
        else:
            return self._three(key, value, stand_in, lowest, highest)
        return PhaseCurrents(stand_in, stand_in, stand_in)

    def instant(self, key: str) -> datetime | None:
        """A date and time with its time zone, in UTC; None when absent or wrong."""
        value = self.raw(key)
        example = "write it as 2027-01-31T18:00:00Z or 2027-01-31T18:00:00+02:00, without quotes"
        if isinstance(value, datetime) and value.tzinfo is not None:
            try:
                return value.astimezone(UTC)
            except OverflowError:
                self.problem(key, "lies outside the calendar")
        elif isinstance(value, datetime | date):
            self.problem(key, f"lacks its time zone; {example}")
        elif value is not None:
            self.problem(key, f"{shown(value)} is not a date and time; {example}")
        return None

    def table(self, key: str) -> "Table":
        """The table under ``key``; an empty one when it is absent or something else."""
        value = self.raw(key)
        if value is not None and not isinstance(value, dict):
            self.problem(key, f"is a table: write [{step(self.path, key)}], not a value")
        content = value if isinstance(value, dict) else {}
        return Table(step(self.path, key), content, self._problems)

    def named(self) -> "dict[str, Table]":
        """Each table in this one by its own name, as in ``[circuits.hall]`` for ``circuits``."""
        return {name: self.table(name) for name in self._content}

    def listed(self, key: str) -> "list[Table]":
        """The tables of a list, as in ``[[tags]]``."""
        value = self.raw(key)
        if value is None:
            return []
        path = step(self.path, key)
        if not isinstance(value, list):
            self.problem(key, f"is a list of tables: write [[{path}]], not {shown(value)}")
            return []
        tables = []
        for number, entry in enumerate(value, start=1):
            if isinstance(entry, dict):
                tables.append(Table(f"{path}[{number}]", entry, self._problems))
            else:
                self._problems.append(f"{path}[{number}]: is a table: write [[{path}]]")
        return tables

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._content:
            if key not in self._known:
                absent = [name for name in self._known if name not in self._content]
                self.problem(key, f"is not a key that is known here{did_you_mean(key, absent)}")

    def _three(
        self, key: str, values: list[object], stand_in: float, lowest: float, highest: float
    ) -> PhaseCurrents:
        currents = []
        for name, value in zip(("L1", "L2", "L3"), values, strict=True):
            fault = number_fault(value, "ampere", lowest, highest)
            if fault:
                self.problem(key, f"{name}: {fault}")
            fine = not fault and isinstance(value, int | float)
            currents.append(float(value) if fine else stand_in)  # type: ignore[arg-type]
        return PhaseCurrents(*currents)


def number_fault(value: object, unit: str, lowest: float, highest: float) -> str:
    """What is wrong with ``value`` as a number of ``unit``; empty when nothing is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = " without quotes" if isinstance(value, str) else ""
        return f"{shown(value)} is not a number; write a number of {unit}{hint}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{shown(value)} is no real quantity; write a number of {unit}"
    if not lowest <= value <= highest:
        return f"{shown(value)} is out of range; it goes from {lowest:g} to {highest:g} {unit}"
    return ""
