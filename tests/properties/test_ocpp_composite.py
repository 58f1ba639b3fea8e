"""Laws of composite schedules: what is reported equals a naive walk, and never errs high."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.ocpp.schema import Direction, violations
from gateway.ocpp.v16.composite import Composite, composite, composite_response
from gateway.ocpp.v16.installed_profiles import Profiles, install
from gateway.ocpp.v16.messages import encode
from gateway.ocpp.v16.reported_schedule import Asked, disagreements
from gateway.ocpp.v16.schedules import Session, charge_point_limit_a, limit_a
from tests.properties.naive_schedules import Outlet, Placed, Question, second_by_second

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)
VOLTAGE_V = 230.0
DAY_S = 86_400
CONNECTORS = (1, 2, 3)
TRANSACTION = 7

Plan = tuple[Profiles, dict[int, Outlet]]


def _text(after_s: float) -> str:
    return (NOON + timedelta(seconds=after_s)).isoformat()


quarters_s = st.integers(-80, 160).map(lambda count: count / 4)
limits = st.integers(0, 400).map(lambda tenths: tenths / 10)
starts_s = st.lists(
    st.integers(1, 40) | st.integers(DAY_S - 20, DAY_S + 20), max_size=4, unique=True
)
durations_s = st.none() | st.integers(0, 60) | st.integers(DAY_S - 20, DAY_S + 20)
turns_s = st.sampled_from([0, 0, 0, -DAY_S, -7 * DAY_S, -8 * DAY_S, DAY_S])


@st.composite
def _schedules(draw: st.DrawFn, starts: bool) -> dict[str, Any]:
    unit = draw(st.sampled_from("AW"))
    phases = draw(st.none() | st.integers(1, 3))
    return _present(
        {
            "duration": draw(durations_s),
            "startSchedule": _text(draw(quarters_s) + draw(turns_s)) if starts else None,
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [
                _present(
                    {
                        "startPeriod": start_s,
                        "limit": draw(limits) * (500 if unit == "W" else 1),
                        "numberPhases": phases,
                    }
                )
                for start_s in [0, *sorted(draw(starts_s))]
            ],
        }
    )


@st.composite
def _profiles(draw: st.DrawFn) -> tuple[int, dict[str, Any]]:
    purpose = draw(st.sampled_from(["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]))
    connector_id = {
        "ChargePointMaxProfile": st.just(0),
        "TxDefaultProfile": st.sampled_from([0, *CONNECTORS]),
        "TxProfile": st.sampled_from(CONNECTORS),
    }[purpose]
    kind = draw(st.sampled_from(["Absolute", "Relative", "Recurring"]))
    starts = kind == "Recurring" or draw(st.booleans())
    valid_from_s, valid_to_s = draw(st.none() | quarters_s), draw(st.none() | quarters_s)
    return draw(connector_id), _present(
        {
            "transactionId": draw(st.sampled_from([None, TRANSACTION, TRANSACTION + 1]))
            if purpose == "TxProfile"
            else None,
            "stackLevel": draw(st.integers(0, 3)),
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": kind,
            "recurrencyKind": draw(st.sampled_from(["Daily", "Weekly"]))
            if kind == "Recurring"
            else None,
            "validFrom": None if valid_from_s is None else _text(valid_from_s),
            "validTo": None if valid_to_s is None else _text(valid_to_s),
            "chargingSchedule": draw(_schedules(starts)),
        }
    )


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _installed(*told: tuple[int, dict[str, Any]]) -> Profiles:
    profiles: Profiles = ()
    for number, (connector_id, profile) in enumerate(told):
        payload = msgspec.json.encode({"chargingProfileId": number} | profile)
        profiles = install(profiles, connector_id, payload)
    return profiles


collections = st.lists(_profiles(), max_size=8).map(lambda told: _installed(*told))
outlets = st.builds(
    Outlet,
    began=st.none() | quarters_s.map(lambda after_s: NOON + timedelta(seconds=after_s)),
    transaction_id=st.just(TRANSACTION),
    phases=st.integers(1, 3),
    upper_a=st.sampled_from([math.inf, 32.0, 16.0]),
)
charge_points = st.fixed_dictionaries(dict.fromkeys(CONNECTORS, outlets))
windows = st.tuples(st.integers(-8, 80).map(lambda count: count / 4), st.integers(1, 40))
sites_a = st.sampled_from([math.inf, 63.0, 20.0])

THREE = Outlet(NOON, TRANSACTION, 3, math.inf)
IDLE = Outlet(None, None, 1, 32.0)


def _simple(purpose: str, limit: float, **more: Any) -> dict[str, Any]:
    schedule = {
        "startSchedule": _text(-0.5),
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    } | more.pop("schedule", {})
    return {
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule,
    } | more


HARD_EDGES = _installed(
    (0, _simple("TxDefaultProfile", 16.0)),
    (1, _simple("TxProfile", 20.0, validFrom=_text(3.25), validTo=_text(3.5))),
    (1, _simple("TxProfile", 6.0, stackLevel=1, validFrom=_text(4.75), validTo=_text(5.25))),
    (0, _simple("ChargePointMaxProfile", 30.0, schedule={"duration": 7})),
)
TURN_OF_THE_DAY = _installed(
    (
        0,
        _simple(
            "TxDefaultProfile",
            10.0,
            chargingProfileKind="Recurring",
            recurrencyKind="Daily",
            schedule={
                "startSchedule": _text(5.75 - 3 * DAY_S),
                "duration": DAY_S + 20,
                "chargingRateUnit": "W",
                "chargingSchedulePeriod": [
                    {"startPeriod": 0, "limit": 4140.0},
                    {"startPeriod": DAY_S - 3, "limit": 1380.0, "numberPhases": 1},
                    {"startPeriod": DAY_S + 3, "limit": 0.0},
                ],
            },
        ),
    ),
)

GAP_BEFORE_THE_TURN = _installed(
    (0, _simple("TxDefaultProfile", 13.0)),
    (
        1,
        _simple(
            "TxDefaultProfile",
            9.0,
            chargingProfileKind="Recurring",
            recurrencyKind="Weekly",
            schedule={"startSchedule": _text(8.25 - 7 * DAY_S), "duration": 7 * DAY_S - 5},
        ),
    ),
)


def _sessions(charge_point: dict[int, Outlet]) -> dict[int, Session]:
    return {
        number: Session(
            outlet.began, outlet.transaction_id, VOLTAGE_V, outlet.phases, outlet.upper_a
        )
        for number, outlet in charge_point.items()
    }


def _question(
    profiles: Profiles, charge_point: dict[int, Outlet], found: Composite, site_a: float
) -> Question:
    return Question(
        [Placed(entry.connector_id, entry.profile) for entry in profiles],
        charge_point,
        found.connector_id,
        found.start,
        found.unit,
        VOLTAGE_V,
        site_a,
    )


def _shown(found: Composite, second: int) -> float:
    return next(s.limit for s in reversed(found.stretches) if s.start_s <= second)


@given(
    collections,
    charge_points,
    windows,
    st.sampled_from([0, *CONNECTORS]),
    st.sampled_from("AW"),
    sites_a,
)
@example(HARD_EDGES, dict.fromkeys(CONNECTORS, THREE), (0.0, 12), 1, "A", math.inf)
@example(HARD_EDGES, dict.fromkeys(CONNECTORS, THREE), (0.25, 12), 0, "W", 63.0)
@example(HARD_EDGES, {1: THREE, 2: IDLE, 3: IDLE}, (2.75, 9), 0, "A", math.inf)
@example(GAP_BEFORE_THE_TURN, dict.fromkeys(CONNECTORS, IDLE), (0.0, 20), 1, "A", math.inf)
@example(TURN_OF_THE_DAY, {1: THREE, 2: IDLE, 3: IDLE}, (0.0, 20), 1, "A", math.inf)
@example(TURN_OF_THE_DAY, {1: THREE, 2: IDLE, 3: IDLE}, (0.5, 20), 0, "W", 20.0)
def test_the_composite_equals_a_walk_from_second_to_second(
    profiles: Profiles,
    charge_point: dict[int, Outlet],
    window: tuple[float, int],
    connector_id: int,
    unit: str,
    site_a: float,
) -> None:
    after_s, duration_s = window
    start = NOON + timedelta(seconds=after_s)
    found = composite(
        profiles, connector_id, start, duration_s, _sessions(charge_point), unit, site_a
    )
    assert found.duration_s == duration_s
    walked = second_by_second(_question(profiles, charge_point, found, site_a), range(duration_s))
    assert [_shown(found, second) for second in range(duration_s)] == pytest.approx(list(walked))


@given(collections, charge_points, st.sampled_from([0, *CONNECTORS]), st.data())
def test_a_week_equals_the_walk_wherever_one_looks(
    profiles: Profiles, charge_point: dict[int, Outlet], connector_id: int, data: st.DataObject
) -> None:
    found = composite(profiles, connector_id, NOON, 7 * DAY_S, _sessions(charge_point))
    changes_s = [stretch.start_s for stretch in found.stretches]
    looked_at = sorted(
        {
            *data.draw(st.lists(st.integers(0, found.duration_s - 1), max_size=8)),
            *(
                max(0, data.draw(st.sampled_from(changes_s)) + data.draw(st.integers(-1, 1)))
                for _ in range(6)
            ),
        }
    )
    walked = second_by_second(_question(profiles, charge_point, found, math.inf), looked_at)
    assert [_shown(found, second) for second in looked_at] == pytest.approx(list(walked))


@given(collections, charge_points, windows, st.sampled_from(CONNECTORS))
def test_an_instant_is_never_allowed_less_than_its_second_is_told(
    profiles: Profiles,
    charge_point: dict[int, Outlet],
    window: tuple[float, int],
    connector_id: int,
) -> None:
    after_s, duration_s = window
    at = NOON + timedelta(seconds=after_s)
    sessions = _sessions(charge_point)
    session = sessions[connector_id]
    phases = max(each.phases for each in sessions.values())
    own_a = limit_a(profiles, connector_id, at, session)
    whole_a = charge_point_limit_a(profiles, at, VOLTAGE_V, phases)
    allowed_a = min(
        session.upper_a,
        math.inf if own_a is None else own_a,
        math.inf if whole_a is None else whole_a,
    )
    found = composite(profiles, connector_id, at, duration_s, sessions)
    assert found.stretches[0].limit <= allowed_a


@given(
    collections,
    charge_points,
    windows,
    st.sampled_from([0, *CONNECTORS]),
    st.sampled_from("AW"),
)
def test_the_answer_fits_ocpp_rounds_down_and_agrees_with_itself(
    profiles: Profiles,
    charge_point: dict[int, Outlet],
    window: tuple[float, int],
    connector_id: int,
    unit: str,
) -> None:
    after_s, duration_s = window
    at = NOON + timedelta(seconds=after_s)
    sessions = _sessions(charge_point)
    found = composite(profiles, connector_id, at, duration_s, sessions, unit, 250.0)
    answer = composite_response(found)
    payload = encode(answer)
    assert violations("GetCompositeSchedule", Direction.RESPONSE, payload) == []
    told = msgspec.json.decode(payload)["chargingSchedule"]["chargingSchedulePeriod"]
    for period, stretch in zip(told, found.stretches, strict=True):
        assert period["startPeriod"] == stretch.start_s
        assert stretch.limit - 0.1 < period["limit"] <= stretch.limit + 1e-6
    free = composite(profiles, connector_id, at, duration_s, sessions, unit)
    if all(stretch.limit < math.inf for stretch in free.stretches):
        asked = Asked(connector_id, duration_s, at)
        report = encode(composite_response(free))
        assert disagreements(report, asked, profiles, sessions, tolerance_s=0.0) == ()
