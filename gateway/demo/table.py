"""The depot live in a terminal: progress, load against the fuse, each connector and its reason.

Draws are the truth; offers and reasons come from the gateway's own API.
"""

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from gateway.demo.depot import Depot
from gateway.site.electrical import CONDUCTORS

BAR_WIDTH: Final = 40
NEWS_LINES: Final = 4


def render(
    depot: Depot, state: Mapping[str, Any] | None, elapsed_s: float, seconds: float, news: list[str]
) -> RenderableType:
    """One frame.

    Args:
        state: What the gateway's API tells; None while it tells nothing.
        news: What happened, oldest first.
    """
    return Group(
        _progress(elapsed_s, seconds),
        _feeder(depot),
        _surroundings(depot, state),
        _connectors(depot, _offers(state)),
        *(Text(f"  {line}", style="dim") for line in news[-NEWS_LINES:]),
    )


def _progress(elapsed_s: float, seconds: float) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    shown_s = min(max(0.0, elapsed_s), seconds)
    grid.add_row(
        Text("demo", style="bold"),
        ProgressBar(total=seconds, completed=shown_s, width=BAR_WIDTH),
        f"{shown_s:.0f} of {seconds:.0f} s",
    )
    return grid


def _feeder(depot: Depot) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    load, limit_a = depot.load(), depot.plan.limit_a
    for conductor in CONDUCTORS:
        current_a = load[conductor]
        style = "red" if current_a > limit_a else "green"
        grid.add_row(
            Text(conductor.name, style="bold"),
            ProgressBar(
                total=limit_a,
                completed=min(current_a, limit_a),
                width=BAR_WIDTH,
                complete_style=style,
                finished_style=style,
            ),
            Text(f"{current_a:5.1f} A of {limit_a:g} A", style=style),
        )
    return grid


def _surroundings(depot: Depot, state: Mapping[str, Any] | None) -> Text:
    waiting = sum(cp["upstream"]["waiting"] for cp in (state or {}).get("charge_points", ()))
    cloud_up = depot.cloud_server.is_up and not depot.cloud.muted
    text = Text(f"building {depot.building_a:g} A   meter ")
    text.append(*(("silent", "red") if depot.meter.silent else ("answers", "green")))
    text.append("   cloud ")
    text.append(*(("up", "green") if cloud_up else ("away", "red")))
    text.append(f"   {waiting} messages wait   gateway ")
    text.append(*(("up", "green") if state is not None else ("not answering", "red")))
    return text


def _offers(state: Mapping[str, Any] | None) -> dict[tuple[str, int], Mapping[str, Any]]:
    return {
        (charge_point["identity"], connector["connector_id"]): connector
        for charge_point in (state or {}).get("charge_points", ())
        for connector in charge_point["connectors"]
    }


def _connectors(depot: Depot, offers: Mapping[tuple[str, int], Mapping[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("charge point", "on", "status", "offer", "draws", "reason"):
        table.add_column(heading, justify="right" if heading in {"offer", "draws"} else "left")
    at_s = depot.clock.now().monotonic_s
    for identity, charge_point in depot.charge_points.items():
        outlet = charge_point.outlet(1)
        offer = offers.get((identity, 1))
        offered = f"{outlet.pilot_a(at_s):.1f} A" if offer is None else f"{offer['offer_a']:.1f} A"
        draw_a = outlet.draw_a(at_s)
        table.add_row(
            identity,
            " ".join(c.name for c in outlet.connector.conductors),
            outlet.status if charge_point.online else "offline",
            offered,
            Text(f"{draw_a:.1f} A", style="green" if draw_a > 0 else "dim"),
            "" if offer is None else str(offer["reason"]),
        )
    return table
