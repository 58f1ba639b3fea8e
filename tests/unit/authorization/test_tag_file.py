"""gateway.authorization.tag_file"""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from gateway.authorization import tag_file
from gateway.authorization.tag_fields import INSTANT_EXAMPLE
from gateway.authorization.tag_file import COLUMNS, TagFile, parse, write
from gateway.site.depot import Tag

IDENTITIES = ("CP-1", "CP-2")
SITE = {"house": Tag("HOUSE", name="the house")}
HEADER = ",".join(COLUMNS)


def found(text: str) -> TagFile:
    return parse(text.encode(), IDENTITIES, SITE)


def tags(text: str) -> Iterable[Tag]:
    read = found(text)
    assert read.problems == ()
    return list(read.tags)


def problems(text: str) -> list[str]:
    read = found(text)
    assert read.tags == ()
    return [f"{fault.row}: {fault.problem}" for fault in read.problems]


def test_a_row_says_all_of_a_tag() -> None:
    text = f"{HEADER}\nA,Ada,Blocked,G,2027-01-31T18:00:00+01:00,CP-2 CP-1\nB,,,,,\n"
    until = datetime(2027, 1, 31, 17, tzinfo=UTC)
    both = frozenset(IDENTITIES)
    assert tags(text) == [Tag("A", "Blocked", "G", until, "Ada", both), Tag("B")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_forms_that_spreadsheets_write_are_understood(
    end: str, delimiter: str, mark: str
) -> None:
    rows = [["ID_Tag ", "Name"], ["A", '"Lovelace, Ada; ""x"""'], [], [" B ", ""]]
    text = mark + end.join(delimiter.join(cells) for cells in rows)
    assert tags(text) == [Tag("A", name='Lovelace, Ada; "x"'), Tag("B")]


def test_one_column_is_enough() -> None:
    assert tags("id_tag\nA\nB\n") == [Tag("A"), Tag("B")]


def test_every_problem_is_told_by_its_row() -> None:
    text = (
        f"{HEADER}\n"
        "A,,,,,\n"
        ",,Blocked,,,\n"
        "\n"
        "B,,maybe,,,\n"
        "C,,,,31.1.2027,\n"
        "D,,,,,CP-9\n"
        "a,,,,,\n"
        "E,,,,,,,x\n"
        "HOUSE,,Blocked,,,\n"
    )
    assert problems(text) == [
        "3: id_tag is empty.",
        "5: status is not known here; choose from Accepted, Blocked, Expired, Invalid.",
        f"6: expires_at is not a date; {INSTANT_EXAMPLE}.",
        "7: no charge point is called CP-9.",
        "8: a stands in row 2 too (upper and lower case are alike).",
        "9: there are 8 cells; the header has 6.",
        "10: the site file names HOUSE and says otherwise; change it there.",
    ]


def test_a_row_that_says_what_the_site_file_says_is_nothing_to_do() -> None:
    assert found("id_tag,name\nHOUSE,the house\nA,\n") == TagFile((Tag("A"),), of_site=1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1: there is no column id_tag; known"),
        ("name\nAda\n", "1: there is no column id_tag; known columns are id_tag, name, status"),
        ("id_tag,colour\n", '1: "colour" is not a column; known columns are'),
        ("id_tag,ID_TAG\n", '1: "id_tag" is a column twice.'),
        ('id_tag\nA\n"B\n', "3: a quoted cell is not well formed (unexpected end of data)."),
        ('id_tag\n"A"x\n', "2: a quoted cell is not well formed"),
        ("id_tag\n" + "x" * 140000, "2: a quoted cell is not well formed"),
        ("id_tag\nA\x00B\n", "2: "),
    ],
)
def test_a_file_that_cannot_be_read_is_told(text: str, problem: str) -> None:
    (told,) = problems(text)
    assert told.startswith(problem)


def test_a_file_that_is_no_utf_8_is_told() -> None:
    read = parse("id_tag,name\nA,Zo\u00eb\n".encode("latin-1"), IDENTITIES, {})
    assert [fault.row for fault in read.problems] == [2]
    assert "UTF-8" in read.problems[0].problem
    assert parse("id_tag\nA\n".encode("utf-16"), IDENTITIES, {}).problems


def test_rows_and_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_file, "MOST_ROWS", 2)
    assert len(list(tags("id_tag\nA\nB\n"))) == 2
    assert problems("id_tag\nA\nB\nC\n") == ["4: there are too many rows; at most 2 are read."]
    monkeypatch.setattr(tag_file, "MOST_BYTES", 10)
    assert problems("id_tag\nABC\n") == ["0: the file is too large; at most 10 bytes are read."]


def test_no_more_than_a_hundred_problems_are_told() -> None:
    told = problems("id_tag,status\n" + ",x\n" * 150)
    assert len(told) == 101
    assert told[-1] == "0: There are 50 more problems."


def test_what_is_written_begins_with_a_mark_and_the_columns() -> None:
    until = datetime(2027, 1, 31, 17, tzinfo=UTC)
    tag = Tag("A", "Blocked", "G", until, "Lovelace, Ada", frozenset(IDENTITIES))
    assert write([tag]).decode("utf-8-sig") == (
        f'{HEADER}\r\nA,"Lovelace, Ada",Blocked,G,2027-01-31T17:00:00Z,CP-1 CP-2\r\n'
    )
