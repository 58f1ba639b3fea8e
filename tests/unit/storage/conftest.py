"""Every contract is kept by both databases, over real files."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest

from gateway.ports import Database
from tests.unit.storage.openers import OPENERS, Opener

Scenario: TypeAlias = Callable[[Database], Coroutine[Any, Any, None]]


@pytest.fixture(params=OPENERS, ids=lambda opener: str(opener.__name__))
def opener(request: pytest.FixtureRequest) -> Opener:
    """Opens a database at a path."""
    return cast(Opener, request.param)


@pytest.fixture
def play(opener: Opener, tmp_path: Path) -> Callable[[Scenario], None]:
    """Plays a scenario over a database file, the same one within a test, and closes it."""

    def run(scenario: Scenario) -> None:
        async def main() -> None:
            async with opener(tmp_path / "gateway.db") as database:
                await scenario(database)

        asyncio.run(main())

    return run
