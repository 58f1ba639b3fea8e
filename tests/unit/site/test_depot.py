"""The depot's words."""

import pytest

from gateway.site.depot import ConnectorKey
from tests.unit.config.files import SMALL, site_of


def test_a_connector_key_reads_as_identity_and_number() -> None:
    assert str(ConnectorKey("CP-01", 2)) == "CP-01/2"


def test_connectors_are_found_by_key() -> None:
    site = site_of(SMALL)
    (connector,) = site.connectors()
    assert site.connector(connector.key) is connector


@pytest.mark.parametrize("key", [ConnectorKey("CP-01", 2), ConnectorKey("CP-99", 1)])
def test_an_unknown_connector_is_none(key: ConnectorKey) -> None:
    assert site_of(SMALL).connector(key) is None


def test_the_feeder_is_the_circuit_without_parent() -> None:
    assert site_of(SMALL).feeder.name == "grid"
