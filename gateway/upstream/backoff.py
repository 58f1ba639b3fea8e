"""How long to wait before the next try: doubling, jittered, bounded."""

from typing import Final

FIRST_S: Final = 1.0


def pause_s(failures: int, fraction: float, longest_s: float) -> float:
    """The pause after ``failures`` (1 or more) tries in a row that failed.

    Half of it is fixed and half drawn by ``fraction`` (0.0 to 1.0), so that the charge points of a
    depot do not all return in the same second.
    """
    ceiling_s = min(longest_s, FIRST_S * 2.0 ** min(failures - 1, 30))
    return ceiling_s / 2 + fraction * ceiling_s / 2
