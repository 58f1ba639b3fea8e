"""The simulated charge point's local list follows OCPP."""

from typing import Any

from gateway.demo.local_list import MAX_LENGTH, MAX_SENT, LocalList

GOOD = {"status": "Accepted"}


def entry(id_tag: str, info: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"idTag": id_tag, "idTagInfo": info or GOOD}


def test_a_full_list_replaces_and_a_differential_one_changes() -> None:
    kept = LocalList()
    assert kept.send(1, "Full", [entry("A"), entry("B")]) == "Accepted"
    assert kept.send(2, "Differential", [{"idTag": "a"}, entry("C")]) == "Accepted"
    assert (kept.version, sorted(kept.entries)) == (2, ["b", "c"])
    assert kept.send(1, "Full", []) == "Accepted"
    assert kept.entries == {}


def test_a_differential_list_that_is_not_newer_is_a_mismatch() -> None:
    kept = LocalList()
    kept.send(3, "Full", [entry("A")])
    assert kept.send(3, "Differential", [entry("B")]) == "VersionMismatch"
    assert (kept.version, list(kept.entries)) == (3, ["a"])


def test_what_does_not_fit_changes_nothing() -> None:
    kept = LocalList()
    assert kept.send(1, "Full", [entry(str(n)) for n in range(MAX_SENT + 1)]) == "Failed"
    assert kept.send(1, "Full", [{"idTag": "A"}]) == "Failed"
    for chunk in range(MAX_LENGTH // MAX_SENT):
        sent = [entry(f"{chunk}-{n}") for n in range(MAX_SENT)]
        kind = "Differential" if chunk else "Full"
        assert kept.send(chunk + 1, kind, sent) == "Accepted"
    assert kept.send(99, "Differential", [entry("one more")]) == "Failed"
    assert len(kept.entries) == MAX_LENGTH
