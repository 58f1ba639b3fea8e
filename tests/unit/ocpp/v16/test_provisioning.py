"""gateway.ocpp.v16.provisioning"""

from gateway.ocpp.v16.messages import GetConfigurationResponse, KeyValue
from gateway.ocpp.v16.provisioning import desired, differences


def actual(*entries: KeyValue) -> GetConfigurationResponse:
    return GetConfigurationResponse(configuration_key=entries)


def test_an_interval_of_0_wants_nothing() -> None:
    assert desired(0) == {}
    assert desired(10)["MeterValueSampleInterval"] == "10"


def test_only_what_is_there_and_may_be_changed_and_is_otherwise_is_changed() -> None:
    wanted = {"Other": "1", "Fixed": "1", "Absent": "1", "Same": "1"}
    found = actual(
        KeyValue(key="Other", value="2"),
        KeyValue(key="Fixed", value="2", readonly=True),
        KeyValue(key="Same", value="1"),
    )
    assert differences(wanted, found) == {"Other": "1"}


def test_a_list_that_holds_ours_among_others_is_left_alone() -> None:
    found = actual(KeyValue(key="List", value="C, A ,B"))
    assert differences({"List": "A,B"}, found) == {}
    assert differences({"List": "A,D"}, found) == {"List": "A,D"}


def test_a_key_without_a_value_is_written() -> None:
    assert differences({"Key": "1"}, actual(KeyValue(key="Key"))) == {"Key": "1"}
    assert differences({"Key": "1"}, GetConfigurationResponse()) == {}
