"""gateway.authorization.tag_fields"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

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


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2027-01-31T18:00:00Z", datetime(2027, 1, 31, 18, tzinfo=UTC)),
        ("2027-01-31T18:00:00.5+01:00", datetime(2027, 1, 31, 17, 0, 0, 500000, UTC)),
        ("2027-01-31", datetime(2027, 2, 1, tzinfo=UTC)),
        ("", None),
    ],
)
def test_an_expiry_is_an_instant_or_the_end_of_a_day(text: str, at: datetime | None) -> None:
    assert read_expiry(text) == at


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("31.01.2027", "is not a date"),
        ("2027-02-30", "is not a date"),
        ("2027-01-31T18:00:00", "lacks its time zone"),
        ("20270131", "lacks its time zone"),
        ("9999-12-31", "outside the calendar"),
        ("0001-01-01T00:00:00+02:00", "outside the calendar"),
    ],
)
def test_what_is_no_expiry_is_told(text: str, words: str) -> None:
    with pytest.raises(FieldFault, match=words):
        read_expiry(text)


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (read_id_tag, "", "id_tag is empty"),
        (read_id_tag, "X" * 21, "id_tag has 21 characters"),
        (read_id_tag, "a\nb", "cannot be printed"),
        (read_id_tag, " a", "begins or ends with a space"),
        (read_id_tag, "=1+1", "takes for a formula"),
        (read_id_tag, "4,12E+13", "has shortened; format the column as text"),
        (read_id_tag, "@A", "takes for a formula"),
        (read_parent, "-G", "parent_id_tag begins with -"),
        (read_parent, "X" * 21, "parent_id_tag has 21"),
        (read_name, "+49", "name begins with +"),
        (read_name, "x" * 101, "at most 100"),
        (read_status, "ConcurrentTx", "choose from Accepted, Blocked"),
    ],
)
def test_a_field_that_cannot_be_kept_is_told(
    read: Callable[[str], object], text: str, words: str
) -> None:
    with pytest.raises(FieldFault) as fault:
        read(text)
    assert words in str(fault.value)


def test_what_is_left_out_means_the_usual() -> None:
    assert (read_status(""), read_parent(""), read_name("")) == ("Accepted", None, "")
    assert read_charge_points([], ["CP-1"]) is None
    assert written_expiry(None) == ""


def test_a_status_has_no_case() -> None:
    assert read_status("blocked") == "Blocked"


def test_a_charge_point_must_exist() -> None:
    assert read_charge_points(["CP-1"], ["CP-1"]) == frozenset({"CP-1"})
    with pytest.raises(FieldFault, match="no charge point is called CP-2"):
        read_charge_points(["CP-1", "CP-2"], ["CP-1"])
