"""gateway.upstream.backoff"""

from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.backoff import FIRST_S, pause_s


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.floats(1, 3600))
def test_a_pause_is_never_longer_than_allowed_and_never_nothing(
    failures: int, fraction: float, longest_s: float
) -> None:
    assert FIRST_S / 2 <= pause_s(failures, fraction, longest_s) <= longest_s


def test_pauses_double_until_the_longest() -> None:
    assert [pause_s(n, 0.0, 60.0) for n in range(1, 9)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
