"""What outlives a restart beside the files themselves, as one JSON object.

The one rule: a note that cannot be read is as good as none.
"""

import msgspec

from gateway.files.grants import Grant


class Note(msgspec.Struct, frozen=True):
    """Open grants, and the charge point that left each upload, by its name."""

    grants: tuple[Grant, ...] = ()
    senders: dict[str, str] = {}


def write_note(note: Note) -> bytes:
    """``note`` as JSON."""
    return msgspec.json.encode(note)


def read_note(content: bytes | None) -> Note | None:
    """The note; an empty one for nothing, None for what is none."""
    try:
        return Note() if content is None else msgspec.json.decode(content, type=Note)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
