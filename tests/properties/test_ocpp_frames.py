"""Laws of frames: nothing is lost on the way, and no text can hurt."""

import contextlib

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ProtocolViolation
from gateway.ocpp.frames import Call, CallError, CallResult, parse, to_text

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=36)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | words
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
payloads = st.dictionaries(words, values, max_size=4).map(msgspec.json.encode)
frames = (
    st.builds(Call, words, words, payloads)
    | st.builds(CallResult, words, payloads)
    | st.builds(CallError, words, words.filter(bool), words, payloads)
)


@given(frames)
def test_what_is_written_reads_back_the_same(frame: Call | CallResult | CallError) -> None:
    assert parse(to_text(frame)) == frame


@st.composite
def torn(draw: st.DrawFn) -> str:
    """A frame that lost its end."""
    text = to_text(draw(frames))
    return text[: draw(st.integers(0, len(text)))]


@given(st.text() | torn())
def test_any_text_is_a_frame_or_a_violation(text: str) -> None:
    with contextlib.suppress(ProtocolViolation):
        parse(text)
