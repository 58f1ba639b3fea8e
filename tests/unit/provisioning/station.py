"""A charge point that keeps a configuration, as a desk; what it answers is told on the bus."""

import json
from typing import Any

from gateway.events import CallEnded
from gateway.ocpp.calls import Answered, Caller, CallOutcome
from gateway.site.depot import BootPolicy
from tests.unit.service_bench import Bench, accepted


class Station:
    """Fulfils `ChargePointDesk` and `AcceptanceDesk` for one charge point.

    Args:
        keys: Its configuration.
        readonly: Those that it does not let anybody change.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.keys: dict[str, str] = {}
        self.readonly: set[str] = set()
        self.answers: dict[str, CallOutcome] = {}
        """Outcomes of actions that it does not answer as it should."""
        self.statuses: dict[str, str] = {}
        """What changes of these keys get."""
        self.called: list[tuple[str, Any]] = []
        self.status: str | None = "Accepted"
        self.policy = BootPolicy.ACCEPT

    def is_online(self, identity: str) -> bool:
        """Always."""
        return True

    def registration(self, identity: str) -> str | None:
        """As told."""
        return self.status

    def boot_policy(self, identity: str) -> BootPolicy:
        """As told."""
        return self.policy

    async def decide_boot(self, identity: str, policy: BootPolicy | None) -> None:
        """Nobody does."""

    async def call(
        self,
        identity: str,
        action: str,
        payload: bytes,
        timeout_s: float | None = None,
        *,
        caller: Caller = Caller.GATEWAY,
    ) -> CallOutcome:
        """Keep the CALL, and answer."""
        request = json.loads(payload)
        self.called.append((action, request))
        outcome = self.answers.get(action) or self._answer(action, request)
        now = self.bench.clock.now().utc
        self.bench.bus.publish(CallEnded(identity, action, payload, outcome, caller, now, now))
        return outcome

    def asked(self) -> list[Any]:
        """The keys of each GetConfiguration; None for all."""
        return [told.get("key") for action, told in self.called if action == "GetConfiguration"]

    def written(self) -> dict[str, str]:
        """Every change that was asked for, by key."""
        changes = [told for action, told in self.called if action == "ChangeConfiguration"]
        return {change["key"]: change["value"] for change in changes}

    def _answer(self, action: str, request: dict[str, Any]) -> Answered:
        if action == "GetConfiguration":
            return Answered(json.dumps(self._configuration(request.get("key"))).encode())
        if action == "ChangeConfiguration":
            return self._change(request["key"], request["value"])
        return accepted()

    def _configuration(self, asked: list[str] | None) -> dict[str, Any]:
        names = list(self.keys) if asked is None else asked
        return {
            "configurationKey": [
                {"key": name, "readonly": name in self.readonly, "value": self.keys[name]}
                for name in names
                if name in self.keys
            ],
            "unknownKey": [name for name in names if name not in self.keys],
        }

    def _change(self, key: str, value: str) -> Answered:
        status = self.statuses.get(key, "Accepted")
        if status in ("Accepted", "RebootRequired"):
            self.keys[key] = value
        return Answered(json.dumps({"status": status}).encode())
