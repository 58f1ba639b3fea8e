import asyncio
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from gateway.demo.depot import Depot
from gateway.demo.plan import site_plan
from gateway.demo.table import render

OFFER = {"connector_id": 1, "offer_a": 13.5, "reason": "shares what is free (feeder L2)"}
STATE = {
    "charge_points": [{"identity": "CP-01", "upstream": {"waiting": 3}, "connectors": [OFFER]}]
}


def shown(state: Mapping[str, object] | None, tmp_path: Path) -> str:
    async def story() -> str:
        depot = Depot(site_plan(2), 60.0, tmp_path)
        console = Console(width=120, record=True, file=(tmp_path / "out").open("w"))
        with console.file:
            console.print(render(depot, state, 12.0, 60.0, ["the cloud is away"]))
            return console.export_text()

    return asyncio.run(story())


def test_offers_and_reasons_come_from_the_gateway(tmp_path: Path) -> None:
    text = shown(STATE, tmp_path)
    assert "13.5 A" in text
    assert "shares what is free (feeder L2)" in text
    assert "3 messages wait" in text
    assert "12 of 60 s" in text
    assert "the cloud is away" in text


def test_without_the_gateway_the_truth_is_shown_alone(tmp_path: Path) -> None:
    text = shown(None, tmp_path)
    assert "not answering" in text
    assert "12.0 A of 50 A" in text
    assert "CP-02" in text
