"""gateway.authorization.tag_changes"""

from gateway.authorization.tag_changes import Change, Changes, compare
from gateway.site.depot import Tag

A, B, C = Tag("A"), Tag("B"), Tag("C")
B_BLOCKED = Tag("b", "Blocked")


def test_merging_adds_and_changes() -> None:
    changes = compare([A, B], [A, B_BLOCKED, C], replace=False)
    assert changes == Changes((C,), (Change(B, B_BLOCKED),), (), 1)
    assert (changes.put, changes.remove) == ((C, B_BLOCKED), ())


def test_what_is_not_wanted_stays_when_merging_and_goes_when_replacing() -> None:
    assert compare([A, B], [B], replace=False) == Changes((), (), (), 1)
    replaced = compare([A, B], [B], replace=True)
    assert replaced == Changes((), (), (A,), 1)
    assert replaced.remove == ("A",)


def test_a_name_that_is_spelled_otherwise_is_the_same_tag_changed() -> None:
    assert compare([A], [Tag("a")], replace=True) == Changes((), (Change(A, Tag("a")),), (), 0)
