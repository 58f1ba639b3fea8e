from gateway.demo.cloud_records import FIRST_TRANSACTION_ID, CloudRecords, Start

START = Start("CP-01", 1, "TAG", "2027-01-01T10:00:00.000Z", 100)
LATER = Start("CP-01", 1, "TAG", "2027-01-01T11:00:00.000Z", 300)


def began() -> tuple[CloudRecords, int]:
    records = CloudRecords()
    return records, records.begin(START, "m1")


def stop(records: CloudRecords, cloud_id: int, unique_id: str = "m9") -> None:
    records.end("CP-01", unique_id, cloud_id, "2027-01-01T10:30:00.000Z", 200, "Local")


def test_ids_are_the_clouds_own() -> None:
    records, cloud_id = began()
    assert cloud_id == FIRST_TRANSACTION_ID
    assert records.running("CP-01", 1) is records.of(START)


def test_a_retry_with_the_same_message_id_gets_the_same_transaction() -> None:
    records, cloud_id = began()
    assert records.begin(START, "m1") == cloud_id
    assert len(records.transactions) == 1
    assert (records.repeated, records.doubled) == (1, [])


def test_the_same_start_under_a_new_message_id_is_doubled() -> None:
    records, cloud_id = began()
    assert records.begin(START, "m2") != cloud_id
    assert len(records.doubled) == 1


def test_one_message_id_for_two_starts_is_noticed() -> None:
    records, _ = began()
    records.begin(LATER, "m1")
    assert len(records.out_of_order) == 1


def test_two_charge_points_may_use_the_same_message_id() -> None:
    records, _ = began()
    records.begin(Start("CP-02", 1, "TAG", START.started_at, 100), "m1")
    assert (records.doubled, records.out_of_order, records.repeated) == ([], [], 0)


def test_a_stop_is_kept_and_its_retry_is_nothing() -> None:
    records, cloud_id = began()
    stop(records, cloud_id)
    stop(records, cloud_id)
    assert records.transactions[cloud_id].meter_stop_wh == 200
    assert (records.doubled, records.out_of_order, records.repeated) == ([], [], 1)


def test_a_stop_under_a_new_message_id_is_doubled() -> None:
    records, cloud_id = began()
    stop(records, cloud_id, "m9")
    stop(records, cloud_id, "m10")
    assert len(records.doubled) == 1


def test_an_id_that_the_cloud_never_gave_is_out_of_order() -> None:
    records, cloud_id = began()
    stop(records, 17)
    records.meter("CP-02", "m3", cloud_id, ["2027-01-01T10:10:00Z"])
    assert len(records.out_of_order) == 2


def test_meter_values_after_the_stop_are_out_of_order() -> None:
    records, cloud_id = began()
    stop(records, cloud_id)
    records.meter("CP-01", "m3", cloud_id, ["2027-01-01T10:40:00Z"])
    assert records.out_of_order == [
        f"MeterValues after the stop of CP-01/1 cloud id {FIRST_TRANSACTION_ID}"
    ]


def test_timestamps_that_go_back_are_out_of_order() -> None:
    records, cloud_id = began()
    records.meter("CP-01", "m3", cloud_id, ["2027-01-01T10:20:00Z"])
    records.meter("CP-01", "m4", cloud_id, ["2027-01-01T10:20:00Z"])
    assert records.out_of_order == []
    records.meter("CP-01", "m5", cloud_id, ["2027-01-01T10:10:00Z"])
    assert len(records.out_of_order) == 1


def test_a_start_before_the_stop_of_its_predecessor_is_out_of_order() -> None:
    records, _ = began()
    records.begin(LATER, "m2")
    assert len(records.out_of_order) == 1


def test_meter_values_without_a_transaction_are_not_judged() -> None:
    records, _ = began()
    records.meter("CP-01", "m3", None, ["2020-01-01T00:00:00Z"])
    assert records.out_of_order == []
