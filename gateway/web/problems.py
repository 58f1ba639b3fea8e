"""Errors as RFC 9457 problem documents. The type is stable: programs match on it."""

from typing import Any, Final

import msgspec
from starlette.responses import Response

URN: Final = "urn:depot-gateway:problem:"


def problem(status: int, name: str, title: str, detail: str = "", **members: Any) -> Response:
    """Answer ``status`` with a problem document.

    Args:
        name: Ends the type URN, such as ``call-error``.
        title: The same sentence for every problem of this type.
        detail: What happened this time, in a sentence.
        members: Further members of the document (RFC 9457 §3.2).
    """
    document = {"type": URN + name, "title": title, "status": status, **members}
    if detail:
        document["detail"] = detail
    return Response(msgspec.json.encode(document), status, media_type="application/problem+json")


def unknown_charge_point(identity: str) -> Response:
    """404: the site file does not name ``identity``."""
    return problem(
        404,
        "unknown-charge-point",
        "The site file has no charge point of this identity.",
        charge_point=identity,
    )
