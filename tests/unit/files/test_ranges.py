"""Byte ranges: asked for, and covered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.files.ranges import MOST_PIECES, Coverage, Span, requested


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Span(0, 100)),
        ("bytes=0-9", Span(0, 10)),
        ("bytes=90-", Span(90, 100)),
        ("Bytes=90-500", Span(90, 100)),
        ("bytes=-10", Span(90, 100)),
        ("bytes=-500", Span(0, 100)),
        ("bytes=100-", None),
        ("bytes=500-600", None),
        ("bytes=-0", None),
        ("bytes=9-0", Span(0, 100)),
        ("bytes=-", Span(0, 100)),
        ("bytes=0-1,5-6", Span(0, 100)),
        ("bytes=a-b", Span(0, 100)),
        ("lines=0-9", Span(0, 100)),
        ("bytes=" + "9" * 5000 + "-", Span(0, 100)),
        ("bytes=²-", Span(0, 100)),
        ("", Span(0, 100)),
    ],
)
def test_a_header_asks_for_a_part(header: str | None, expected: Span | None) -> None:
    assert requested(header, 100) == expected


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8)), max_size=30))
def test_a_file_is_covered_when_every_byte_was_sent(sent: list[tuple[int, int]]) -> None:
    coverage, size, seen = Coverage("v", 20), 20, set[int]()
    for begin, length in sent:
        span = Span(min(begin, size), min(begin + length, size))
        seen |= set(range(*span))
        assert coverage.add(span) == (seen == set(range(size)))


def test_a_client_that_takes_every_other_byte_costs_little() -> None:
    coverage = Coverage("v", 10_000)
    for begin in range(0, 10_000, 2):
        assert not coverage.add(Span(begin, begin + 1))
    assert len(coverage._pieces) == MOST_PIECES
    assert coverage.add(Span(0, 10_000))
