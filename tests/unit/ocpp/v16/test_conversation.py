"""The conversation: effects for everything that can happen to it."""

import pytest

from gateway.errors import InvariantBroken, ProtocolViolation
from gateway.ocpp.calls import Answered, Offline, Refused, Superseded, TimedOut
from gateway.ocpp.v16.answers import MAX_REMEMBERED
from gateway.ocpp.v16.conversation import (
    MAX_UNANSWERED,
    PATIENCE_S,
    Conclude,
    Conversation,
    Deviation,
    Effect,
    Handle,
    Note,
    OutgoingCall,
    Request,
    Role,
    Transmit,
)

HEARTBEAT = '[2,"h1","Heartbeat",{}]'
TIME = b'{"currentTime":"2026-08-01T12:00:00.000Z"}'
START = (
    '[2,"s1","StartTransaction",'
    '{"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"2026-08-01T12:00:00Z"}]'
)
BOOT = '[2,"b1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'
BOOTED = b'{"status":"Accepted","currentTime":"2026-08-01T12:00:00.000Z","interval":300}'
STARTED = b'{"idTagInfo":{"status":"Accepted"},"transactionId":7}'


def _csms() -> Conversation:
    return Conversation(Role.CENTRAL_SYSTEM)


def _reset(unique_id: str, merge_key: str | None = None, timeout_s: float = 30.0) -> OutgoingCall:
    return OutgoingCall(unique_id, "Reset", b'{"type":"Soft"}', timeout_s, merge_key)


def _urgent(unique_id: str, merge_key: str | None = None) -> OutgoingCall:
    return OutgoingCall(unique_id, "Reset", b'{"type":"Soft"}', 10.0, merge_key, urgent=True)


def _sent(effects: list[Effect]) -> list[str]:
    return [effect.text for effect in effects if isinstance(effect, Transmit)]


def _concluded(effects: list[Effect]) -> list[Conclude]:
    return [effect for effect in effects if isinstance(effect, Conclude)]


def _handled(effects: list[Effect]) -> list[Request]:
    return [effect.request for effect in effects if isinstance(effect, Handle)]


def _error_code(effects: list[Effect]) -> str:
    (text,) = _sent(effects)
    return text.split('"')[3]


def test_a_call_of_the_peer_is_handled_and_answered_once() -> None:
    csms = _csms()
    assert csms.receive(HEARTBEAT, 0.0) == [Handle(Request("h1", "Heartbeat", b"{}"))]
    assert _sent(csms.reply("h1", TIME)) == [f'[3,"h1",{TIME.decode()}]']
    assert csms.reply("h1", TIME) == []
    assert csms.refuse("h1", "GenericError", "") == []


def test_calls_may_cross_and_answers_come_in_any_order() -> None:
    csms = _csms()
    assert len(_sent(csms.call(_reset("r1"), 0.0))) == 1
    assert len(_handled(csms.receive(HEARTBEAT, 0.0))) == 1
    assert len(_handled(csms.receive(START, 0.0))) == 1
    assert len(_sent(csms.reply("s1", STARTED))) == 1
    answered = csms.receive('[3,"r1",{"status":"Accepted"}]', 1.0)
    assert answered == [Conclude("r1", Answered(b'{"status":"Accepted"}'))]
    assert len(_sent(csms.reply("h1", TIME))) == 1


def test_only_one_call_of_ours_is_on_its_way() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    assert csms.call(_reset("r2"), 0.0) == []
    assert not csms.idle
    effects = csms.receive('[3,"r1",{"status":"Accepted"}]', 5.0)
    assert [type(effect) for effect in effects] == [Conclude, Transmit]
    assert '"r2"' in _sent(effects)[0]


def test_the_deadline_counts_from_transmission() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    csms.call(_reset("r2"), 0.0)
    assert (csms.next_deadline_s, csms.idle) == (30.0, False)
    assert csms.expire(29.9) == []
    effects = csms.expire(30.0)
    assert _concluded(effects) == [Conclude("r1", TimedOut(30.0))]
    assert (csms.next_deadline_s, csms.idle) == (60.0, False)
    assert _concluded(csms.expire(60.0)) == [Conclude("r2", TimedOut(30.0))]
    assert (csms.next_deadline_s, csms.idle) == (None, True)


def test_a_late_or_foreign_answer_is_dropped() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    csms.call(_reset("r2"), 0.0)
    csms.expire(30.0)
    for text in ('[3,"r1",{"status":"Accepted"}]', '[4,"x","GenericError","",{}]', '[3,"y",{'):
        assert [type(effect) for effect in csms.receive(text, 31.0)] == [Note]
    assert not csms.idle


def test_the_newest_of_a_merge_key_takes_the_place_in_the_queue() -> None:
    csms = _csms()
    csms.call(_reset("r1", "limit"), 0.0)
    csms.call(_reset("r2", "limit"), 0.0)
    csms.call(_reset("r3"), 0.0)
    assert csms.call(_reset("r4", "limit"), 0.0) == [Conclude("r2", Superseded())]
    assert '"r4"' in _sent(csms.receive('[3,"r1",{"status":"Accepted"}]', 1.0))[0]
    assert '"r3"' in _sent(csms.receive('[3,"r4",{"status":"Accepted"}]', 1.0))[0]


def test_a_callerror_ends_a_call_in_the_peers_words() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    effects = csms.receive('[4,"r1","NotSupported","no",{"a":1}]', 1.0)
    assert _concluded(effects) == [Conclude("r1", Refused("NotSupported", "no", b'{"a":1}'))]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ('[3,"r1",{}]', "ProtocolError"),
        ('[3,"r1",{"status":7}]', "TypeConstraintViolation"),
        ('[3,"r1",{"status":NaN}]', "FormationViolation"),
        ('[3,"r1",[]]', "FormationViolation"),
        ('[3,"r1",{"status":1e999}]', "FormationViolation"),
    ],
)
def test_an_answer_that_cannot_be_used_is_a_refusal(answer: str, code: str) -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    (conclusion,) = _concluded(csms.receive(answer, 1.0))
    assert isinstance(conclusion.outcome, Refused)
    assert conclusion.outcome.code == code


def test_an_answer_with_more_than_we_asked_for_is_an_answer() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    effects = csms.receive('[3,"r1",{"status":"Accepted","vendor":1}]', 1.0)
    outcome = _concluded(effects)[0].outcome
    assert outcome == Answered(b'{"status":"Accepted","vendor":1}')


def test_a_transaction_id_that_no_database_holds_is_no_answer() -> None:
    charge_point = Conversation(Role.CHARGE_POINT)
    charge_point.call(OutgoingCall("s1", "StartTransaction", b"{}", 30.0), 0.0)
    answer = '[3,"s1",{"idTagInfo":{"status":"Accepted"},"transactionId":9223372036854775808}]'
    assert isinstance(_concluded(charge_point.receive(answer, 1.0))[0].outcome, Refused)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[2,"1","Nonsense",{}]', "NotImplemented"),
        ('[2,"1","heartbeat",{}]', "NotImplemented"),
        ('[2,"1","Reset",{"type":"Soft"}]', "NotSupported"),
        ('[2,"1","Authorize",{}]', "ProtocolError"),
        ('[2,"1","Heartbeat",[]]', "FormationViolation"),
        ('[2,"1","Heartbeat"]', "FormationViolation"),
        ('[2,"1","Heartbeat",{"a":NaN}]', "FormationViolation"),
        ('[2,"1","Heartbeat",{"a":1e999}]', "FormationViolation"),
    ],
)
def test_a_bad_call_gets_its_code_and_is_not_handled(text: str, code: str) -> None:
    effects = _csms().receive(text, 0.0)
    assert _handled(effects) == []
    assert _error_code(effects) == code


@pytest.mark.parametrize("text", ["", "hello", "{}", "[2]"])
def test_what_cannot_be_answered_is_told(text: str) -> None:
    (told,) = _csms().receive(text, 0.0)
    assert isinstance(told, Deviation)
    assert (told.rule, told.refused) == ("json", False)


@pytest.mark.parametrize("text", ["[5,1]", '[9,"1","Heartbeat",{}]'])
def test_a_message_of_another_type_is_noted(text: str) -> None:
    assert [type(effect) for effect in _csms().receive(text, 0.0)] == [Note]


def test_slips_of_a_charge_point_are_told_and_handled() -> None:
    told, handled = _csms().receive('[2,"1","Heartbeat",{"more":1}]', 0.0)
    assert isinstance(told, Deviation)
    assert (told.action, told.place, told.rule) == ("Heartbeat", "", "additionalProperties")
    assert not told.refused
    assert isinstance(handled, Handle)


def test_a_strict_conversation_refuses_every_slip() -> None:
    strict = Conversation(Role.CENTRAL_SYSTEM, strict=True)
    effects = strict.receive('[2,"1","Heartbeat",{"more":1}]', 0.0)
    assert _handled(effects) == []
    assert _error_code(effects) == "FormationViolation"
    assert isinstance(effects[0], Deviation)
    assert effects[0].refused


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        (
            '[2,"1","MeterValues",{"connectorId":1,"meterValue":[,{"timestamp":"x"}]}]',
            b'{"connectorId":1,"meterValue":[{"timestamp":"x"}]}',
        ),
        (
            '[2,"1","StopTransaction",{"transactionId":,"meterStop":1}]',
            b'{"transactionId":null,"meterStop":1}',
        ),
    ],
)
def test_what_is_almost_json_is_mended_and_handled(text: str, payload: bytes) -> None:
    effects = _csms().receive(text, 0.0)
    assert [request.payload for request in _handled(effects)] == [payload]
    assert isinstance(effects[0], Deviation)
    assert effects[0].rule == "json"


def test_an_answer_that_is_almost_json_is_mended() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    told, ended = csms.receive('[3,"r1",{"status":"Accepted",}]', 1.0)
    assert isinstance(told, Deviation)
    assert (told.action, told.rule, told.refused) == ("Reset", "json", False)
    assert ended == Conclude("r1", Answered(b'{"status":"Accepted"}'))


def test_an_answer_that_nobody_can_read_is_told() -> None:
    for strict in (False, True):
        csms = Conversation(Role.CENTRAL_SYSTEM, strict=strict)
        csms.call(_reset("r1"), 0.0)
        told, ended = csms.receive('[3,"r1",{"status"}]', 1.0)
        assert isinstance(told, Deviation)
        assert (told.action, told.rule, told.refused) == ("Reset", "json", True)
        assert isinstance(ended, Conclude)
        assert isinstance(ended.outcome, Refused)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[2,"1","Authorize",{"idTag":7}]', "TypeConstraintViolation"),
        ('[2,"1","Authorize",{"idTag":"123456789012345678901"}]', "PropertyConstraintViolation"),
        (
            '[2,"1","MeterValues",{"connectorId":1,"meterValue":[]}]',
            "OccurenceConstraintViolation",
        ),
    ],
)
def test_a_strict_conversation_has_a_code_for_each_rule(text: str, code: str) -> None:
    strict = Conversation(Role.CENTRAL_SYSTEM, strict=True)
    assert _error_code(strict.receive(text, 0.0)) == code
    assert len(_handled(_csms().receive(text, 0.0))) == 1


def test_a_strict_conversation_mends_nothing() -> None:
    strict = Conversation(Role.CENTRAL_SYSTEM, strict=True)
    effects = strict.receive('[2,"1","Heartbeat",{,}]', 0.0)
    assert _error_code(effects) == "FormationViolation"


def test_slips_of_a_cloud_are_refused() -> None:
    charge_point = Conversation(Role.CHARGE_POINT)
    effects = charge_point.receive('[2,"1","Reset",{"type":"Soft","more":1}]', 0.0)
    assert _error_code(effects) == "FormationViolation"
    assert _error_code(charge_point.receive(HEARTBEAT, 0.0)) == "NotSupported"


def test_a_repeated_call_is_answered_by_the_first_answer() -> None:
    csms = _csms()
    csms.receive(START, 0.0)
    assert [type(effect) for effect in csms.receive(START, 1.0)] == [Note]
    (answer,) = _sent(csms.reply("s1", STARTED))
    repeated = csms.receive(START, 60.0)
    assert _handled(repeated) == []
    assert _sent(repeated) == [answer]


def test_an_id_counted_anew_is_another_call() -> None:
    csms = _csms()
    csms.receive('[2,"1","Heartbeat",{}]', 0.0)
    csms.reply("1", TIME)
    effects = csms.receive('[2,"1","Authorize",{"idTag":"A"}]', 1.0)
    assert [request.action for request in _handled(effects)] == ["Authorize"]


def test_old_time_is_not_told_twice() -> None:
    csms = _csms()
    for text, unique_id, answer in ((HEARTBEAT, "h1", TIME), (BOOT, "b1", BOOTED)):
        csms.receive(text, 0.0)
        csms.reply(unique_id, answer)
    assert _handled(csms.receive(BOOT, 5.0)) == []
    assert len(_handled(csms.receive(HEARTBEAT, 5.0))) == 1
    assert len(_handled(csms.receive(BOOT, 300.0))) == 1


def test_after_a_boot_on_the_same_socket_old_ids_mean_nothing() -> None:
    csms = _csms()
    status = (
        '[2,"2","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available"}]'
    )
    csms.receive(status, 0.0)
    csms.reply("2", b"{}")
    assert _handled(csms.receive(status, 1.0)) == []
    csms.receive(BOOT, 2.0)
    csms.reply("b1", BOOTED)
    assert len(_handled(csms.receive(status, 3.0))) == 1


def test_a_refusal_is_not_remembered() -> None:
    csms = _csms()
    csms.receive(START, 0.0)
    assert _error_code(csms.refuse("s1", "InternalError", "x" * 300)) == "InternalError"
    assert len(_handled(csms.receive(START, 1.0))) == 1


def test_only_the_latest_answers_are_remembered() -> None:
    csms = _csms()
    for number in range(MAX_REMEMBERED + 1):
        csms.receive(f'[2,"{number}","Authorize",{{"idTag":"A"}}]', 0.0)
        csms.reply(f"{number}", b'{"idTagInfo":{"status":"Accepted"}}')
    assert len(_handled(csms.receive('[2,"0","Authorize",{"idTag":"A"}]', 0.0))) == 1
    assert _handled(csms.receive('[2,"2","Authorize",{"idTag":"A"}]', 0.0)) == []


def test_a_peer_that_floods_gets_generic_error() -> None:
    csms = _csms()
    for number in range(MAX_UNANSWERED):
        assert len(_handled(csms.receive(f'[2,"{number}","Heartbeat",{{}}]', 0.0))) == 1
    assert _error_code(csms.receive('[2,"x","Heartbeat",{}]', 0.0)) == "GenericError"
    csms.reply("0", TIME)
    assert len(_handled(csms.receive('[2,"x","Heartbeat",{}]', 0.0))) == 1


def test_garbage_with_the_id_of_a_waiting_call_takes_no_answer_from_it() -> None:
    csms = _csms()
    csms.receive(HEARTBEAT, 0.0)
    assert _sent(csms.receive('[2,"h1","Heartbeat",{', 0.0)) == []
    assert len(_sent(csms.reply("h1", TIME))) == 1


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Heartbeat", b"{}", "NotSupported"),
        ("Nonsense", b"{}", "NotImplemented"),
        ("Reset", b'{"type":"Medium"}', "PropertyConstraintViolation"),
        ("Reset", b'{"type":"Soft","more":1}', "FormationViolation"),
        ("Reset", b"nonsense", "FormationViolation"),
    ],
)
def test_a_central_system_sends_only_what_ocpp_allows(
    action: str, payload: bytes, code: str
) -> None:
    csms = _csms()
    with pytest.raises(ProtocolViolation) as caught:
        csms.call(OutgoingCall("1", action, payload, 30.0), 0.0)
    assert caught.value.code == code
    assert csms.idle


def test_an_answer_of_ours_that_ocpp_does_not_allow_is_withheld() -> None:
    csms = _csms()
    csms.receive(HEARTBEAT, 0.0)
    assert _error_code(csms.reply("h1", b"{}")) == "InternalError"


def test_towards_the_cloud_quirks_travel() -> None:
    charge_point = Conversation(Role.CHARGE_POINT)
    quirky = b'{"connectorId":1,"meterValue":[],"vendor":true}'
    effects = charge_point.call(OutgoingCall("m1", "MeterValues", quirky, 30.0), 0.0)
    assert _sent(effects) == [f'[2,"m1","MeterValues",{quirky.decode()}]']
    with pytest.raises(ProtocolViolation):
        charge_point.call(OutgoingCall("r1", "Reset", b"{}", 30.0), 0.0)


def test_two_calls_with_one_id_are_our_bug() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    csms.call(_reset("r2"), 0.0)
    for unique_id in ("r1", "r2"):
        with pytest.raises(InvariantBroken):
            csms.call(_reset(unique_id), 0.0)


def test_when_the_connection_ends_every_call_ends() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    csms.call(_reset("r2"), 0.0)
    csms.receive(HEARTBEAT, 0.0)
    assert csms.end() == [Conclude("r1", Offline()), Conclude("r2", Offline())]
    assert csms.end() == []
    assert csms.next_deadline_s is None
    assert csms.reply("h1", TIME) == []
    assert csms.receive(HEARTBEAT, 0.0) == []
    assert csms.call(_reset("r3"), 0.0) == [Conclude("r3", Offline())]


def test_an_urgent_call_goes_before_all_that_is_not() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    csms.call(_reset("r2"), 0.0)
    csms.call(_urgent("u1"), 0.0)
    csms.call(_urgent("u2"), 0.0)
    order: list[str] = []
    for _ in range(3):
        (text,) = _sent(csms.receive(f'[3,"{["r1", *order][-1]}",{{"status":"Accepted"}}]', 1.0))
        order.append(text.split('"')[1])
    assert order == ["u1", "u2", "r2"]


def test_a_silent_peer_keeps_an_urgent_call_waiting_for_a_few_seconds_at_most() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    csms.call(_urgent("u1"), 1.0)
    assert csms.next_deadline_s == PATIENCE_S
    effects = csms.expire(PATIENCE_S)
    assert _concluded(effects) == [Conclude("r1", TimedOut(PATIENCE_S))]
    assert '"u1"' in _sent(effects)[0]


def test_a_peer_that_was_silent_for_long_loses_its_turn_at_once() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    csms.call(_urgent("u1"), 20.0)
    assert csms.next_deadline_s == 20.0


def test_an_urgent_call_takes_the_place_of_its_older_self_and_moves_ahead() -> None:
    csms = _csms()
    csms.call(_reset("r1"), 0.0)
    csms.call(_reset("r2"), 0.0)
    csms.call(_reset("limit", "limit/1"), 0.0)
    assert _concluded(csms.call(_urgent("cut", "limit/1"), 0.0)) == [
        Conclude("limit", Superseded())
    ]
    assert '"cut"' in _sent(csms.receive('[3,"r1",{"status":"Accepted"}]', 1.0))[0]
