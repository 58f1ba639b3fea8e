"""gateway.authorization.local_list"""

from datetime import UTC, datetime, timedelta

from msgspec import UNSET

from gateway.authorization.decide import by_key
from gateway.authorization.local_list import entry_info, wanted
from gateway.ocpp.v16.messages import IdTagInfo
from gateway.site.depot import Tag

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)


def listed(*tags: Tag, clouds: tuple[Tag, ...] = ()) -> list[str]:
    return list(wanted(tags, by_key(clouds), "CP-01", NOW))


def test_an_entry_has_what_is_known_and_nothing_else() -> None:
    bare = entry_info(Tag("A"))
    assert bare == IdTagInfo(status="Accepted", expiry_date=UNSET, parent_id_tag=UNSET)
    full = entry_info(Tag("A", "Blocked", "G", NOW, "Ada"))
    assert full == IdTagInfo(
        status="Blocked", expiry_date="2026-06-01T12:00:00.000Z", parent_id_tag="G"
    )


def test_who_may_charge_goes_first_then_the_blocked_then_the_others() -> None:
    tags = (Tag("A", "Invalid"), Tag("B", "Blocked"), Tag("C"), Tag("D", "Expired"), Tag("E"))
    clouds = (Tag("Z"), Tag("Y", "Blocked"))
    assert listed(*tags, clouds=clouds) == ["C", "E", "Z", "B", "Y", "A", "D"]


def test_what_expired_leaves_and_what_is_blocked_stays() -> None:
    tags = (Tag("A", expires_at=NOW), Tag("B", expires_at=SOON), Tag("C", "Blocked", None, NOW))
    assert listed(*tags) == ["B", "C"]
    assert listed(clouds=tags) == ["B", "C"]


def test_a_tag_that_is_not_for_this_charge_point_is_in_no_form_on_its_list() -> None:
    elsewhere = Tag("A", charge_points=frozenset({"CP-02"}))
    here = Tag("B", charge_points=frozenset({"CP-01"}))
    assert listed(elsewhere, here, clouds=(Tag("a"),)) == ["B"]


def test_the_site_s_word_on_a_tag_goes_before_the_cloud_s() -> None:
    assert listed(Tag("A", "Blocked"), clouds=(Tag("a"), Tag("B"))) == ["B", "A"]


def test_no_list_holds_an_id_tag_above_20_characters() -> None:
    assert listed(Tag("X" * 21), Tag("X" * 20)) == ["X" * 20]
