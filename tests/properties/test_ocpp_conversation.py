"""Laws of the conversation: no text breaks it, every CALL ends once, both sides agree."""

from collections import Counter
from collections.abc import Iterable

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gateway.ocpp.calls import Answered
from gateway.ocpp.frames import Call, CallError, CallResult, parse
from gateway.ocpp.v16.actions import FROM_CENTRAL_SYSTEM, FROM_CHARGE_POINT
from gateway.ocpp.v16.conversation import (
    Conclude,
    Conversation,
    Effect,
    Handle,
    OutgoingCall,
    Role,
    Transmit,
)


def fits_json(value: object) -> bool:
    try:
        msgspec.json.encode(value)
    except (OverflowError, UnicodeEncodeError):
        return False
    return True


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["idTag", "connectorId", "transactionId", "meterValue", "status", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
shaped = st.builds(
    lambda kind, unique_id, action, payload: msgspec.json.encode(
        [kind, unique_id, action, payload]
    ).decode(),
    st.sampled_from([2, 2, 2, 3, 4, 5]),
    st.sampled_from(["1", "2", "3", "ours"]),
    st.sampled_from([*sorted(FROM_CHARGE_POINT | FROM_CENTRAL_SYSTEM), "Nonsense"]),
    values.filter(fits_json),
)
texts = st.text(max_size=40) | shaped | shaped.map(lambda text: text[:-2])


def _answers(effects: Iterable[Effect]) -> Counter[str]:
    frames = [parse(effect.text) for effect in effects if isinstance(effect, Transmit)]
    return Counter(f.unique_id for f in frames if isinstance(f, CallResult | CallError))


@given(st.sampled_from(Role), st.lists(texts, max_size=12), st.booleans())
def test_no_text_breaks_it_and_no_call_is_answered_twice(
    role: Role, received: list[str], answering: bool
) -> None:
    conversation = Conversation(role)
    action = "Reset" if role is Role.CENTRAL_SYSTEM else "Heartbeat"
    payload = b'{"type":"Hard"}' if role is Role.CENTRAL_SYSTEM else b"{}"
    conversation.call(OutgoingCall("ours", action, payload, 30.0), 0.0)
    heard: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for text in received:
        effects = conversation.receive(text, 0.0)
        heard.update(uid for uid in ("1", "2", "3", "ours") if f'"{uid}"' in text)
        said.update(_answers(effects))
        for effect in effects:
            if isinstance(effect, Handle) and answering:
                said.update(_answers(conversation.reply(effect.request.unique_id, b"{}")))
        assert len([e for e in effects if isinstance(e, Handle)]) <= 1
    assert all(said[uid] <= heard[uid] for uid in ("1", "2", "3", "ours"))


@given(st.data())
def test_two_conversations_agree(data: st.DataObject) -> None:
    """Both sides call, the link delivers in any interleaving, handlers answer in any order."""
    sides = {"csms": Conversation(Role.CENTRAL_SYSTEM), "cp": Conversation(Role.CHARGE_POINT)}
    other = {"csms": "cp", "cp": "csms"}
    calls = {"csms": ("Reset", b'{"type":"Soft"}'), "cp": ("Authorize", b'{"idTag":"A"}')}
    replies = {"csms": b'{"idTagInfo":{"status":"Accepted"}}', "cp": b'{"status":"Accepted"}'}
    links: dict[str, list[str]] = {"csms": [], "cp": []}
    asked: dict[str, list[str]] = {"csms": [], "cp": []}
    outcomes: dict[str, object] = {}

    def apply(side: str, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Transmit):
                links[other[side]].append(effect.text)
            elif isinstance(effect, Handle):
                asked[side].append(effect.request.unique_id)
            elif isinstance(effect, Conclude):
                assert effect.unique_id not in outcomes
                outcomes[effect.unique_id] = effect.outcome

    made = 0
    for _ in range(data.draw(st.integers(0, 8))):
        side = data.draw(st.sampled_from(["csms", "cp"]))
        action, payload = calls[side]
        apply(side, sides[side].call(OutgoingCall(f"{side}{made}", action, payload, 9.0), 0.0))
        made += 1
    queues = [(queue, side) for queue in (links, asked) for side in sides]
    while work := [(queue, side) for queue, side in queues if queue[side]]:
        queue, side = data.draw(st.sampled_from(work))
        if queue is links:
            apply(side, sides[side].receive(queue[side].pop(0), 0.0))
        else:
            position = data.draw(st.integers(0, len(queue[side]) - 1))
            apply(side, sides[side].reply(queue[side].pop(position), replies[side]))
    assert len(outcomes) == made
    assert all(isinstance(outcome, Answered) for outcome in outcomes.values())
    assert all(side.idle for side in sides.values())


@given(st.text(max_size=20), st.sampled_from(["Reset", "ClearCache"]))
def test_what_we_send_is_read_as_what_we_meant(unique_id: str, action: str) -> None:
    if not fits_json(unique_id):
        return
    payload = b'{"type":"Soft"}' if action == "Reset" else b"{}"
    (effect,) = Conversation(Role.CENTRAL_SYSTEM).call(
        OutgoingCall(unique_id, action, payload, 30.0), 0.0
    )
    assert isinstance(effect, Transmit)
    assert parse(effect.text) == Call(unique_id, action, payload)
