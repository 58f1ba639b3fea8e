"""The file in a form, however it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.files.multipart import (
    LONGEST_HEAD_BYTES,
    MOST_BESIDE_BYTES,
    FilePart,
    MalformedBody,
    boundary_of,
    file_name,
)

HEAD = b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.log"\r\n\r\n'
FIELD = b'--B\r\nContent-Disposition: form-data; name="token"\r\n\r\n12\r\n'


def parse(body: bytes, size: int) -> tuple[bytes, FilePart]:
    part = FilePart(b"B")
    found = b"".join(part.feed(body[at : at + size]) for at in range(0, len(body), size))
    return found, part


@given(st.binary(max_size=60), st.integers(1, 40))
def test_the_file_comes_out_as_it_went_in_however_it_is_cut(content: bytes, size: int) -> None:
    if b"\r\n--B" in b"\r\n" + content:
        return
    body = b"preamble\r\n" + FIELD + HEAD + content + b"\r\n--B--\r\nepilogue"
    found, part = parse(body, size)
    assert (found, part.name, part.is_complete) == (content, "a.log", True)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_only_the_first_file_counts(size: int) -> None:
    body = HEAD + b"one\r\n" + HEAD.replace(b"a.log", b"b.log") + b"two\r\n--B--\r\n"
    found, part = parse(body, size)
    assert (found, part.name) == (b"one", "a.log")


def test_a_part_without_a_head_is_a_file_without_a_name() -> None:
    found, part = parse(b"--B\r\n\r\ncontent\r\n--B--", 5)
    assert (found, part.name, part.is_complete) == (b"content", "", True)


def test_what_ends_early_is_not_complete() -> None:
    assert not parse(HEAD + b"content", 5)[1].is_complete
    assert not parse(b"", 5)[1].is_complete


def test_a_form_without_a_file_is_refused() -> None:
    with pytest.raises(MalformedBody, match="no file"):
        parse(FIELD + b"--B--\r\n", 5)


def test_a_head_without_end_is_refused() -> None:
    with pytest.raises(MalformedBody, match="too long"):
        parse(b"--B\r\n" + b"x" * 2 * LONGEST_HEAD_BYTES, 100)


@pytest.mark.parametrize("size", [100, 100_000])
@pytest.mark.parametrize(
    ("before", "again"),
    [(b"", b"no boundary "), (b"", FIELD), (HEAD + b"x\r\n--B--\r\n", b"epilogue ")],
)
def test_a_body_that_is_hardly_any_file_is_refused(before: bytes, again: bytes, size: int) -> None:
    parse(before + again * 1000, size)
    with pytest.raises(MalformedBody, match="no file"):
        parse(before + again * (2 * MOST_BESIDE_BYTES // len(again)), size)


def test_the_size_of_the_file_itself_does_not_matter_here() -> None:
    content = b"x" * 2 * MOST_BESIDE_BYTES
    found, part = parse(HEAD + content + b"\r\n--B--\r\n", 1000)
    assert (len(found), part.is_complete) == (len(content), True)


def test_memory_stays_small_whatever_comes() -> None:
    part = FilePart(b"B")
    part.feed(HEAD)
    for _ in range(100):
        part.feed(b"x" * 1000)
        assert len(part._rest) < 10


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data; charset=x; Boundary="a b"', b"a b"),
        ("multipart/form-data", None),
        ("multipart/form-data; boundary=ä", None),
        ("multipart/form-data; boundary=" + "x" * 201, None),
        ("multipart/mixed; boundary=abc", None),
        ("application/octet-stream", None),
        ("", None),
    ],
)
def test_a_boundary_is_told_by_the_header(content_type: str, expected: bytes | None) -> None:
    assert boundary_of(content_type) == expected


def test_file_names_are_read_with_and_without_quotes() -> None:
    assert file_name('attachment; filename="a \\"b\\".log"') == 'a "b".log'
    assert file_name("attachment; filename=a.log") == "a.log"
    assert file_name('form-data; name="x"') == ""
