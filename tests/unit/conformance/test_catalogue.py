"""Every case has its test, in the file of its profile; and the other way round."""

import pytest

from tests.conformance.catalogue import BOTH, CATALOGUE, Profile, case
from tests.conformance.report import cases_of

CASES = {
    Profile.CORE: """
        001 003 004_1 004_2 005_1 007 061 010 011_1 011_2 012 013 014 017_1 017_2 018_1 019_1 019_2
        021 023_1 023_2 023_3 024 026 028 030 031 032_1 037_1 037_3 039 040_1 040_2 064
    """,
    Profile.LOCAL_LIST: "042_1 042_2 043_1 043_3 043_4 043_5",
    Profile.FIRMWARE: "044_1 044_2 044_3 045_1 045_2",
    Profile.RESERVATION: "046 047 048_1 048_2 048_3 048_4 049 051 052 053",
    Profile.REMOTE_TRIGGER: "054 055",
    Profile.SMART_CHARGING: "056 057 059 066 067",
}
COUNTS = {
    Profile.CORE: 34,
    Profile.LOCAL_LIST: 6,
    Profile.FIRMWARE: 5,
    Profile.RESERVATION: 10,
    Profile.REMOTE_TRIGGER: 2,
    Profile.SMART_CHARGING: 5,
}


@pytest.mark.parametrize("profile", Profile)
def test_the_catalogue_has_the_cases_of_the_test_document(profile: Profile) -> None:
    numbers = [found.number for found in CATALOGUE if found.profile is profile]
    assert sorted(numbers) == sorted(CASES[profile].split())
    assert len(numbers) == COUNTS[profile]


def test_the_six_profiles_have_62_cases() -> None:
    assert len({found.case_id for found in CATALOGUE}) == sum(COUNTS.values()) == 62


@pytest.mark.parametrize("profile", Profile)
def test_every_case_has_one_test_in_the_file_of_its_profile(profile: Profile) -> None:
    assert sorted(plan.number for _, plan in cases_of(profile)) == sorted(CASES[profile].split())


@pytest.mark.parametrize("profile", Profile)
def test_a_test_is_named_by_its_case(profile: Profile) -> None:
    for name, plan in cases_of(profile):
        assert name.startswith(f"test_tc_{plan.number}_csms_")


def test_a_test_that_is_named_otherwise_is_refused() -> None:
    async def test_tc_003_csms_cold_boot() -> None: ...

    with pytest.raises(ValueError, match="must begin with test_tc_001_csms_"):
        case("001", BOTH)(test_tc_003_csms_cold_boot)


def test_a_case_that_does_not_exist_is_refused() -> None:
    async def test_tc_002_csms_cold_boot() -> None: ...

    with pytest.raises(KeyError):
        case("002", BOTH)(test_tc_002_csms_cold_boot)


def test_a_scene_that_fails_fails_its_test() -> None:
    async def test_tc_001_csms_nothing() -> None:
        raise AssertionError("seen")

    with pytest.raises(AssertionError, match="seen"):
        case("001", BOTH)(test_tc_001_csms_nothing)()
