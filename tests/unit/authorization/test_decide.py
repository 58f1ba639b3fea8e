"""gateway.authorization.decide"""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.authorization.decide import CachedTag, Source, decide, decide_offline
from gateway.site.depot import AuthorizationRules, OfflinePolicy, Tag

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def cached(status: str = "Accepted", **changes: datetime | None) -> dict[str, CachedTag]:
    fields: dict[str, datetime | None] = {"expires_at": None, "believed_until": NOW + HOUR}
    fields.update(changes)
    until = fields["believed_until"]
    assert until is not None
    return {"abc": CachedTag("ABC", status, "FLEET", fields["expires_at"], until)}


def rules(*tags: Tag, offline: OfflinePolicy = OfflinePolicy.REFUSE) -> AuthorizationRules:
    return AuthorizationRules({tag.id_tag.casefold(): tag for tag in tags}, offline=offline)


def test_the_site_file_is_asked_before_the_cache() -> None:
    decision = decide("ABC", rules(Tag("abc", "Blocked")), cached(), NOW)
    assert decision is not None
    assert (decision.status, decision.source) == ("Blocked", Source.SITE)


@pytest.mark.parametrize("id_tag", ["ABC", "abc", "aBc"])
def test_tags_compare_without_case(id_tag: str) -> None:
    decision = decide(id_tag, rules(), cached(), NOW)
    assert decision is not None
    assert (decision.status, decision.parent_id_tag) == ("Accepted", "FLEET")


def test_a_tag_of_the_site_file_expires() -> None:
    decision = decide("A", rules(Tag("A", expires_at=NOW)), {}, NOW)
    assert decision is not None
    assert decision.status == "Expired"


def test_an_expired_tag_that_is_blocked_stays_blocked() -> None:
    decision = decide("A", rules(Tag("A", "Blocked", expires_at=NOW - HOUR)), {}, NOW)
    assert decision is not None
    assert decision.status == "Blocked"


@pytest.mark.parametrize(
    "stale",
    [cached(believed_until=NOW), cached(expires_at=NOW - HOUR)],
    ids=["too old", "expired"],
)
def test_a_stale_cache_entry_decides_nothing(stale: dict[str, CachedTag]) -> None:
    assert decide("ABC", rules(), stale, NOW) is None


def test_an_unknown_tag_is_for_others_to_decide() -> None:
    assert decide("NEW", rules(), {}, NOW) is None


def test_the_offline_policy_decides_in_the_end() -> None:
    assert decide_offline(rules(offline=OfflinePolicy.ACCEPT)).status == "Accepted"
    assert decide_offline(rules()).status == "Invalid"
