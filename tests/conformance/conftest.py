"""One gateway process, in quiet mode, for the cases of a module."""

from collections.abc import Iterator

import pytest

from tests.conformance.station import SITE
from tests.e2e.gateway_process import GatewayProcess


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    site_file = tmp_path_factory.mktemp("conformance") / "site.toml"
    site_file.write_text(SITE)
    with GatewayProcess(site_file) as process:
        yield process
