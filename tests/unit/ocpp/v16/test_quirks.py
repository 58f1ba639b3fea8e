"""gateway.ocpp.v16.quirks"""

import pytest

from gateway.ocpp.v16.quirks import (
    USUAL_KEYS_AT_ONCE,
    Model,
    Quirks,
    known_quirks,
    matches,
    model_of,
    quirks_of,
)


def test_every_entry_says_what_was_seen_and_where() -> None:
    for quirk in known_quirks():
        assert quirk.source.startswith("https://"), quirk
        assert quirk.why.endswith("."), quirk
        assert quirk.vendor != "*" or quirk.model != "*", quirk


def test_all_entries_of_a_model_count_together() -> None:
    terra = quirks_of(Model("ABB", "CDT_TACW11::NET_WIFI"))
    assert terra.never_read == {"metervaluessampleddata"}
    assert terra.no_read_all
    assert quirks_of(Model("UCHEN", "DUOSIDA Mode3@11KW")).keys_at_once == USUAL_KEYS_AT_ONCE


def test_a_model_without_entries_and_one_that_is_not_known_have_no_quirk() -> None:
    assert quirks_of(Model("V", "M")) == Quirks()
    assert quirks_of(Model()) == Quirks()


@pytest.mark.parametrize(
    ("vendor", "model", "fits"),
    [
        ("abb*", "*", True),
        ("ABB", "te?ra", True),
        ("ABB", "Terr", False),
        ("[A]BB", "*", False),
        ("*", "", False),
    ],
)
def test_only_the_star_and_the_question_mark_are_wild(
    vendor: str, model: str, *, fits: bool
) -> None:
    assert matches(vendor, model, Model(" ABB ", "Terra")) is fits


@pytest.mark.parametrize("boot", [None, b"", b"[]", b'{"chargePointVendor":"V"}'])
def test_a_boot_that_does_not_tell_the_model_leaves_it_unknown(boot: bytes | None) -> None:
    assert model_of(boot) == Model()


def test_the_model_is_in_the_boot() -> None:
    assert model_of(b'{"chargePointVendor":"V","chargePointModel":"M"}') == Model("V", "M")
