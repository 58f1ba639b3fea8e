"""``/api/v1/tags``: who may charge, one by one and by file, and each charge point's local list.

The one rule: what the site file names is shown here and changed there; nothing here goes around it.
Files are read and written on a thread, so that a long one delays no charge point.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.authorization.decide import key
from gateway.authorization.tag_changes import Changes, compare
from gateway.authorization.tag_fields import (
    FieldFault,
    read_charge_points,
    read_expiry,
    read_id_tag,
    read_name,
    read_parent,
    read_status,
    written_expiry,
)
from gateway.authorization.tag_file import MOST_BYTES, TagFile, parse, write
from gateway.errors import StorageFailed
from gateway.ocpp.calls import Caller
from gateway.ports import LocalListDesk, TagRegister
from gateway.site.depot import Site, Tag
from gateway.web.bodies import bytes_of
from gateway.web.problems import problem, unknown_charge_point

log = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 64 * 1024
SITE_FILE: Final = "site file"
REGISTER: Final = "register"
SWITCH: Final = {"true": True, "1": True, "false": False, "0": False}


class TagBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a person says of a tag; what is left out means the usual.

    Args:
        charge_points: null means every charge point.
    """

    status: str = ""
    parent_id_tag: str | None = None
    expires_at: str | None = None
    name: str = ""
    charge_points: list[str] | None = None


class TagView(msgspec.Struct, frozen=True):
    """A tag as the API shows it; ``origin`` is ``site file`` or ``register``."""

    id_tag: str
    name: str
    status: str
    parent_id_tag: str | None
    expires_at: str | None
    charge_points: list[str] | None
    origin: str


class TagPages:
    """Answers the routes.

    Args:
        lists: Brings local lists up to date when a person asks for it.
    """

    def __init__(self, site: Site, register: TagRegister, lists: LocalListDesk) -> None:
        self._site = site
        self._site_tags = site.authorization.tags
        self._register = register
        self._lists = lists

    def routes(self) -> Sequence[Route]:
        """Where they stand."""
        one = "/api/v1/tags/{id_tag:path}"
        return [
            Route("/api/v1/tags", self.all),
            Route("/api/v1/tags.csv", self.export),
            Route("/api/v1/tags/import", self.take_file, methods=["POST"]),
            Route(one, self.put, methods=["PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route("/api/v1/charge-points/{identity}/local-list/sync", self.sync, methods=["POST"]),
        ]

    async def all(self, _: Request) -> Response:
        """``GET /api/v1/tags``: those of the site file, then those kept on this box."""
        return _json([self._view(tag) for tag in self._register.tags()])

    async def put(self, request: Request) -> Response:
        """``PUT /api/v1/tags/{id_tag}``: add a tag, or replace all that is said of it."""
        id_tag = request.path_params["id_tag"]
        if (refusal := self._named_by_site(id_tag)) is not None:
            return refusal
        body = await bytes_of(request, MAX_BODY_BYTES)
        if isinstance(body, Response):
            return body
        try:
            tag = self._tag(id_tag, msgspec.json.decode(body or b"{}", type=TagBody))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            return problem(400, "bad-body", "The body is not what describes a tag.", f"{exc}.")
        except FieldFault as fault:
            return problem(400, "bad-tag", "A tag cannot be like this.", f"{fault}.")
        is_new = self._kept(id_tag) is None
        if (failed := await self._change([tag], [])) is not None:
            return failed
        return _json(self._view(tag), 201 if is_new else 200)

    async def delete(self, request: Request) -> Response:
        """``DELETE /api/v1/tags/{id_tag}``: forget a tag."""
        id_tag = request.path_params["id_tag"]
        if (refusal := self._named_by_site(id_tag)) is not None:
            return refusal
        if self._kept(id_tag) is None:
            return problem(404, "unknown-tag", "No tag of this name is kept here.")
        return await self._change([], [id_tag]) or Response(status_code=204)

    async def export(self, request: Request) -> Response:
        """``GET /api/v1/tags.csv``: the tags kept on this box; ``?all=1`` with the site file's."""
        everything = _switch(request, "all")
        if isinstance(everything, Response):
            return everything
        tags = self._register.tags() if everything else self._kept_tags()
        return Response(
            await run_in_threadpool(write, tags),
            media_type="text/csv",
            headers={"Content-Disposition": 'attachment; filename="tags.csv"'},
        )

    async def take_file(self, request: Request) -> Response:
        """``POST /api/v1/tags/import?mode=merge|replace&apply=true|false``: a CSV file.

        Without ``apply=true`` the answer is a preview. With a problem in any row nothing is
        applied, and the answer is a problem document with ``errors``, each with its row.
        """
        mode = request.query_params.get("mode", "merge")
        if mode not in ("merge", "replace"):
            return _bad_parameter("mode", "mode must be merge or replace.")
        apply = _switch(request, "apply")
        if isinstance(apply, Response):
            return apply
        body = await bytes_of(request, MOST_BYTES)
        if isinstance(body, Response):
            return body
        found = await run_in_threadpool(parse, body, self._identities(), self._site_tags)
        if found.problems:
            return _refused_file(found)
        changes = compare(self._kept_tags(), found.tags, replace=mode == "replace")
        if apply and (changes.put or changes.remove):
            if (failed := await self._change(changes.put, changes.remove)) is not None:
                return failed
            log.info("tags.imported", extra={"facts": {"mode": mode, **_counts(changes, found)}})
        return _json(
            {
                "mode": mode,
                "applied": apply,
                "counts": _counts(changes, found),
                "added": self._views(changes.added),
                "changed": [
                    {"before": self._view(change.before), "after": self._view(change.after)}
                    for change in changes.changed
                ],
                "removed": self._views(changes.removed),
                "errors": [],
            }
        )

    async def sync(self, request: Request) -> Response:
        """``POST .../{identity}/local-list/sync?full=true``: bring it up to date, and tell how."""
        identity = request.path_params["identity"]
        if identity not in self._site.charge_points:
            return unknown_charge_point(identity)
        full = _switch(request, "full")
        if isinstance(full, Response):
            return full
        return _json(await self._lists.sync(identity, full=full, caller=Caller.OPERATOR))

    def _kept_tags(self) -> list[Tag]:
        tags = self._register.tags()
        return [tag for tag in tags if key(tag.id_tag) not in self._site_tags]

    def _kept(self, id_tag: str) -> Tag | None:
        name = key(id_tag)
        return next((tag for tag in self._kept_tags() if key(tag.id_tag) == name), None)

    def _identities(self) -> frozenset[str]:
        """What a tag may name: also a charge point that is gone, where a kept tag names it, so that
        every export can be imported."""
        named = (tag.charge_points or frozenset() for tag in self._kept_tags())
        return frozenset(self._site.charge_points).union(*named)

    def _tag(self, id_tag: str, body: TagBody) -> Tag:
        if body.charge_points == []:
            raise FieldFault("charge_points is empty; name one, or leave it out for all")
        return Tag(
            id_tag=read_id_tag(id_tag),
            status=read_status(body.status),
            parent_id_tag=read_parent(body.parent_id_tag or ""),
            expires_at=read_expiry(body.expires_at or ""),
            name=read_name(body.name),
            charge_points=read_charge_points(body.charge_points or (), self._identities()),
        )

    def _named_by_site(self, id_tag: str) -> Response | None:
        if key(id_tag) not in self._site_tags:
            return None
        return problem(
            409,
            "named-by-site-file",
            "The site file names this tag, and what it says is in force.",
            "Change it there, and start the gateway again.",
        )

    async def _change(self, put: Iterable[Tag], remove: Iterable[str]) -> Response | None:
        """The problem, or None when the change is durable."""
        try:
            await self._register.change_tags(tuple(put), tuple(remove))
        except StorageFailed as exc:
            log.warning("tags.not_written", extra={"facts": {"reason": str(exc)}})
            return problem(503, "storage-failed", "The change could not be written; none was made.")
        return None

    def _views(self, tags: Iterable[Tag]) -> list[TagView]:
        return [self._view(tag) for tag in tags]

    def _view(self, tag: Tag) -> TagView:
        return TagView(
            tag.id_tag,
            tag.name,
            tag.status,
            tag.parent_id_tag,
            written_expiry(tag.expires_at) or None,
            None if tag.charge_points is None else sorted(tag.charge_points),
            SITE_FILE if key(tag.id_tag) in self._site_tags else REGISTER,
        )


def _counts(changes: Changes, found: TagFile) -> dict[str, int]:
    return {
        "added": len(changes.added),
        "changed": len(changes.changed),
        "removed": len(changes.removed),
        "unchanged": changes.unchanged + found.of_site,
    }


def _refused_file(found: TagFile) -> Response:
    return problem(
        422,
        "bad-tag-file",
        "The file has problems; nothing was applied.",
        applied=False,
        errors=[{"row": fault.row, "problem": fault.problem} for fault in found.problems],
    )


def _switch(request: Request, name: str) -> bool | Response:
    """A query parameter that is true or false; False when it is absent."""
    value = SWITCH.get(request.query_params.get(name, "false"))
    if value is None:
        return _bad_parameter(name, f"{name} must be true or false.")
    return value


def _bad_parameter(name: str, detail: str) -> Response:
    return problem(
        400, "bad-parameter", "A query parameter is out of range.", detail, parameter=name
    )


def _json(document: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(document), status, media_type="application/json")
