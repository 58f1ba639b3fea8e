from gateway.demo.cloud_records import CloudRecords
from gateway.demo.judge import judge, start_of
from gateway.demo.outlet import TrueTransaction

METERED = "2027-01-01T10:10:00.000Z"


def truth() -> TrueTransaction:
    return TrueTransaction(
        identity="CP-01",
        connector_id=1,
        id_tag="TAG",
        started_at="2027-01-01T10:00:00.000Z",
        meter_start_wh=0,
        began_s=0.0,
        began_epoch_s=0.0,
        metered=[METERED],
        stopped_at="2027-01-01T10:30:00.000Z",
        meter_stop_wh=500,
    )


def recorded(*, metered: bool = True, stopped: bool = True) -> CloudRecords:
    records = CloudRecords()
    cloud_id = records.begin(start_of(truth()), "m1")
    if metered:
        records.meter("CP-01", "m2", cloud_id, [METERED])
    if stopped:
        records.end("CP-01", "m3", cloud_id, "2027-01-01T10:30:00.000Z", 500, None)
    return records


def test_what_arrived_whole_is_exactly_once() -> None:
    verdict = judge([truth()], recorded())
    assert verdict.exactly_once
    assert (verdict.started, verdict.in_cloud) == (1, 1)


def test_a_missing_start_stop_or_meter_value_is_lost() -> None:
    assert "never heard" in judge([truth()], CloudRecords()).lost[0]
    assert "stop" in judge([truth()], recorded(stopped=False)).lost[0]
    assert "misses 1 of its meter values" in judge([truth()], recorded(metered=False)).lost[0]


def test_a_transaction_that_never_was_is_doubled() -> None:
    verdict = judge([], recorded())
    assert len(verdict.doubled) == 1
    assert not verdict.exactly_once
