"""What a benchmark found: rows of one quantity each, ours beside the baseline's."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity, measured on the baseline and on ours in the same rounds."""

    what: str
    unit: str
    baseline: float
    ours: float

    @property
    def ratio(self) -> float:
        """Ours over the baseline."""
        return self.ours / self.baseline if self.baseline else float("inf")


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one benchmark."""

    name: str
    baseline: str
    conditions: str
    rows: tuple[Row, ...]

    def as_object(self) -> dict[str, object]:
        """For ``--json``."""
        rows = [asdict(row) | {"ratio": round(row.ratio, 3)} for row in self.rows]
        return asdict(self) | {"rows": rows}

    def as_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.as_object())

    def as_table(self) -> str:
        """For a person."""
        width = max(len(row.what) for row in self.rows)
        lines = [
            f"{self.name}: ratios to {self.baseline}",
            self.conditions,
            "",
            f"{'':{width}}  {'baseline':>10}  {'ours':>10}  {'ratio':>6}",
        ]
        lines += [
            f"{row.what:{width}}  {row.baseline:>10.4g}  {row.ours:>10.4g}  {row.ratio:>6.2f}"
            f"  {row.unit}"
            for row in self.rows
        ]
        return "\n".join(lines)
