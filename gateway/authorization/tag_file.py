"""Tags as a CSV file: one row for each, read with every problem by its row, written the same way.

The one rule: a file with a problem gives no tags; what was written here is read here unchanged.

A file says all of a tag: a column that is absent counts as empty, and an empty cell means the usual
(status Accepted, no group, no end, no name, every charge point).
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.authorization.decide import key
from gateway.authorization.tag_fields import (
    FieldFault,
    read_charge_points,
    read_expiry,
    read_id_tag,
    read_name,
    read_parent,
    read_status,
    written_expiry,
)
from gateway.site.depot import Tag

COLUMNS: Final = ("id_tag", "name", "status", "parent_id_tag", "expires_at", "charge_points")
DELIMITERS: Final = ",;\t"
MOST_ROWS: Final = 20_000
MOST_BYTES: Final = 4 * 1024 * 1024
MOST_PROBLEMS: Final = 100
MARK: Final = b"\xef\xbb\xbf"
"""Byte order mark; by it, spreadsheets see that the file is UTF-8."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """``row`` counts as a spreadsheet does: the header is row 1; 0 is the file as a whole."""

    row: int
    problem: str


@dataclass(frozen=True, slots=True)
class TagFile:
    """What a file holds: tags, or problems.

    Args:
        tags: In the order of the file; empty when there is a problem.
        of_site: Rows that say exactly what the site file says; they are none of ``tags``.
    """

    tags: tuple[Tag, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    of_site: int = 0


@dataclass(slots=True)
class _Reading:
    """What was found so far."""

    tags: list[Tag] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    of_site: int = 0


def parse(data: bytes, identities: Collection[str], site: Mapping[str, Tag]) -> TagFile:
    """Read a file: UTF-8, with or without its mark; comma, semicolon or tab; quoted cells; any line
    ends.

    Args:
        identities: Charge points that a row may name.
        site: The site file's tags, by key. A row that contradicts one is a problem: the site file
            wins, and nothing kept here could change it.
    """
    reading = _Reading()
    try:
        _read(_text(data), identities, site, reading)
    except _Unreadable as exc:
        reading.problems.append(RowProblem(exc.row, f"{exc.problem}."))
    if reading.problems:
        return TagFile(problems=_bounded(reading.problems))
    return TagFile(tuple(reading.tags), of_site=reading.of_site)


def write(tags: Iterable[Tag]) -> bytes:
    """The file: UTF-8 with its mark, comma, CRLF (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for tag in tags:
        writer.writerow(
            (
                tag.id_tag,
                tag.name,
                tag.status,
                tag.parent_id_tag or "",
                written_expiry(tag.expires_at),
                " ".join(sorted(tag.charge_points or ())),
            )
        )
    return MARK + text.getvalue().encode()


class _Unreadable(Exception):
    """Reading cannot go on."""

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(problem)
        self.row = row
        self.problem = problem


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise _Unreadable(0, f"the file is too large; at most {MOST_BYTES} bytes are read")
    try:
        return data.removeprefix(MARK).decode()
    except UnicodeDecodeError as exc:
        row = data.count(b"\n", 0, exc.start) + 1
        raise _Unreadable(row, "this is not UTF-8 text; save the file as CSV UTF-8") from exc


def _read(
    text: str, identities: Collection[str], site: Mapping[str, Tag], reading: _Reading
) -> None:
    rows = _rows(text)
    columns = _columns(next(rows, (1, []))[1])
    for row, cells in rows:
        if row > MOST_ROWS + 1:
            raise _Unreadable(row, f"there are too many rows; at most {MOST_ROWS} are read")
        if not any(cells):
            continue
        try:
            _take(row, _tag(columns, cells, identities), site, reading)
        except FieldFault as fault:
            reading.problems.append(RowProblem(row, f"{fault}."))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number, cells without the spaces around them."""
    row = 0
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for cells in lines:
            row += 1
            yield row, [cell.strip() for cell in cells]
    except csv.Error as exc:
        raise _Unreadable(row + 1, f"a quoted cell is not well formed ({exc})") from exc


def _delimiter(text: str) -> str:
    """The one that is most often in the header, whose names hold none of them."""
    header = re.split("[\r\n]", text, maxsplit=1)[0]
    return max(DELIMITERS, key=header.count)


def _columns(header: list[str]) -> list[str]:
    names = [name.casefold() for name in header]
    known = f"known columns are {', '.join(COLUMNS)}"
    for name, shown in zip(names, header, strict=True):
        if name not in COLUMNS:
            raise _Unreadable(1, f'"{shown[:60]}" is not a column; {known}')
        if names.count(name) > 1:
            raise _Unreadable(1, f'"{shown}" is a column twice')
    if "id_tag" not in names:
        raise _Unreadable(1, f"there is no column id_tag; {known}")
    return names


def _tag(columns: list[str], cells: list[str], identities: Collection[str]) -> Tag:
    if any(cells[len(columns) :]):
        raise FieldFault(f"there are {len(cells)} cells; the header has {len(columns)}")
    cell = dict.fromkeys(COLUMNS, "") | dict(zip(columns, cells, strict=False))
    return Tag(
        id_tag=read_id_tag(cell["id_tag"]),
        status=read_status(cell["status"]),
        parent_id_tag=read_parent(cell["parent_id_tag"]),
        expires_at=read_expiry(cell["expires_at"]),
        name=read_name(cell["name"]),
        charge_points=read_charge_points(cell["charge_points"].split(), identities),
    )


def _take(row: int, tag: Tag, site: Mapping[str, Tag], reading: _Reading) -> None:
    name = key(tag.id_tag)
    first = reading.rows.setdefault(name, row)
    if first != row:
        raise FieldFault(f"{tag.id_tag} stands in row {first} too (upper and lower case are alike)")
    if name not in site:
        reading.tags.append(tag)
    elif site[name] == tag:
        reading.of_site += 1
    else:
        raise FieldFault(f"the site file names {tag.id_tag} and says otherwise; change it there")


def _bounded(problems: list[RowProblem]) -> tuple[RowProblem, ...]:
    if len(problems) <= MOST_PROBLEMS:
        return tuple(problems)
    more = len(problems) - MOST_PROBLEMS
    return (*problems[:MOST_PROBLEMS], RowProblem(0, f"There are {more} more problems."))
