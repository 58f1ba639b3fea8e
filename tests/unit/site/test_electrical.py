"""Electrical quantities."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.site.electrical import (
    CONDUCTORS,
    NO_CURRENT,
    ROTATIONS,
    Conductor,
    PhaseCurrents,
    to_a,
    to_da,
)


def test_a_conductor_is_an_index() -> None:
    currents = PhaseCurrents(1.0, 2.0, 3.0)
    assert [currents[conductor] for conductor in CONDUCTORS] == list(currents) == [1.0, 2.0, 3.0]
    assert currents[Conductor.L2] == 2.0


def test_currents_add_conductor_by_conductor() -> None:
    assert PhaseCurrents(1, 2, 3) + PhaseCurrents(10, 20, -30) == PhaseCurrents(11, 22, -27)
    assert NO_CURRENT + PhaseCurrents(1, 2, 3) == PhaseCurrents(1, 2, 3)


def test_the_worst_conductor_decides() -> None:
    assert PhaseCurrents(-40.0, 2.0, 3.0).worst_a == 3.0


def test_every_rotation_uses_every_conductor_once() -> None:
    assert len(set(ROTATIONS.values())) == len(ROTATIONS) == 6
    assert all(sorted(order) == list(CONDUCTORS) for order in ROTATIONS.values())


def test_letters_of_a_rotation_name_the_supply_conductors() -> None:
    of_letter = dict(zip("RST", CONDUCTORS, strict=True))
    assert all(
        order == tuple(of_letter[letter] for letter in name) for name, order in ROTATIONS.items()
    )


def test_deci_ampere_round_down() -> None:
    assert to_da(15.99) == 159
    assert to_da(16.0) == 160
    assert to_da(-0.01) == -1


@given(st.integers(0, 60000))
def test_binary_fractions_lose_nothing(current_da: int) -> None:
    assert to_da(to_a(current_da)) == current_da


@given(st.floats(0, 6000))
def test_rounding_never_gives_away_current(current_a: float) -> None:
    assert to_a(to_da(current_a)) <= current_a + 1e-5
