"""What outlives a restart."""

from datetime import UTC, datetime

import pytest

from gateway.files.grants import Grant
from gateway.files.note import Note, read_note, write_note

GRANT = Grant(
    token="t",
    identity="CP",
    kind="firmware",
    protocol="ftp",
    name="fw",
    user="u",
    fetches_left=3,
    expires_at=datetime(2026, 3, 2, tzinfo=UTC),
)


def test_a_note_is_read_as_it_was_written() -> None:
    note = Note((GRANT,), {"a.log": "CP"})
    assert read_note(write_note(note)) == note
    assert read_note(None) == Note()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"grants":[{}]}', b"\xff", b"[" * 100_000])
def test_what_is_no_note_is_told_apart(content: bytes) -> None:
    assert read_note(content) is None
