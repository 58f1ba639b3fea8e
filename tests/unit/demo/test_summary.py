import json

from gateway.demo.judge import Verdict
from gateway.demo.summary import REACTION_TIME_S, Summary, summarise, to_json, to_text
from gateway.demo.wires import Wires
from gateway.site.electrical import PhaseCurrents

CLEAN = Verdict(started=3, in_cloud=3, lost=(), doubled=(), out_of_order=())


def wires(excess_s: float = 2.0) -> Wires:
    return Wires(
        80.0,
        max_a=PhaseCurrents(70.04, 90.06, 1.0),
        longest_excess_s=excess_s,
        reactions_s=[3.0, 2.0, 4.0],
    )


def summary(verdict: Verdict = CLEAN, excess_s: float = 2.0, *problems: str) -> Summary:
    return summarise(wires(excess_s), verdict, 1234.0, [0.004, 0.002], 8.04, problems)


def test_the_json_object_has_the_promised_shape() -> None:
    assert json.loads(to_json(summary())) == {
        "ok": True,
        "feeder": {"limit_a": 80.0, "max_a": [70.0, 90.1, 1.0], "seconds_above_limit": 2.0},
        "energy_kwh": 1.234,
        "transactions": {
            "started": 3,
            "in_cloud": 3,
            "lost": 0,
            "doubled": 0,
            "out_of_order": 0,
        },
        "authorize_ms": {"p50": 2.0, "p99": 4.0},
        "limit_reaction_s": {"p50": 3.0, "max": 4.0},
        "meter_loss_fallback_s": 8.0,
    }


def test_nothing_measured_is_null() -> None:
    told = json.loads(to_json(summarise(Wires(80.0), CLEAN, 0.0, [], None, ())))
    assert told["authorize_ms"] == {"p50": None, "p99": None}
    assert told["limit_reaction_s"] == {"p50": None, "max": None}
    assert told["meter_loss_fallback_s"] is None


def test_anything_lost_doubled_or_out_of_order_fails() -> None:
    assert not summary(Verdict(1, 0, ("gone",), (), ())).ok
    assert not summary(Verdict(1, 2, (), ("twice",), ())).ok
    assert not summary(Verdict(1, 1, (), (), ("late",))).ok


def test_a_fuse_overloaded_for_longer_than_the_reaction_time_fails() -> None:
    assert summary(CLEAN, REACTION_TIME_S).ok
    assert not summary(CLEAN, REACTION_TIME_S + 0.1).ok


def test_a_problem_that_no_number_shows_fails() -> None:
    assert not summary(CLEAN, 2.0, "the cloud objected").ok


def test_the_text_names_every_number() -> None:
    text = to_text(summary())
    assert text.startswith("OK\n")
    for part in ("3 started, 3 in the cloud", "70 / 90.1 / 1 A", "3.0 s typical", "8.0 s"):
        assert part in text
