"""The page as HTML, and the files that it needs. Everything comes from the package, nothing else.

The page is written whole with the state of the moment; the script on it then only changes values.
"""

import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Final

import jinja2
from starlette.requests import Request
from starlette.responses import Response

from gateway.site.electrical import CONDUCTORS
from gateway.web.state import CircuitState, ConnectorState, DepotState, UpstreamState

CONTENT_TYPES: Final[Mapping[str, str]] = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}

OVERLOAD_SPACE: Final = 1.15
"""A bar ends this much above the limit, so that an overload is seen beyond the mark."""


DRAWS_A: Final = 0.5
"""Less than this is noise of a meter, not a vehicle that charges."""


def ampere(current_a: float | None) -> str:
    """``16.0 A``, or a dash for the unknown."""
    return "—" if current_a is None else f"{current_a:.1f} A"


def kilowatt_hours(energy_wh: float | None) -> str:
    """``12.3 kWh``, or a dash for the unknown."""
    return "—" if energy_wh is None else f"{energy_wh / 1000:.1f} kWh"


def level(load_a: float, limit_a: float, margin_a: float) -> str:
    """How near a load is to its limit: ``ok``, ``near`` (inside the margin) or ``over``."""
    if load_a > limit_a:
        return "over"
    return "near" if load_a > limit_a - margin_a else "ok"


def shown_load(circuit: CircuitState) -> tuple[float, float, float] | None:
    """The measured load, or what the balancing counts where nothing measures."""
    return circuit.load_a or circuit.counted_a


def worst_words(circuit: CircuitState) -> str:
    """The worst overload ever seen, as a sentence."""
    if circuit.worst_overload_a is None:
        return "No meter watches this circuit."
    worst_a = max(circuit.worst_overload_a)
    if worst_a <= 0:
        return "Never above its limit since the start."
    name = CONDUCTORS[circuit.worst_overload_a.index(worst_a)].name
    return f"Worst overload since the start: {ampere(worst_a)} on {name}."


def is_brief(connector: ConnectorState) -> bool:
    """True when nothing charges and nothing is drawn: such a connector is shown in two lines."""
    return not connector.active and max(connector.drawn_a or (0.0,)) < DRAWS_A


def cloud_words(upstream: UpstreamState) -> str:
    """The link to the cloud and what waits for it, in words."""
    state = "no cloud" if upstream.state == "none" else f"cloud {upstream.state}"
    return f"{state}, {upstream.waiting} waiting" if upstream.waiting else state


def summary(state: DepotState) -> dict[str, str]:
    """The depot in four short texts."""
    all_points = state.charge_points
    outlets = [connector for point in all_points for connector in point.connectors]
    mirrored = [point.upstream for point in all_points if point.upstream.state != "none"]
    connected = sum(upstream.state == "connected" for upstream in mirrored)
    return {
        "charging": f"{sum(outlet.active for outlet in outlets)} of {len(outlets)}",
        "online": f"{sum(point.online for point in all_points)} of {len(all_points)}",
        "cloud": f"{connected} of {len(mirrored)}" if mirrored else "none",
        "waiting": str(sum(upstream.waiting for upstream in mirrored)),
    }


class Pages:
    """Renders the page."""

    def __init__(self) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("gateway.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["ampere"] = ampere
        self._environment.filters["kilowatt_hours"] = kilowatt_hours
        self._environment.globals.update(
            level=level,
            shown_load=shown_load,
            worst=worst_words,
            is_brief=is_brief,
            cloud_words=cloud_words,
            overload_space=OVERLOAD_SPACE,
        )

    def depot(self, state: DepotState) -> str:
        """The page at ``/``."""
        return self._environment.get_template("depot.html").render(
            state=state, summary=summary(state)
        )


class Assets:
    """The static files, read once; browsers keep them as long as their ETag holds."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, str, str]] = {}
        for file in (resources.files("gateway.web") / "static").iterdir():
            content_type = CONTENT_TYPES.get(file.name.rpartition(".")[2])
            if content_type is not None:
                content = file.read_bytes()
                etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
                self._files[file.name] = (content, content_type, etag)

    def answer(self, request: Request) -> Response | None:
        """The file that ``request`` names; None when there is no such file."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            return None
        content, content_type, etag = found
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == etag:
            return Response(None, 304, headers)
        return Response(content, headers=headers, media_type=content_type)
