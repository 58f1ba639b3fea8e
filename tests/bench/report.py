"""What a benchmark found, and how it is told: spreads, rows side by side, goals kept or missed."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """How response times lie, in seconds."""

    count: int
    min_s: float
    max_s: float
    avg_s: float
    p50_s: float
    p99_s: float


def spread(times_s: Collection[float]) -> Spread:
    """The spread of at least one time."""
    ordered = sorted(times_s)
    return Spread(
        len(ordered),
        ordered[0],
        ordered[-1],
        sum(ordered) / len(ordered),
        percentile(ordered, 50),
        percentile(ordered, 99),
    )


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The smallest value that ``percent`` of ``ordered`` do not exceed (nearest rank)."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, rank - 1)]


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """One line of a certificate's performance table.

    Attributes:
        p50_s: Median over all messages and over Authorize; None where a certificate has none.
        count: Messages, and Authorize among them; None where a certificate does not say.
    """

    who: str
    messages_s: tuple[float, float, float]
    authorize_s: tuple[float, float, float]
    p50_s: tuple[float, float] | None = None
    p99_s: tuple[float, float] | None = None
    count: tuple[int, int] | None = None
    note: str = ""

    @classmethod
    def measured(cls, who: str, messages: Spread, authorize: Spread) -> "ResponseTimes":
        """The line of a server that we measured."""
        return cls(
            who,
            (messages.min_s, messages.max_s, messages.avg_s),
            (authorize.min_s, authorize.max_s, authorize.avg_s),
            (messages.p50_s, authorize.p50_s),
            (messages.p99_s, authorize.p99_s),
            (messages.count, authorize.count),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity, measured on all three servers in the same rounds.

    Attributes:
        group: Rows of one group stand together under it.
    """

    group: str
    what: str
    unit: str
    echo: float
    package: float
    ours: float

    @property
    def to_echo(self) -> float:
        """Ours over the echo's."""
        return _ratio(self.ours, self.echo)

    @property
    def package_to_ours(self) -> float:
        """The package's over ours."""
        return _ratio(self.package, self.ours)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One goal, and what was found."""

    goal: str
    met: bool
    found: str

    def as_line(self) -> str:
        """For a person."""
        return f"{'met   ' if self.met else 'MISSED'}  {self.goal}: {self.found}"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one benchmark."""

    name: str
    conditions: tuple[str, ...]
    response_times: tuple[ResponseTimes, ...]
    rows: tuple[Row, ...]
    verdicts: tuple[Verdict, ...]

    def as_object(self) -> dict[str, object]:
        """For ``--json``."""
        rows = [
            asdict(row)
            | {
                "ours_to_echo": round(row.to_echo, 3),
                "package_to_ours": round(row.package_to_ours, 3),
            }
            for row in self.rows
        ]
        return asdict(self) | {"rows": rows}

    def as_table(self) -> str:
        """For a person."""
        lines = [self.name, *self.conditions]
        lines += ["", *_response_times(self.response_times)]
        lines += _rows(self.rows)
        lines += ["", *(verdict.as_line() for verdict in self.verdicts)]
        return "\n".join(lines)


def _response_times(lines: Sequence[ResponseTimes]) -> Iterator[str]:
    """As the certificates print it, in seconds; what they leave out follows, in milliseconds."""
    width = max(len(line.who) for line in lines)
    yield f"{'':{width}}  {'OCPP response (s)':^26}  {'Authorize (s)':^26}"
    yield f"{'':{width}}  {_heads()}  {_heads()}"
    for line in lines:
        cells = f"{_seconds(line.messages_s)}  {_seconds(line.authorize_s)}"
        yield f"{line.who:{width}}  {cells}  {line.note}".rstrip()
    for line in lines:
        if line.count is None or line.p50_s is None or line.p99_s is None:
            continue
        yield ""
        yield f"{line.who}, in milliseconds:"
        for index, (what, times_s) in enumerate(
            (("all messages", line.messages_s), ("Authorize", line.authorize_s))
        ):
            low, high, average = (f"{1000 * time_s:.3f}" for time_s in times_s)
            p50, p99 = 1000 * line.p50_s[index], 1000 * line.p99_s[index]
            yield (
                f"  {what:12}  min {low}  max {high}  avg {average}"
                f"  p50 {p50:.3f}  p99 {p99:.3f}  (N = {line.count[index]})"
            )


def _heads() -> str:
    return f"{'min':>8} {'max':>8} {'avg':>8}"


def _seconds(times_s: Sequence[float]) -> str:
    return " ".join(f"{_significant(time_s):>8}" for time_s in times_s)


def _significant(time_s: float) -> str:
    """Two decimals as the certificates have them; more where two would show nothing."""
    return f"{time_s:.2f}" if time_s >= 0.05 else f"{time_s:.5f}"


def _rows(rows: Sequence[Row]) -> Iterator[str]:
    width = max(len(row.what) for row in rows) + 2
    group = None
    for row in rows:
        if row.group != group:
            group = row.group
            yield ""
            heads = f"{'echo':>9}  {'ours':>9}  {'package':>9}  ours/echo  package/ours"
            yield f"{group:{width}}  {heads}"
        yield (
            f"  {row.what:{width - 2}}  {row.echo:>9.4g}  {row.ours:>9.4g}  {row.package:>9.4g}"
            f"  {row.to_echo:>9.2f}  {row.package_to_ours:>12.1f}  {row.unit}"
        )


def _ratio(one: float, other: float) -> float:
    return one / other if other else float("inf")
