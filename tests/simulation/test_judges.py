"""A law that cannot be broken proves nothing: each is shown a depot that breaks it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

import gateway.charge_points.service as charge_points
import gateway.upstream.service as upstream
from gateway.demo.behaviour import ProfileAnswer
from gateway.energy.service import EnergyService
from gateway.ocpp.calls import CallOutcome
from gateway.ocpp.v16.charging_profiles import lease
from gateway.runtime.line import Line
from gateway.storage.outbox import SqliteOutbox
from tests.simulation.depot import Depot
from tests.simulation.play import play
from tests.simulation.story import CLOUD_PROFILE_ID, HOUR_S

HALF_HOUR_S = HOUR_S / 2


def _disobedient(depot: Depot) -> None:
    for charge_point in depot.charge_points.values():
        charge_point.behaviour.ignores_limits = True


def test_charge_points_that_ignore_their_limits_break_the_law_of_fuses() -> None:
    outcome = play("mutant", HALF_HOUR_S, calm=True, prepare=_disobedient)
    assert any("A on feeder" in finding for finding in outcome.findings)
    assert any("for ever" in finding for finding in outcome.findings)


def _forgetful(depot: Depot) -> None:
    for charge_point in depot.charge_points.values():
        charge_point.behaviour.profile_answer = ProfileAnswer.FORGOTTEN


def test_what_cannot_be_steered_is_held_against_the_gateway_only_when_it_lasts() -> None:
    outcome = play("mutant", HALF_HOUR_S, calm=True, prepare=_forgetful)
    breaches = [finding for finding in outcome.findings if "A on " in finding]
    assert breaches
    assert all("for ever" in breach for breach in breaches)


def test_a_gateway_that_pauses_everybody_breaks_the_law_of_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing(
        connector_id: int, transaction_id: int, limit_da: int, *rest: Any, **more: Any
    ) -> bytes:
        return lease(connector_id, transaction_id, 0, *rest, **more)

    monkeypatch.setattr(charge_points, "lease", nothing)
    outcome = play("mutant", HALF_HOUR_S, calm=True)
    assert any("paused while 6 A are free" in finding for finding in outcome.findings)
    assert outcome.longest_wait_s > 60


def test_a_gateway_that_never_cuts_breaks_the_law_of_fuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    highest: dict[int, int] = {}

    def only_raises(
        connector_id: int, transaction_id: int, limit_da: int, *rest: Any, **more: Any
    ) -> bytes:
        highest[transaction_id] = max(limit_da, highest.get(transaction_id, 0))
        return lease(connector_id, transaction_id, highest[transaction_id], *rest, **more)

    monkeypatch.setattr(charge_points, "lease", only_raises)
    outcome = play("mutant", calm=True)
    assert any("A on " in finding for finding in outcome.findings)


def test_new_ids_for_retries_double_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    call: Callable[..., Any] = Line.call

    async def forgets_the_id(line: Line, action: str, payload: bytes, **more: Any) -> CallOutcome:
        more.pop("unique_id", None)
        outcome: CallOutcome = await call(line, action, payload, **more)
        return outcome

    monkeypatch.setattr(Line, "call", forgets_the_id)
    assert any(
        finding.startswith("doubled")
        for number in range(8)  # it takes a link that dies between a start and its answer
        for finding in play(f"mutant {number}").findings
    )


def test_meter_values_that_are_not_stored_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forgets(*_: Any, **__: Any) -> None:
        return None

    monkeypatch.setattr(SqliteOutbox, "append", forgets)
    monkeypatch.setattr("tests.simulation.story.DRAIN_S", 60.0)
    outcome = play("mutant", HALF_HOUR_S, calm=True)
    assert any("of its meter values" in finding for finding in outcome.findings)


def test_ids_that_are_not_translated_are_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "to_cloud", lambda stored: stored.message.payload)
    monkeypatch.setattr("tests.simulation.story.DRAIN_S", 60.0)
    outcome = play("mutant", HALF_HOUR_S, calm=True)
    assert any(finding.startswith("out of order") for finding in outcome.findings)
    assert any(finding.startswith("lost") for finding in outcome.findings)


def test_a_cloud_profile_that_gets_through_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaks(
        connector_id: int,
        transaction_id: int,
        limit_da: int,
        failsafe_da: int,
        now: datetime,
        *rest: Any,
    ) -> bytes:
        honest = lease(connector_id, transaction_id, limit_da, failsafe_da, now, *rest)
        mine = f'"chargingProfileId":{100 + connector_id}'.encode()
        theirs = f'"chargingProfileId":{CLOUD_PROFILE_ID}'.encode()
        assert mine in honest
        return honest.replace(mine, theirs)

    monkeypatch.setattr(charge_points, "lease", leaks)
    outcome = play("mutant", HALF_HOUR_S, calm=True)
    assert any("the cloud's own charging profile" in finding for finding in outcome.findings)


def test_a_bug_that_a_supervisor_hides_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(EnergyService, "_cycle", fails)
    outcome = play("mutant", HALF_HOUR_S / 6, calm=True)
    assert any("ZeroDivisionError" in finding for finding in outcome.findings)
