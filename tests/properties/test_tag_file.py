"""Laws of tag files: what was written is read unchanged, and any bytes give tags or problems."""

import string
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gateway.authorization.decide import by_key
from gateway.authorization.tag_changes import compare
from gateway.authorization.tag_fields import FORMULA_STARTS, SHORTENED, STATUSES
from gateway.authorization.tag_file import parse, write
from gateway.site.depot import Tag

IDENTITIES = ("CP-1", "CP-2", "CP.3")


def _may_be_kept(made: str) -> bool:
    plain = made.isprintable() and made == made.strip() and made[0] not in FORMULA_STARTS
    return plain and not SHORTENED.fullmatch(made)


def text(longest: int) -> st.SearchStrategy[str]:
    letters = st.characters(exclude_categories=["Cs"]) | st.sampled_from(string.printable)
    return st.text(letters, min_size=1, max_size=longest).filter(_may_be_kept)


tags = st.builds(
    Tag,
    id_tag=text(20),
    status=st.sampled_from(STATUSES),
    parent_id_tag=st.none() | text(20),
    expires_at=st.none()
    | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    name=st.just("") | text(100),
    charge_points=st.none() | st.frozensets(st.sampled_from(IDENTITIES), min_size=1),
)
registers = st.lists(tags, max_size=6).map(lambda made: list(by_key(made).values()))


@given(registers)
def test_what_was_exported_imports_unchanged(kept: list[Tag]) -> None:
    read = parse(write(kept), IDENTITIES, {})
    assert read.problems == ()
    assert list(read.tags) == kept
    changes = compare(kept, read.tags, replace=True)
    assert (changes.put, changes.remove, changes.unchanged) == ((), (), len(kept))


@given(registers, registers)
def test_applying_what_is_listed_gives_what_was_wanted(kept: list[Tag], wanted: list[Tag]) -> None:
    changes = compare(kept, wanted, replace=True)
    after = by_key(kept)
    for id_tag in changes.remove:
        del after[id_tag.casefold()]
    after |= by_key(changes.put)
    assert after == by_key(wanted)


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda made: made.encode("utf-8", "replace"))
)
def test_any_bytes_give_tags_or_problems(data: bytes) -> None:
    for content in (data, b"id_tag,name,expires_at\n" + data):
        read = parse(content, IDENTITIES, {})
        assert not (read.tags and read.problems)
        assert all(fault.problem.endswith(".") for fault in read.problems)
        assert all(0 < len(tag.id_tag) <= 20 for tag in read.tags)
