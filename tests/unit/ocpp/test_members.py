"""One member of a JSON object exchanged, and every other byte as it came."""

import pytest

from gateway.ocpp.members import members, with_member, without_member

ODD = b' { "a" : 1.50 ,\n "b":{"a":[1,"]}"]} , "c\\u0064":"x,\\"y" } '


def test_members_are_found_by_their_places() -> None:
    found = [(m.name, ODD[m.value_begin : m.end]) for m in members(ODD)]
    assert found == [("a", b"1.50"), ("b", b'{"a":[1,"]}"]}'), ("cd", b'"x,\\"y"')]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("a", 7, ODD.replace(b"1.50", b"7")),
        ("b", None, ODD.replace(b'{"a":[1,"]}"]}', b"null")),
        ("cd", "z", ODD.replace(b'"x,\\"y"', b'"z"')),
        ("new", 1, ODD.replace(b'"x,\\"y"', b'"x,\\"y","new":1')),
        ("a", 1.5, ODD),
    ],
)
def test_only_the_value_changes(name: str, value: object, expected: bytes) -> None:
    assert with_member(ODD, name, value) == expected


def test_a_member_finds_its_way_into_an_empty_object() -> None:
    assert with_member(b"{}", "a", 1) == b'{"a":1}'
    assert with_member(b" { } ", "a", 1) == b' {"a":1 } '


def test_a_name_that_comes_twice_is_set_twice() -> None:
    assert with_member(b'{"a":1,"a":2}', "a", 3) == b'{"a":3,"a":3}'
    assert without_member(b'{"a":1,"a":2}', "a") == b"{}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a", b'{ "b" :2 , "c":3}'),
        ("b", b'{ "a":1 ,"c":3}'),
        ("c", b'{ "a":1 ,"b" :2}'),
        ("d", b'{ "a":1 ,"b" :2 , "c":3}'),
    ],
)
def test_a_member_goes_with_its_comma(name: str, expected: bytes) -> None:
    assert without_member(b'{ "a":1 ,"b" :2 , "c":3}', name) == expected
