"""Deviations: each kind once."""

from datetime import timedelta

from gateway.records.deviations import LONGEST_DETAIL, MOST_KINDS, Deviations, after_deviation
from tests.unit.records.exchanges import NOW, STAMP

SEEN = ("MeterValues", "meterValue.*.sampledValue.*.unit", "enum")


def test_a_kind_is_counted_and_the_last_detail_kept() -> None:
    record = after_deviation(Deviations(), SEEN, "first", NOW, refused=False)
    later = NOW + timedelta(minutes=1)
    record = after_deviation(record, SEEN, "second", later, refused=True)
    (kind,) = record.kinds
    assert (kind.count, kind.detail, kind.refused) == (2, "second", True)
    assert kind.first_at == STAMP < kind.last_at


def test_the_record_is_bounded_whatever_comes() -> None:
    record = Deviations()
    for number in range(MOST_KINDS + 10):
        record = after_deviation(
            record, ("Boot", str(number), "type"), "x" * 9999, NOW, refused=False
        )
    assert (len(record.kinds), record.others) == (MOST_KINDS, 10)
    assert all(len(kind.detail) == LONGEST_DETAIL for kind in record.kinds)
