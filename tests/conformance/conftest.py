"""One gateway process, in quiet mode, for the cases of a module."""

import asyncio
from collections.abc import Iterator
from typing import Final

import pytest

from tests.conformance.catalogue import plan_of
from tests.conformance.stage import SITE, Stage
from tests.e2e.gateway_process import GatewayProcess

ERRORS: Final = ("<0>", "<1>", "<2>", "<3>")
"""How log lines from ERROR up begin."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Write case and edition where the report of a test carries them along."""
    for item in items:
        plan = plan_of(getattr(item, "function", None))
        if plan is not None:
            called = getattr(item, "callspec", None)
            usual = plan.editions[0]
            edition = usual if called is None else called.params.get("edition", usual)
            item.user_properties += [("case", plan.number), ("edition", edition)]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    site_file = tmp_path_factory.mktemp("conformance") / "site.toml"
    site_file.write_text(SITE)
    with GatewayProcess(site_file) as process:
        yield process
        assert "Traceback" not in process.log()


@pytest.fixture(scope="module")
def accepted(gateway: GatewayProcess) -> Stage:
    """The preconditions of the test document: accepted, connected before, connectors available."""
    stage = Stage(gateway)

    async def main() -> None:
        async with stage.connected() as station:
            await station.boots()

    asyncio.run(main())
    return stage


@pytest.fixture
def stage(accepted: Stage) -> Iterator[Stage]:
    """The stage of one case; at its end the gateway has logged no error."""
    before = len(accepted.log())
    yield accepted
    added = accepted.log()[before:].splitlines()
    assert [line for line in added if line.startswith(ERRORS)] == []
