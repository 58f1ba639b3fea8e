"""gateway.authorization.decide"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from gateway.authorization.decide import (
    CachedTag,
    Known,
    Source,
    TagDecision,
    by_key,
    decide,
    decide_offline,
)
from gateway.site.depot import AuthorizationRules, OfflinePolicy, Tag

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HERE = "CP-01"


def cached(status: str = "Accepted", **changes: datetime | None) -> dict[str, CachedTag]:
    fields: dict[str, datetime | None] = {"expires_at": None, "believed_until": NOW + HOUR}
    fields.update(changes)
    until = fields["believed_until"]
    assert until is not None
    return {"abc": CachedTag("ABC", status, "FLEET", fields["expires_at"], until)}


def knowing(layer: str, tags: Mapping[str, Tag], clouds: Mapping[str, Tag] | None = None) -> Known:
    """``tags`` in that layer of the site's own."""
    if layer == "site":
        return Known(site=tags, cloud_list=clouds or {})
    return Known(register=tags, cloud_list=clouds or {})


def at(id_tag: str, known: Known) -> TagDecision | None:
    return decide(id_tag, HERE, known, NOW)


def decided(id_tag: str, known: Known) -> tuple[str, Source]:
    decision = at(id_tag, known)
    assert decision is not None
    return decision.status, decision.source


def test_the_layers_are_asked_in_their_order() -> None:
    tag = by_key([Tag("abc", "Blocked")])
    cache = cached()
    assert decided("ABC", Known(tag, tag, tag, cache)) == ("Blocked", Source.SITE)
    assert decided("ABC", Known({}, tag, tag, cache)) == ("Blocked", Source.REGISTER)
    assert decided("ABC", Known({}, {}, tag, cache)) == ("Blocked", Source.CLOUD_LIST)
    assert decided("ABC", Known({}, {}, {}, cache)) == ("Accepted", Source.CACHE)


@pytest.mark.parametrize("id_tag", ["ABC", "abc", "aBc"])
def test_tags_compare_without_case(id_tag: str) -> None:
    decision = at(id_tag, Known(cache=cached()))
    assert decision is not None
    assert (decision.status, decision.parent_id_tag) == ("Accepted", "FLEET")


@pytest.mark.parametrize(
    ("layer", "source"), [("site", Source.SITE), ("register", Source.REGISTER)]
)
def test_a_tag_that_is_not_for_this_charge_point_is_invalid_and_nobody_else_is_asked(
    layer: str, source: Source
) -> None:
    elsewhere = by_key([Tag("A", parent_id_tag="G", charge_points=frozenset({"CP-02"}))])
    clouds = by_key([Tag("A")])
    known = knowing(layer, elsewhere, clouds)
    assert at("a", known) == TagDecision("Invalid", source)
    here = by_key([Tag("A", charge_points=frozenset({"CP-02", HERE}))])
    assert decided("a", knowing(layer, here)) == ("Accepted", source)


@pytest.mark.parametrize("layer", ["site", "register"])
def test_a_tag_of_the_site_expires(layer: str) -> None:
    known = knowing(layer, by_key([Tag("A", expires_at=NOW)]))
    assert decided("A", known)[0] == "Expired"


def test_an_expired_entry_of_the_cloud_s_list_is_for_the_cloud_to_renew() -> None:
    known = Known(cloud_list=by_key([Tag("ABC", expires_at=NOW)]))
    assert at("ABC", known) is None
    renewed = Known(cloud_list=known.cloud_list, cache=cached())
    assert decided("ABC", renewed) == ("Accepted", Source.CACHE)
    rules = AuthorizationRules({}, offline=OfflinePolicy.ACCEPT)
    assert decide_offline("abc", HERE, known, rules, NOW).status == "Expired"


def test_an_expired_tag_that_is_blocked_stays_blocked() -> None:
    tag = Tag("A", "Blocked", expires_at=NOW - HOUR)
    assert decided("A", Known(by_key([tag])))[0] == "Blocked"


@pytest.mark.parametrize(
    "stale",
    [cached(believed_until=NOW), cached(expires_at=NOW - HOUR)],
    ids=["too old", "expired"],
)
def test_a_stale_cache_entry_decides_nothing(stale: dict[str, CachedTag]) -> None:
    assert at("ABC", Known(cache=stale)) is None


def test_an_unknown_tag_is_for_others_to_decide() -> None:
    assert at("NEW", Known()) is None
    assert at("A TAG OF MORE THAN TWENTY CHARACTERS", Known()) is None


@pytest.mark.parametrize(
    ("policy", "status"), [(OfflinePolicy.ACCEPT, "Accepted"), (OfflinePolicy.REFUSE, "Invalid")]
)
def test_the_offline_policy_decides_in_the_end(policy: OfflinePolicy, status: str) -> None:
    rules = AuthorizationRules({}, offline=policy)
    decision = decide_offline("NEW", HERE, Known(), rules, NOW)
    assert decision == TagDecision(status, Source.OFFLINE)
