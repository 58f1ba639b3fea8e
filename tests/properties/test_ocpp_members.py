"""Whatever JSON holds and however it is written, exchanging one member changes nothing else."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.ocpp.members import members, with_member, without_member
from gateway.ocpp.mending import mended

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=6)
SPACE = st.text(alphabet=" \t\r\n", max_size=3)


@st.composite
def documents(draw: st.DrawFn) -> tuple[dict[str, Any], bytes]:
    """An object, and one of the ways to write it."""
    value = draw(OBJECTS)
    separators = (draw(SPACE) + "," + draw(SPACE), draw(SPACE) + ":" + draw(SPACE))
    text = json.dumps(value, separators=separators, ensure_ascii=draw(st.booleans()))
    return value, (draw(SPACE) + text + draw(SPACE)).encode()


@given(documents())
def test_members_are_what_json_says(document: tuple[dict[str, Any], bytes]) -> None:
    value, text = document
    found = {m.name: json.loads(text[m.value_begin : m.end]) for m in members(text)}
    assert found == value
    assert list(found) == list(value)


@given(documents(), st.text(max_size=6), SCALARS)
def test_a_member_is_set_and_the_rest_stays(
    document: tuple[dict[str, Any], bytes], name: str, new: object
) -> None:
    value, text = document
    changed = with_member(text, name, new)
    assert json.loads(changed) == value | {name: new}
    for member in members(text):
        if member.name != name:
            assert text[member.begin : member.end] in changed


@given(documents(), st.data())
def test_a_member_is_taken_away_and_the_rest_stays(
    document: tuple[dict[str, Any], bytes], data: st.DataObject
) -> None:
    value, text = document
    name = data.draw(st.sampled_from([*value, "absent"]))
    changed = without_member(text, name)
    assert json.loads(changed) == {k: v for k, v in value.items() if k != name}


@given(documents())
def test_json_is_never_mended(document: tuple[dict[str, Any], bytes]) -> None:
    assert mended(document[1].decode()) is None


@given(st.text(alphabet='[]{},:"\\ \n1a', max_size=40))
def test_mending_once_is_enough(text: str) -> None:
    tidy = mended(text)
    assert tidy is None or mended(tidy) is None


@given(documents(), st.data())
def test_a_comma_too_many_is_taken_away_and_nothing_else(
    document: tuple[dict[str, Any], bytes], data: st.DataObject
) -> None:
    value, text = document
    whole = text.decode()
    place = data.draw(st.sampled_from([member.end for member in members(text)] or [0]))
    if place:
        place = len(text[:place].decode())
        tidy = mended(whole[:place] + " , ," + whole[place:])
        assert tidy is not None
        assert json.loads(tidy) == value
