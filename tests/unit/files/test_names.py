"""Names that lead nowhere else."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.files.names import LONGEST_UPLOAD_NAME, last_part, name_fault, upload_name

AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]")


@pytest.mark.parametrize("name", ["fw.bin", "A", "v1.2.3_rc-4.tar.gz", "x" * 100, "con1.bin"])
def test_a_plain_name_is_fine(name: str) -> None:
    assert not name_fault(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "-rf",
        "a/b",
        "a\\b",
        "a b",
        "a\n",
        "a\0",
        "ä",
        "\u0661",
        "a.",
        "a%2f",
        "x" * 101,
        "CON",
        "nul.bin",
        "com1.tar.gz",
    ],
)
def test_every_other_name_is_refused_in_a_sentence(name: str) -> None:
    assert name_fault(name).endswith(".")


def test_what_follows_the_last_slash_is_the_name() -> None:
    assert [last_part(path) for path in ("a", "/a/b", "C:\\x\\y", "a/")] == ["a", "b", "y", ""]


def test_an_upload_is_called_after_who_when_and_what() -> None:
    assert upload_name("CP-01", AT, "diag.zip", ()) == "CP-01-20260302T060000Z-diag.zip"
    assert upload_name("DE*NRD*1", AT, "", ()) == "DE_NRD_1-20260302T060000Z-upload"
    assert upload_name("..", AT, "../../..", ()) == "charge-point-20260302T060000Z-upload"


def test_two_uploads_never_get_one_name() -> None:
    taken: set[str] = set()
    for _ in range(3):
        taken.add(upload_name("CP", AT, "a.log", taken))
    assert taken == {f"CP-20260302T060000Z-a{number}.log" for number in ("", "-2", "-3")}


@given(st.text(), st.text())
def test_whatever_a_charge_point_is_called_and_sends_the_name_is_safe(who: str, what: str) -> None:
    name = upload_name(who, AT, what, ())
    assert SAFE.fullmatch(name)
    assert len(name) <= LONGEST_UPLOAD_NAME
    assert not name_fault(name) or len(name) > 100


def test_a_long_name_keeps_its_extension_and_room_for_a_number() -> None:
    first = upload_name("C" * 200, AT, "x" * 500 + ".tar.gz", ())
    second = upload_name("C" * 200, AT, "x" * 500 + ".tar.gz", {first})
    assert first.endswith("x.gz")
    assert second.endswith("x-2.gz")
    assert len(second) <= LONGEST_UPLOAD_NAME
