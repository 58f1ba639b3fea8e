"""``/api/v1/charge-points/{identity}/records``: what is known of a charge point, and its admission.

Records are shown as they are kept; `gateway.records` says what is in each.
"""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.ports import AcceptanceDesk, DesiredDesk, RecordDesk
from gateway.records.kinds import KINDS
from gateway.site.depot import BootPolicy
from gateway.web.bodies import body_of
from gateway.web.problems import problem, unknown_charge_point

BOOT: Final = "boot"
POLICIES: Final = {policy.value: policy for policy in BootPolicy}


class RecordPages:
    """Answers the routes.

    Args:
        identities: The charge points of the site.
    """

    def __init__(
        self,
        identities: Collection[str],
        records: RecordDesk,
        acceptance: AcceptanceDesk,
        desired: DesiredDesk,
    ) -> None:
        self._identities = identities
        self._records = records
        self._acceptance = acceptance
        self._desired = desired

    def routes(self) -> Sequence[Route]:
        """Where they stand."""
        charge_point = "/api/v1/charge-points/{identity}"
        return [
            Route(charge_point + "/records", self.all),
            Route(charge_point + "/records/{kind}", self.one),
            Route(charge_point + "/desired-configuration", self.desired),
            Route(charge_point + "/boot-policy", self.decide_boot, methods=["PUT"]),
        ]

    async def all(self, request: Request) -> Response:
        """Every record of a charge point, by kind."""
        identity = request.path_params["identity"]
        if identity not in self._identities:
            return unknown_charge_point(identity)
        records = {kind: msgspec.Raw(self._record(identity, kind) or b"{}") for kind in KINDS}
        records[BOOT] = msgspec.Raw(self._boot(identity))
        return _json(msgspec.json.encode(records))

    async def one(self, request: Request) -> Response:
        """One record."""
        identity, kind = request.path_params["identity"], request.path_params["kind"]
        if identity not in self._identities:
            return unknown_charge_point(identity)
        record = self._boot(identity) if kind == BOOT else self._record(identity, kind)
        if record is None:
            known = ", ".join(sorted((BOOT, *KINDS)))
            return problem(
                404, "unknown-record", "There is no such record.", f"Known: {known}.", kind=kind
            )
        return _json(record)

    async def desired(self, request: Request) -> Response:
        """The configuration that the site wants, beside what the charge point has, key by key."""
        identity = request.path_params["identity"]
        if identity not in self._identities:
            return unknown_charge_point(identity)
        return _json(msgspec.json.encode(self._desired.comparison(identity)))

    async def decide_boot(self, request: Request) -> Response:
        """Decide what a charge point hears on its next BootNotification."""
        identity = request.path_params["identity"]
        if identity not in self._identities:
            return unknown_charge_point(identity)
        body = await body_of(request)
        if isinstance(body, Response):
            return body
        wanted = msgspec.json.decode(body).get("policy", "")
        if wanted is not None and (not isinstance(wanted, str) or wanted not in POLICIES):
            return problem(
                400,
                "bad-body",
                "The body cannot be used.",
                f'"policy" is one of {", ".join(POLICIES)}, or null for what the site file says.',
            )
        await self._acceptance.decide_boot(identity, POLICIES[wanted] if wanted else None)
        return _json(self._boot(identity))

    def _record(self, identity: str, kind: str) -> bytes | None:
        return self._records.document(identity, kind)

    def _boot(self, identity: str) -> bytes:
        return msgspec.json.encode(
            {
                "policy": self._acceptance.boot_policy(identity).value,
                "registration": self._acceptance.registration(identity),
            }
        )


def _json(document: bytes) -> Response:
    return Response(document, media_type="application/json")
