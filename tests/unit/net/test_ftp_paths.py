"""What an FTP client's words mean."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.net.ftp_paths import ROOT, Address, is_in_reach, path_of, read_eprt, read_port
from gateway.ports import FileTicket

FETCH = FileTicket("t", "firmware", "fw.bin")
LEAVE = FileTicket("t", "upload", "")


@pytest.mark.parametrize(
    ("folder", "words", "expected"),
    [
        ("/", "a", "/a"),
        ("/f", "a", "/f/a"),
        ("/f", "/a", "/a"),
        ("/f", "../../../a", "/a"),
        ("/f", ".", "/f"),
        ("/f", "", "/f"),
        ("/", "..", "/"),
    ],
)
def test_a_path_starts_at_the_folder_and_stays_below_the_root(
    folder: str, words: str, expected: str
) -> None:
    assert path_of(PurePosixPath(folder), words) == PurePosixPath(expected)


@given(st.text(alphabet="./fu\\x\0", max_size=20))
def test_only_what_was_granted_is_in_reach(words: str) -> None:
    path = path_of(ROOT, words)
    assert not is_in_reach(FETCH, path) or path.name == "fw.bin"
    assert not is_in_reach(LEAVE, path) or path.parent in (ROOT, PurePosixPath("/u"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("127,0,0,1,200,1", Address("127.0.0.1", 51201)),
        ("127,0,0,1,0,21", None),
        ("127,0,0,1,200,256", None),
        ("127,0,0,1,200", None),
        ("a,b,c,d,e,f", None),
        ("", None),
    ],
)
def test_port_names_an_address(words: str, expected: Address | None) -> None:
    assert read_port(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("|1|127.0.0.1|51201|", Address("127.0.0.1", 51201)),
        ("!2!::1!51201!", Address("::1", 51201)),
        ("|1|127.0.0.1|21|", None),
        ("|1|127.0.0.1|x|", None),
        ("|1|127.0.0.1|", None),
        ("", None),
    ],
)
def test_eprt_names_an_address_of_any_kind(words: str, expected: Address | None) -> None:
    assert read_eprt(words) == expected
