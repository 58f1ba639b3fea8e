"""The fake gateway as a fixture."""

from collections.abc import Iterator

import pytest

from tests.unit.cli.fake_gateway import FakeGateway, fake_gateway


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    with fake_gateway() as fake:
        yield fake
